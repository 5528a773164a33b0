"""What every test shares: quick password hashes and plain static files, whatever the environment says."""

import pytest
from django.test import override_settings

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
