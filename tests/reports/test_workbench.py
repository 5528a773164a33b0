"""The workbench: each role sees what waits for it, and what is in its way; at constant cost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from metrics.board import ABSENT, RETURNED, SIGNING
from metrics.choices import Level
from tests import factories
from workflow.choices import Subject
from workflow.models import Comment
from workflow.services import close_round, open_round, record_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return factories.make_district()


@pytest.fixture
def township(district):
    return factories.make_township(district, "青云镇")


def sign_in(client, role, unit):
    user = factories.make_user(role, unit)
    client.force_login(user)
    return user


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_workbench_even_when_nothing_is_there(client, role):
    client.force_login(factories.make_user(role))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "mr-empty" in answer.content.decode() or "kpis" in answer.content.decode() or "mr-card" in answer.content.decode()


def test_clerk_sees_the_returned_month_first_with_its_reason_and_what_blocks(client, district, township):
    clerk = sign_in(client, Role.TOWNSHIP_CLERK, township)
    now = timezone.now()
    blank, typed = factories.make_indicator(name="学习次数"), factories.make_indicator(name="发稿数")
    factories.make_return(township, now.year, 1, due_at=now + timedelta(days=1))
    returned = factories.make_return(township, now.year, 2, state="returned", due_at=now + timedelta(days=30))
    factories.make_figure(returned, typed, kind="text", raw="约100")
    factories.make_figure(returned, blank, kind="blank")
    reviewer = factories.make_user(Role.DISTRICT_REVIEWER, district)
    record_event(
        by=reviewer, unit=township, subject_kind=Subject.RETURN, subject_id=returned.pk, deed="send_back",
        to_state="returned", reason="请核对发稿数",
    )  # fmt: skip
    Comment.objects.create(
        unit=township, subject_kind=Subject.RETURN, subject_id=returned.pk, anchor=typed.code, text="?", author=reviewer
    )
    answer = client.get("/")
    first, second = answer.context["bench"].tasks
    assert (first.monthly_return, first.blanks, len(first.errors), first.unanswered) == (returned, 1, 1, 1)
    assert second.blanks == 2
    assert not first.is_ready
    page = answer.content.decode()
    assert "请核对发稿数" in page
    assert f"cell={typed.code}#c-{typed.code}" in page
    assert clerk.display_name in page


def test_a_full_return_is_ready(client, township):
    sign_in(client, Role.TOWNSHIP_CLERK, township)
    row = factories.make_return(township, 2026, 3)
    factories.make_figure(row, factories.make_indicator(), 4)
    (task,) = client.get("/").context["bench"].tasks
    assert task.is_ready
    assert (task.filled, task.fillable) == (1, 1)


def test_head_sees_what_waits_for_sign_off(client, township):
    sign_in(client, Role.TOWNSHIP_HEAD, township)
    row = factories.make_return(township, 2026, 3, state="awaiting_signoff")
    answer = client.get("/")
    assert answer.context["bench"].to_sign == (row,)
    assert reverse("metrics:return_detail", args=[row.pk]) in answer.content.decode()


def test_last_rounds_say_how_they_ended(client, township):
    clerk = sign_in(client, Role.TOWNSHIP_CLERK, township)
    row = factories.make_return(township, 2026, 3, state="approved")
    open_round(by=clerk, subject_kind=Subject.RETURN, subject=row, snapshot={"cells": {}})
    close_round(by=clerk, subject_kind=Subject.RETURN, subject_id=row.pk, outcome="approve")
    answer = client.get("/")
    (line,) = answer.context["bench"].rounds
    assert line.submission.outcome == "approve"
    assert reverse("metrics:round_detail", args=[row.pk, 1]) in answer.content.decode()


def test_village_clerk_sees_the_own_row_alone(client, township):
    village, other = factories.make_village(township), factories.make_village(township)
    factories.make_indicator(level=Level.VILLAGE)
    factories.make_indicator()
    factories.make_return(township, 2026, 3)
    sign_in(client, Role.VILLAGE_CLERK, village)
    (task,) = client.get("/").context["village"].tasks
    assert [row.cell.partition("@")[2] for row in task.findings] == [village.code]
    assert other.name not in client.get("/").content.decode()


def test_reviewer_sees_the_queue_and_who_is_overdue(client, district, township):
    sign_in(client, Role.DISTRICT_REVIEWER, district)
    now = timezone.now()
    waiting = factories.make_return(township, 2026, 3, state="submitted")
    overdue = factories.make_return(factories.make_township(district), 2026, 3, due_at=now - timedelta(days=4))
    factories.make_return(state="submitted")
    bench = client.get("/").context["district"]
    assert bench.waiting == (waiting,)
    assert [(one.monthly_return, one.mark) for one in bench.overdue] == [(overdue, ABSENT)]
    assert bench.counts == {"new": 1, "taken": 0, "again": 0}


def test_what_waits_at_the_head_is_not_with_the_district_yet(client, district):
    """Counted once, under one name: at the head's in time, at the head's too late, sent back, never handed in, received."""
    now = timezone.now()
    today = timezone.localdate()
    at = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    due = now - timedelta(days=4)
    made = {
        name: factories.make_return(
            factories.make_township(district), *at, state=state, due_at=due - timedelta(hours=hour),
            submitted_at=now - timedelta(days=days) if days else None,
        )
        for hour, (name, state, days) in enumerate([
            ("received", "submitted", 6), ("signing", "awaiting_signoff", 6), ("late", "awaiting_signoff", 2),
            ("returned", "returned", 6), ("absent", "draft", 0),
        ])
    }  # fmt: skip
    sign_in(client, Role.DISTRICT_REVIEWER, district)
    page = client.get("/")
    bench, text = page.context["district"], page.content.decode()
    figures = bench.figures
    assert (figures.handed_in, figures.signing, figures.returned, figures.overdue, figures.townships) == (1, 1, 1, 2, 5)
    marks = {one.monthly_return: one.mark for one in bench.overdue}
    assert marks == {made["signing"]: SIGNING, made["late"]: ABSENT, made["returned"]: RETURNED, made["absent"]: ABSENT}
    assert [str(mark.words) in text for mark in (SIGNING, ABSENT, RETURNED)] == [True] * 3


def test_admin_sees_accounts_and_settings(client, district):
    sign_in(client, Role.DISTRICT_ADMIN, district)
    factories.make_user(Role.DISTRICT_REVIEWER, district, must_change_password=True)
    factories.make_user(Role.AUDITOR, district, is_active=False)
    factories.make_district_year(district, timezone.localdate().year, due_day=9)
    answer = client.get("/")
    figures = answer.context["accounts"]
    assert (figures.active, figures.one_time, figures.disabled) == (2, 1, 1)
    assert answer.context["settings"].due_day == 9


def test_cost_does_not_grow_with_the_district(client, district, township, django_assert_max_num_queries):
    sign_in(client, Role.DISTRICT_REVIEWER, district)
    factories.make_return(township, 2026, 3, state="submitted")
    with django_assert_max_num_queries(20) as few:
        client.get("/")
    for _township in range(15):
        unit = factories.make_township(district)
        factories.make_return(unit, 2026, 3, state="submitted")
        factories.make_return(unit, 2026, 4, due_at=timezone.now() - timedelta(days=1))
    with django_assert_max_num_queries(len(few)):
        client.get("/")
