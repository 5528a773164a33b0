"""Comments on one number: where they hang, what becomes of them when the number goes, who may write them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from reports import services
from reports.anchors import MOST, anchor_of, block_of, is_about, token_of
from reports.models import Report
from reports.report_page import load_report_page
from tests.reports.world import lasting
from workflow.choices import Subject
from workflow.models import Comment
from workflow.transitions import Refused

STUDY, TOKEN = "s1.2.group", "【中心组专题学习|今年以来|次】"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=1) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def now(report):
    return Report.objects.get(pk=report.pk)


@pytest.fixture
def report(world):
    """One under review."""
    report = services.create_report(by=world.clerk, unit=world.town, year=2025)
    services.submit_report(by=world.head, report=report)
    services.start_review(by=world.reviewer, report=now(report))
    return now(report)


def figure_of(report):
    return report.bound_figures.get(block__key=STUDY, token=TOKEN)


def comment(world, report, **more):
    values = {"key": STUDY, "token": TOKEN, "text": "与台账不符，请核对。"}
    return services.comment_on_block(by=world.reviewer, report=now(report), **{**values, **more})


def view(report):
    return load_report_page(now(report)).view_of(STUDY)


def test_an_anchor_names_block_and_token_and_a_long_token_by_its_beginning():
    assert anchor_of("a.b") == block_of("a.b") == "a.b"
    assert (block_of(anchor_of("a#b", TOKEN)), token_of(anchor_of("a#b", TOKEN))) == ("a#b", TOKEN)
    long = f"【{'长' * 150}|今年|次】"
    assert len(anchor_of("a", long)) == MOST
    assert is_about(anchor_of("a", long), "a", long)
    assert not is_about(anchor_of("a", TOKEN), "b", TOKEN)
    assert not is_about("a", "a", TOKEN)


def test_it_hangs_on_the_number_and_is_listed_under_the_block(world, report):
    comment(world, report)
    shown = view(report)
    assert [thread.about for thread in shown.threads] == ["中心组专题学习 12次"]
    chips = [piece for line in shown.lines for row in line for piece in row.pieces if not isinstance(piece, str)]
    assert [(chip.token, chip.talks) for chip in chips if chip.talks] == [(TOKEN, 1)]


def test_a_number_that_is_gone_is_said_so_and_the_comment_stays(world, report):
    first = comment(world, report)
    services.send_back_report(by=world.reviewer, report=now(report), reason="请改")
    block = report.blocks.get(key=STUDY)
    services.save_block(by=world.clerk, block=block, text="认真学习。", base_version=block.version)
    assert TOKEN in view(report).threads[0].about
    assert "no longer" in view(report).threads[0].about
    with pytest.raises(Refused):
        services.submit_report(by=world.head, report=now(report))
    answer = services.comment_on_block(by=world.clerk, report=now(report), key=STUDY, text="已删。", parent=first)
    assert answer.anchor == first.anchor
    services.submit_report(by=world.head, report=now(report))


def test_over_http_by_the_reviewer_and_on_its_own_block_alone(client, world, report):
    client.force_login(world.reviewer)
    address = reverse("reports:comment_add", args=[report.pk])
    other = report.bound_figures.exclude(block__key=STUDY).first()
    for figure in (other.pk, "x", 10**9):
        assert client.post(address, {"block": STUDY, "figure": figure, "text": "核对"}).status_code == 404
    assert client.post(address, {"block": STUDY, "figure": figure_of(report).pk, "text": "核对"}).status_code == 302
    (row,) = Comment.objects.about(Subject.REPORT, report.pk)
    assert row.anchor == anchor_of(STUDY, TOKEN)
    body = client.get(reverse("reports:figure_trace", args=[report.pk, figure_of(report).pk])).content.decode()
    assert 'class="ck-number"' in body
    assert client.post(reverse("reports:comment_resolve", args=[report.pk, row.pk])).status_code == 302


def test_others_may_not(client, world, report):
    for user in (world.admin, world.auditor):
        with pytest.raises(PermissionDenied):
            services.comment_on_block(by=user, report=now(report), key=STUDY, token=TOKEN, text="核对")
    client.force_login(world.clerk)
    body = client.get(reverse("reports:figure_trace", args=[report.pk, figure_of(report).pk])).content.decode()
    assert 'class="ck-number"' not in body
