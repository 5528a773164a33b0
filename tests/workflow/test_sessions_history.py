"""Signing in, being locked out, changing the password and signing out are in the history, without any password."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import LoginAttempt
from accounts.services import TRIES_PER_NAME, unlock_sign_in
from tests.factories import PASSWORD, make_user
from workflow.models import Event
from workflow.queries import chain_faults

pytestmark = pytest.mark.django_db
NEW = "a much longer passphrase 7"


@pytest.fixture
def clerk():
    return make_user(login="clerk1", password=PASSWORD)


def try_in(client, login="clerk1", password=PASSWORD):
    return client.post(reverse("accounts:login"), {"login": login, "password": password}, REMOTE_ADDR="10.0.0.7")


def deeds():
    return list(Event.objects.order_by("pk").values_list("deed", flat=True))


def test_a_working_day_is_in_the_history(client, clerk):
    try_in(client)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post(reverse("accounts:password"), fields)
    client.post(reverse("accounts:logout"))
    assert deeds() == ["sign_in", "change_password", "sign_out"]
    assert {(row.actor_login, row.subject_id, row.unit_id) for row in Event.objects.all()} == {
        ("clerk1", clerk.pk, clerk.unit_id)
    }
    assert Event.objects.get(deed="sign_in").changes == [{"login": "clerk1", "address": "10.0.0.7"}]
    written = str([row.changes for row in Event.objects.all()])
    assert PASSWORD not in written
    assert NEW not in written
    assert chain_faults(clerk.unit.code) == []


def test_a_failed_try_and_a_refused_password_leave_nothing(client, clerk):
    try_in(client, password="wrong")
    try_in(client, login="nobody")
    assert deeds() == []
    client.force_login(clerk)
    client.post(reverse("accounts:password"), {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW})
    assert deeds() == []


def test_a_lock_out_is_recorded_once_a_window(client, clerk):
    for number in range(TRIES_PER_NAME + 4):
        answer = try_in(client, password="wrong")
        assert answer.status_code == (200 if number < TRIES_PER_NAME else 429)
        assert deeds() == ["lock_out"] * (number >= TRIES_PER_NAME)
    event = Event.objects.get()
    assert (event.actor_login, event.subject_id) == ("system", clerk.pk)
    assert event.changes == [{"login": "clerk1", "address": "10.0.0.7"}]
    unlock_sign_in("clerk1")
    assert try_in(client).status_code == 302
    assert deeds() == ["lock_out", "sign_in"]


def test_names_that_no_account_has_fill_no_history(client):
    for _number in range(TRIES_PER_NAME + 2):
        answer = try_in(client, login="nobody")
    assert answer.status_code == 429
    assert LoginAttempt.objects.exists()
    assert deeds() == []


def test_signing_in_costs_few_queries_more(client, clerk):
    try_in(client)
    client.post(reverse("accounts:logout"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        try_in(client)
    events = [row["sql"] for row in queries if "workflow_event" in row["sql"]]
    assert len(events) <= 4
