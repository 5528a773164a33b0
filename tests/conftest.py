"""What every test shares: quick password hashes and plain static files, whatever the environment says."""

import os

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings

from workflow import triggers

QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
}


@pytest.fixture(autouse=True, scope="session")
def quick_settings():
    """Spare the tests Argon2 and the manifest of static files; tests about either set them back."""
    with override_settings(**QUICK):
        yield


@pytest.fixture(autouse=True, scope="session")
def history_can_be_emptied():
    """A test with transactions of its own leaves its rows behind; only while these are emptied are the triggers lifted."""
    empty = TransactionTestCase._fixture_teardown

    def empty_history_too(case):
        triggers.remove(connection)
        triggers.allow_truncate(connection)
        try:
            empty(case)
        finally:
            triggers.install(connection)
            triggers.refuse_truncate(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_history_too)
        yield


def pytest_collection_modifyitems(config, items):
    """Leave out what cannot differ between engines when TWR_TEST_ONCE says that another run has had it."""
    if os.environ.get("TWR_TEST_ONCE"):
        twice = [item for item in items if _may_differ(item) or item.get_closest_marker("pdf")]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(twice)])
        items[:] = twice


def _may_differ(item) -> bool:
    return _asks_a_database(item) and not item.get_closest_marker("once")


def _asks_a_database(item) -> bool:
    if item.cls and issubclass(item.cls, TransactionTestCase):
        return True
    return bool(item.get_closest_marker("django_db")) or not {"db", "transactional_db"}.isdisjoint(item.fixturenames)
