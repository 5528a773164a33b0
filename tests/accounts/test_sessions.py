"""A session ends after half an hour without a click, lives on with one, and is not written at every click."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session

from accounts.choices import Role
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
PAGE = "/accounts/password/"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def signed_in(client):
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(make_user(Role.TOWNSHIP_CLERK))
        assert client.get(PAGE).status_code == 200
        yield client, clock


def later(clock, **span):
    clock.shift(timedelta(**span))


def writes(queries):
    return [row["sql"] for row in queries if not row["sql"].lstrip().upper().startswith("SELECT")]


def test_half_an_hour_without_a_click_signs_out(signed_in):
    client, clock = signed_in
    later(clock, minutes=31)
    assert client.get(PAGE).status_code == 302


def test_clicking_keeps_signed_in(signed_in):
    client, clock = signed_in
    for _number in range(5):
        later(clock, minutes=25)
        assert client.get(PAGE).status_code == 200


def test_a_page_writes_nothing_within_a_minute(signed_in, django_assert_max_num_queries):
    client, clock = signed_in
    later(clock, seconds=59)
    with django_assert_max_num_queries(9) as queries:
        client.get(PAGE)
    assert writes(queries) == []
    later(clock, seconds=1)
    with django_assert_max_num_queries(9) as queries:
        client.get(PAGE)
    assert writes(queries) != []


def test_nobody_gets_a_session_by_looking(client):
    client.get("/accounts/sign-in/")
    client.get("/healthz")
    assert not Session.objects.exists()


def test_twelve_hours_after_signing_in_it_ends_however_busy(signed_in):
    client, clock = signed_in
    for _number in range(28):
        later(clock, minutes=25)
        assert client.get(PAGE).status_code == 200
    later(clock, minutes=25)
    answer = client.get(PAGE, follow=True)
    assert answer.redirect_chain[0][0].startswith("/accounts/sign-in/")
    assert "12" in str(next(iter(answer.context["messages"])))
    assert not answer.wsgi_request.user.is_authenticated


def test_signing_in_notes_when(client):
    user = make_user(Role.TOWNSHIP_CLERK, password=PASSWORD)
    with time_machine.travel(NOON, tick=False):
        client.post("/accounts/sign-in/", {"login": user.login, "password": PASSWORD})
        assert client.session["signed_in"] == NOON.timestamp()
