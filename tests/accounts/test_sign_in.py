"""Signing in: the throttle, the words, where it leads; one-time passwords; signing out."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.choices import Role
from accounts.models import LoginAttempt
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN_URL = "/accounts/sign-in/"


@pytest.fixture
def clerk(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return factories.make_user(Role.TOWNSHIP_CLERK, login="clerk", password=factories.PASSWORD)


def try_in(client, login="clerk", password=factories.PASSWORD, **extra):
    return client.post(LOGIN_URL, {"login": login, "password": password, **extra.pop("data", {})}, **extra)


def test_page_allows_pasting_and_names_its_fields(client):
    page = client.get(LOGIN_URL).content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


@pytest.mark.parametrize("typed", ["clerk", " CLERK ", "ｃｌｅｒｋ"])
def test_one_name_in_every_spelling(client, clerk, typed):
    assert try_in(client, typed).status_code == 302
    assert client.session["_auth_user_id"] == str(clerk.pk)


def test_leads_to_the_page_asked_for_and_never_outside(client, clerk):
    assert try_in(client, data={"next": "/board/"}).url == "/board/"
    client.logout()
    assert try_in(client, data={"next": "https://elsewhere.example/"}).url == reverse("workbench")


def test_unknown_name_wrong_password_and_disabled_account_read_the_same(client, clerk):
    factories.make_user(login="closed", password=factories.PASSWORD, is_active=False)
    pages = {
        client.post(LOGIN_URL, {"login": login, "password": word}).context["form"].non_field_errors()[0]
        for login, word in [("nobody", "x"), ("clerk", "x"), ("closed", factories.PASSWORD)]
    }
    assert len(pages) == 1


def test_sixth_try_is_refused_without_a_look_at_the_password(client, clerk, monkeypatch):
    checks = []
    real = services.authenticate
    monkeypatch.setattr(services, "authenticate", lambda *args, **kwargs: checks.append(1) or real(*args, **kwargs))
    for spelling in ["clerk", "CLERK", "ｃｌｅｒｋ", " clerk", "Clerk"]:
        assert try_in(client, spelling, "wrong").status_code == 200
    answer = try_in(client)
    assert answer.status_code == 429
    assert "15" in answer.context["form"].non_field_errors()[0]
    assert len(checks) == 5


def test_lock_ends_with_its_window(client, clerk):
    for _try in range(6):
        try_in(client, password="wrong")
    LoginAttempt.objects.update(window_start=timezone.now() - timedelta(minutes=15, seconds=1))
    assert try_in(client).status_code == 302


def test_success_forgets_the_failures_and_costs_the_address_nothing(client, clerk):
    for _try in range(4):
        try_in(client, password="wrong")
    assert try_in(client).status_code == 302
    assert not LoginAttempt.objects.filter(key__startswith="name:").exists()
    assert LoginAttempt.objects.get(key="address:127.0.0.1").count == 4


def test_neighbours_behind_one_address_get_in(client, clerk):
    neighbour = factories.make_user(login="neighbour", password=factories.PASSWORD)
    for _try in range(6):
        try_in(client, password="wrong")
    assert try_in(client, neighbour.login).status_code == 302


def test_spraying_from_one_address_ends_at_its_budget(client, clerk):
    LoginAttempt.objects.create(key="address:127.0.0.1", window_start=timezone.now(), count=services.TRIES_PER_ADDRESS)
    assert try_in(client).status_code == 429


def test_a_claimed_address_counts_only_behind_our_own_proxy(client, clerk, settings):
    try_in(client, password="wrong", HTTP_X_FORWARDED_FOR="10.0.0.9")
    assert LoginAttempt.objects.filter(key="address:127.0.0.1").exists()
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    try_in(client, password="wrong", HTTP_X_FORWARDED_FOR="10.0.0.9, 10.0.0.7")
    assert LoginAttempt.objects.filter(key="address:10.0.0.7").exists()
    assert not LoginAttempt.objects.filter(key="address:10.0.0.9").exists()


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_reserve_exactly_five():
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def guess(_number):
        try:
            services.reserve_try("name:x", services.TRIES_PER_NAME)
            return True
        except services.SignInLocked:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == 5


def test_one_time_password_leads_to_choosing_ones_own(client, clerk):
    user, password = services.make_account(login="fresh", display_name="新人", unit=clerk.unit, role=Role.TOWNSHIP_HEAD)
    try_in(client, "fresh", password)
    assert client.get("/").url == reverse("accounts:password")
    same = client.post(reverse("accounts:password"), {"new_password1": password, "new_password2": password})
    assert same.context["form"].errors
    own = "my own long words 9"
    done = client.post(reverse("accounts:password"), {"new_password1": own, "new_password2": own})
    assert done.url == reverse("workbench")
    user.refresh_from_db()
    assert not user.must_change_password
    assert client.get("/").status_code == 200


def test_changing_asks_for_the_old_password_and_ends_other_sessions(client, clerk, django_user_model):
    from django.test import Client

    other = Client()
    try_in(client)
    try_in(other)
    own = "another long password 7"
    fields = {"new_password1": own, "new_password2": own}
    assert client.post(reverse("accounts:password"), {**fields, "old_password": "wrong"}).status_code == 200
    assert client.post(reverse("accounts:password"), {**fields, "old_password": factories.PASSWORD}).status_code == 302
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "123456789012",
        "password1234",
        "clerkclerkclerk",
        "xuanchuanbu2026",
        "Qingyun@2026!!",
        "aaaaaaaaaaaaaa",
        "qwertyuiop1234",
    ],
)
def test_weak_passwords_are_refused_with_a_reason(client, clerk, weak):
    try_in(client)
    fields = {"old_password": factories.PASSWORD, "new_password1": weak, "new_password2": weak}
    answer = client.post(reverse("accounts:password"), fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_signing_out_is_a_post_and_clears_the_browser(client, clerk):
    try_in(client)
    assert client.get(reverse("accounts:logout")).status_code == 405
    answer = client.post(reverse("accounts:logout"))
    assert answer["Clear-Site-Data"] == '"cache", "cookies"'
    assert client.get("/").status_code == 302


def test_disabling_ends_the_session_at_once(client, clerk):
    try_in(client)
    type(clerk).objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get("/").url.startswith(LOGIN_URL)


def test_role_must_fit_the_unit():
    village = factories.make_village()
    with pytest.raises(ValidationError):
        services.make_account(login="wrong", display_name="错", unit=village, role=Role.TOWNSHIP_CLERK)


def test_failed_form_check_says_what_to_do(clerk):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    answer = client.post(LOGIN_URL, {"login": "clerk", "password": "x"})
    assert answer.status_code == 403
    assert "403_csrf.html" in [template.name for template in answer.templates]
    reply = client.post(LOGIN_URL, {}, headers={"Accept": "application/json"})
    assert reply.json()["error"] == "csrf"
