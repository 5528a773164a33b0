"""Settings: production says what it lacks; every answer carries the policy; SQLite is set up to lose nothing."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import path

from config.sqlite import FIRST_SOUND_VERSION
from tests.factories import PASSWORD, make_user

ROOT = Path(__file__).resolve().parent.parent
FULL = {
    "TWR_PRODUCTION": "1",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "reports.example",
    "DATABASE_URL": "postgres://township:secret@127.0.0.1:5432/township",
    "REDIS_URL": "redis://:secret@127.0.0.1:6379/0",
}
# what is wrong: (the environment's differences, words of the message)
BROKEN = {
    "no secret": ({"SECRET_KEY": ""}, ("SECRET_KEY", "not set")),
    "a short secret": ({"SECRET_KEY": "short"}, ("SECRET_KEY", "shorter than 50")),
    "no hosts": ({"ALLOWED_HOSTS": ""}, ("ALLOWED_HOSTS", "not set")),
    "no database": ({"DATABASE_URL": ""}, ("DATABASE_URL", "PostgreSQL")),
    "SQLite": ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, ("DATABASE_URL", "PostgreSQL")),
    "no broker": ({"REDIS_URL": ""}, ("REDIS_URL", "not set")),
    "no size": ({"TWR_EVIDENCE_FILE_MB": "20MB"}, ("TWR_EVIDENCE_FILE_MB", "20MB", "whole number")),
    "a size of nothing": ({"TWR_EVIDENCE_MONTH_MB": "0"}, ("TWR_EVIDENCE_MONTH_MB", "whole number")),
    "debugging": ({"TWR_DEBUG": "1"}, ("TWR_DEBUG", "refused in production")),
}


def manage(folder, environment, *command):
    """Run manage.py in an environment of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=kept | {"TWR_DATA_DIR": str(folder)} | environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_production_refuses_to_start_and_says_why(tmp_path, what):
    changes, words = BROKEN[what]
    done = manage(tmp_path, FULL | changes, "check")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert all(word in last for word in words), last


def test_production_raises_no_warning(tmp_path):
    done = manage(tmp_path, FULL, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "0 silenced" in done.stdout + done.stderr


def test_production_cookies_and_transport(tmp_path):
    names = [
        "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG",
    ]  # fmt: skip
    code = f"from django.conf import settings; print([getattr(settings, name) for name in {names}])"
    done = manage(tmp_path, FULL, "shell", "-v", "0", "-c", code)
    wanted = ["__Host-sid", True, True, "Strict", "__Host-csrf", True, True, True, 31536000, False]
    assert done.stdout.strip() == str(wanted), done.stderr


def test_the_embedded_secret_is_made_once_and_kept_private(tmp_path):
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (manage(tmp_path, {}, "shell", "-v", "0", "-c", code).stdout.strip() for _time in range(2))
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def crash(request):
    """A view that fails."""
    raise RuntimeError("planted")


class CrashUrls:
    """The site's addresses and one that fails."""

    from config.urls import urlpatterns as _own

    urlpatterns = [*_own, path("planted-crash/", crash)]


POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "frame-ancestors": "'none'",
    "form-action": "'self'", "base-uri": "'self'",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/returns/", 200),
        ("/nowhere/", 404),
        ("/review/", 403),
        ("/planted-crash/", 500),
        ("/accounts/password/", 200),
    ],
)
@override_settings(ROOT_URLCONF=CrashUrls)
def test_every_answer_carries_the_policy(address, status):
    client = Client(raise_request_exception=False)
    client.force_login(make_user("township_clerk"))
    check_answer(client.get(address), status)


@pytest.mark.django_db
def test_answers_to_strangers_carry_the_policy():
    check_answer(Client().get("/accounts/sign-in/"), 200)
    check_answer(Client().get("/"), 302)
    check_answer(Client().get("/healthz"), 503, 200)
    check_answer(Client(enforce_csrf_checks=True).post("/accounts/sign-in/", {}), 403)


def check_answer(answer, *statuses):
    assert answer.status_code in statuses
    words = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part.strip())
    assert {name: words.get(name) for name in POLICY} == POLICY
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_cookies_are_closed_to_scripts_and_other_sites():
    make_user("township_clerk", login="flagbearer", password=PASSWORD)
    client = Client()
    client.get("/accounts/sign-in/")
    client.post("/accounts/sign-in/", {"login": "flagbearer", "password": PASSWORD})
    cookies = client.cookies
    assert set(cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for morsel in cookies.values():
        assert morsel["httponly"]
        assert morsel["samesite"] == "Strict"
        assert morsel["path"] == "/"
    assert cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 1800


@pytest.mark.django_db
def test_health_names_the_parts_and_nothing_else():
    answer = Client().get("/healthz")
    assert set(answer.json()) == {"status", "database", "broker", "worker"}
    assert answer.json()["database"] == "ok"


on_sqlite = pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="about the embedded database")


@on_sqlite
def test_sqlite_is_a_sound_version():
    import sqlite3

    assert sqlite3.sqlite_version_info >= FIRST_SOUND_VERSION


@on_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 20000)]
)
def test_sqlite_loses_no_acknowledged_save(pragma, value):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone()[0] == value


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_transactions_take_the_write_lock_at_once():
    statements = []
    connection.ensure_connection()
    connection.connection.set_trace_callback(statements.append)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.connection.set_trace_callback(None)
    assert statements[0] == "BEGIN IMMEDIATE"


def test_sqlite_named_by_a_url_is_set_up_the_same(tmp_path):
    code = (
        "from django.db import connection\nwith connection.cursor() as cursor:\n"
        "    for name in ('journal_mode', 'synchronous', 'busy_timeout'):\n"
        "        print(cursor.execute(f'PRAGMA {name}').fetchone()[0])"
    )
    done = manage(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path}/own.sqlite3"}, "shell", "--no-imports", "-c", code)
    assert done.stdout.split() == ["wal", "2", "20000"], done.stderr
