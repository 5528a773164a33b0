"""The return's pages: saving by script and by form, refusals that keep what was typed, deeds, comments, rounds."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from metrics.models import Figure
from metrics.services import CellInput, save_figures, submit_return, sync_catalogue
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_indicator,
    make_return,
    make_township,
    make_user,
    make_village,
)  # fmt: skip
from workflow.choices import State, Subject
from workflow.models import Comment, Round
from workflow.services import add_comment, open_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def township():
    district = make_district()
    make_district_year(district, 2026)
    return make_township(district)


@pytest.fixture
def clerk(township):
    return make_user(Role.TOWNSHIP_CLERK, township)


@pytest.fixture
def reviewer(township):
    return make_user(Role.DISTRICT_REVIEWER, township.parent)


@pytest.fixture
def monthly_return(township):
    make_indicator(code="visits", name="参观总次", measure="次")
    return make_return(township)


def url(name, monthly_return, *args):
    return reverse(f"metrics:{name}", args=[monthly_return.pk, *args])


def post_cells(client, monthly_return, *cells):
    body = json.dumps({"cells": list(cells)})
    return client.post(url("save_cells", monthly_return), body, content_type="application/json")


def test_the_grid_labels_every_input(client, clerk, monthly_return):
    client.force_login(clerk)
    page = client.get(url("return_detail", monthly_return)).content.decode()
    assert 'id="c-visits"' in page
    assert 'aria-label="参观总次，次，' in page
    assert "style=" not in page
    assert "<script>" not in page


def test_a_cell_saves_and_the_reply_tells_what_else_changed(client, clerk, township):
    whole = make_indicator(code="whole", source="derived", formula={"sum_of": ["part"]})
    make_indicator(code="part", parent=whole)
    monthly_return = make_return(township)
    client.force_login(clerk)
    reply = post_cells(client, monthly_return, {"cell": "part", "raw": "１，２３４", "base_version": 0}).json()
    assert reply["cells"][0] | {"message": ""} == {
        "cell": "part", "status": "saved", "version": 1, "kind": "value", "shown": "1,234", "message": "",
    }  # fmt: skip
    assert reply["texts"]["now:whole"] == "1,234"
    assert reply["texts"]["filled"] == "1/1"
    assert reply["submit"]["reason"] == ""


def test_text_stays_with_its_message_and_one_click_fix(client, clerk, monthly_return):
    client.force_login(clerk)
    reply = post_cells(client, monthly_return, {"cell": "visits", "raw": "1.2万", "base_version": 0}).json()
    assert (reply["cells"][0]["kind"], reply["cells"][0]["shown"]) == ("text", "1.2万")
    assert reply["marks"]["visits"][0]["fix"] == "12000"
    page = client.get(url("return_detail", monthly_return)).content.decode()
    assert 'value="1.2万"' in page
    assert 'value="visits=12000"' in page


def test_a_conflict_shows_both_sides_and_a_replay_is_no_conflict(client, clerk, monthly_return):
    client.force_login(clerk)
    post_cells(client, monthly_return, {"cell": "visits", "raw": "5", "base_version": 0})
    again = post_cells(client, monthly_return, {"cell": "visits", "raw": "5", "base_version": 0}).json()
    assert again["cells"][0]["status"] == "unchanged"
    clash = post_cells(client, monthly_return, {"cell": "visits", "raw": "6", "base_version": 0}).json()["cells"][0]
    assert clash["status"] == "conflict"
    assert (clash["other"]["raw"], clash["other"]["version"], clash["shown"]) == ("5", 1, "6")
    assert Figure.objects.get().raw == "5"


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"cells": []}', '{"cells": [1]}', '{"cells": [{"cell": "visits"}]}',
                                  '{"cells": [{"cell": 3, "raw": "1"}]}'])  # fmt: skip
def test_a_broken_body_is_refused(client, clerk, monthly_return, body):
    client.force_login(clerk)
    answer = client.post(url("save_cells", monthly_return), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_closed_return_refuses_and_says_so(client, clerk, township):
    make_indicator(code="visits")
    approved = make_return(township, state=State.APPROVED)
    client.force_login(clerk)
    answer = post_cells(client, approved, {"cell": "visits", "raw": "5", "base_version": 0})
    assert answer.status_code == 409
    assert answer.json()["message"]
    form = client.post(url("save_cells", approved), {"f-visits": "77", "seen": '{"visits": [0, ""]}'})
    assert form.status_code == 409
    assert "77" in form.content.decode()
    assert not Figure.objects.exists()


def test_the_reviewer_cannot_type(client, reviewer, monthly_return):
    client.force_login(reviewer)
    assert post_cells(client, monthly_return, {"cell": "visits", "raw": "5"}).status_code == 403
    assert "<input id=" not in client.get(url("return_detail", monthly_return)).content.decode()


def test_the_form_without_script_saves_only_what_changed(client, clerk, monthly_return):
    other = make_indicator(code="other")
    make_figure(monthly_return, other, 3)
    client.force_login(clerk)
    seen = json.dumps({"visits": [0, ""], "other": [1, "3"]})
    answer = client.post(url("save_cells", monthly_return), {"f-visits": "约9", "f-other": "3", "seen": seen}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="约9"' in page
    assert Figure.objects.get(indicator=other).version == 1
    client.post(url("save_cells", monthly_return), {"f-visits": "约9", "fix": "visits=9", "seen": '{"visits": [1, "约9"]}'})
    assert Figure.objects.get(indicator__code="visits").value == 9


def test_the_inspector_tells_scope_and_history(client, clerk, monthly_return):
    save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", "5")])
    save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", "6", 1)])
    client.force_login(clerk)
    panel = client.get(url("cell_panel", monthly_return, "visits")).content.decode()
    assert clerk.display_name in panel
    assert "<del>5</del>" in panel
    assert client.get(url("cell_panel", monthly_return, "nonsense")).status_code == 404


def test_an_explanation_can_be_kept_without_script(client, clerk, monthly_return):
    save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", "5")])
    client.force_login(clerk)
    answer = client.post(url("cell_panel", monthly_return, "visits"), {"explanation": "集中开展"})
    assert answer.status_code == 302
    assert Figure.objects.get().explanation == "集中开展"


def test_comment_answer_close(client, clerk, reviewer, monthly_return):
    monthly_return.state = State.IN_REVIEW
    monthly_return.save()
    client.force_login(reviewer)
    answer = client.post(url("add_comment", monthly_return), {"cell": "visits", "text": "请核对", "kind": "must_fix"})
    assert answer.status_code == 302
    thread = Comment.objects.get()
    by_script = {"X-Requested-With": "fetch"}
    empty = client.post(url("add_comment", monthly_return), {"cell": "visits", "text": " "}, headers=by_script)
    assert empty.status_code == 409
    monthly_return.state = State.RETURNED
    monthly_return.save()
    client.force_login(clerk)
    client.post(url("add_comment", monthly_return), {"parent": thread.pk, "text": "已核对"})
    assert thread.answers.get().author == clerk
    client.post(url("resolve_comment", monthly_return, thread.pk))
    thread.refresh_from_db()
    assert thread.resolved_by == clerk
    assert client.post(url("add_comment", monthly_return), {"parent": "x", "text": "y"}).status_code == 404


def test_a_comment_of_another_return_is_not_found(client, reviewer, monthly_return):
    other = make_return(make_township(monthly_return.unit.parent), state=State.IN_REVIEW)
    comment = Comment.objects.create(
        unit=other.unit, subject_kind=Subject.RETURN, subject_id=other.pk, anchor="visits", text="x", author=reviewer
    )
    client.force_login(reviewer)
    assert client.post(url("resolve_comment", monthly_return, comment.pk)).status_code == 404


def test_from_draft_to_approval_and_back(client, clerk, reviewer, township, monthly_return):
    head = make_user(Role.TOWNSHIP_HEAD, township)
    client.force_login(clerk)
    blocked = client.post(url("deed", monthly_return, "submit"))
    assert blocked.status_code == 409
    post_cells(client, monthly_return, {"cell": "visits", "raw": "5", "base_version": 0})
    assert client.get(url("deed", monthly_return, "submit")).status_code == 200
    walk = [
        (clerk, "submit", State.AWAITING_SIGNOFF),
        (head, "sign_off", State.SUBMITTED),
        (reviewer, "start_review", State.IN_REVIEW),
        (reviewer, "approve", State.APPROVED),
    ]
    for user, deed, state in walk:
        client.force_login(user)
        assert client.post(url("deed", monthly_return, deed)).status_code == 302
        monthly_return.refresh_from_db()
        assert monthly_return.state == state
    refused = client.post(url("deed", monthly_return, "reopen"), {"reason": ""})
    assert refused.status_code == 409
    client.post(url("deed", monthly_return, "reopen"), {"reason": "漏报一场"})
    monthly_return.refresh_from_db()
    assert monthly_return.state == State.RETURNED
    client.force_login(clerk)
    assert "漏报一场" in client.get(url("return_detail", monthly_return)).content.decode()


def test_a_stale_page_keeps_the_reason_that_was_typed(client, reviewer, township):
    monthly_return = make_return(township, state=State.IN_REVIEW)
    client.force_login(reviewer)
    answer = client.post(url("deed", monthly_return, "send_back"), {"reason": "请核对时长", "seen": "submitted.1"})
    assert answer.status_code == 409
    assert "请核对时长" in answer.content.decode()
    monthly_return.refresh_from_db()
    assert monthly_return.state == State.IN_REVIEW


def test_rounds_stay_readable_with_their_differences(client, clerk, reviewer, monthly_return):
    client.force_login(clerk)
    for raw, base in (("74", 0), ("76", 1)):
        save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", raw, base)])
        submit_return(by=clerk, monthly_return=monthly_return)
        client.post(url("deed", monthly_return, "withdraw"))
    assert Round.objects.count() == 2
    assert client.get(url("rounds", monthly_return)).status_code == 200
    page = client.get(url("round_detail", monthly_return, 2)).content.decode()
    assert "<del>74</del>" in page
    assert client.get(url("round_detail", monthly_return, 3)).status_code == 404
    assert "76" in client.get(url("return_print", monthly_return)).content.decode()


def test_a_village_clerk_is_led_to_the_own_row_and_sees_nothing_else(client, township, monthly_return):
    make_indicator(code="hours", level="village")
    village = make_village(township)
    client.force_login(make_user(Role.VILLAGE_CLERK, village))
    assert client.get(url("return_detail", monthly_return)).status_code == 302
    for name, args in (("rounds", ()), ("return_print", ()), ("cell_panel", ("visits",)), ("deed", ("submit",))):
        assert client.get(url(name, monthly_return, *args)).status_code == 404


def test_the_page_costs_the_same_with_one_row_and_with_many(client, clerk, monthly_return):
    client.force_login(clerk)
    client.get(url("return_detail", monthly_return))
    with CaptureQueriesContext(connection) as one:
        client.get(url("return_detail", monthly_return))
    sync_catalogue()
    for _ in range(10):
        make_village(monthly_return.unit)
    with CaptureQueriesContext(connection) as many:
        client.get(url("return_detail", monthly_return))
    assert len(many) <= len(one) + 2  # the catalogue brings a rank: two months of it
    assert len(many) <= 26


def test_a_first_submission_with_nothing_odd_shows_the_reviewer_every_row(client, reviewer, township):
    visits = make_indicator(code="visits", name="参观总次", measure="次")
    first = make_return(township, month=8, state=State.IN_REVIEW)
    make_figure(first, visits, 3)
    client.force_login(reviewer)
    assert client.get(url("return_detail", first)).context["show"] == "all"
    Comment.objects.create(
        unit=township, subject_kind=Subject.RETURN, subject_id=first.pk, anchor="visits", text="?", author=reviewer
    )
    assert client.get(url("return_detail", first)).context["show"] == "attention"


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.DISTRICT_REVIEWER, "queue"),
        (Role.AUDITOR, "board"),
        (Role.DISTRICT_ADMIN, "board"),
        (Role.TOWNSHIP_HEAD, "return_list"),
    ],
)
def test_the_way_back_starts_where_the_person_came_from(client, township, role, name):
    waiting = make_return(township, month=8, state=State.IN_REVIEW)
    unit = township if role == Role.TOWNSHIP_HEAD else township.parent
    client.force_login(make_user(role, unit))
    for address in (url("return_detail", waiting), url("deed", waiting, "approve")):
        crumb = client.get(address).content.decode().partition('class="crumb"')[2].partition("</nav>")[0]
        assert f'href="{reverse(f"metrics:{name}")}' in crumb


def test_the_printed_form_shows_figures_only_and_no_version_before_the_first_submission(client, clerk, monthly_return):
    client.force_login(clerk)
    post_cells(client, monthly_return, {"cell": "visits", "raw": "约12或13", "base_version": 0})
    page = client.get(reverse("metrics:return_print", args=[monthly_return.pk])).content.decode()
    assert "约12或13" not in page
    assert "第 0 版" not in page
    handed_in = make_return(monthly_return.unit, month=8, state=State.SUBMITTED)
    assert "第 1 版" in client.get(reverse("metrics:return_print", args=[handed_in.pk])).content.decode()


def test_the_page_proposes_a_reason_where_comments_ask_for_a_correction_and_sends_none_by_itself(client):
    monthly_return = make_return(state=State.IN_REVIEW, revision=1)
    reviewer = make_user("district_reviewer", monthly_return.unit.parent)
    client.force_login(reviewer)
    url = reverse("metrics:deed", args=[monthly_return.pk, "send_back"])
    assert client.get(url).context["reason"] == ""
    open_round(by=reviewer, subject_kind=Subject.RETURN, subject=monthly_return, snapshot={})
    add_comment(by=reviewer, subject_kind=Subject.RETURN, subject=monthly_return, anchor="x", text="请核对")
    proposed = client.get(url).context["reason"]
    assert proposed
    assert proposed in client.get(url).content.decode()
    assert client.post(url, {"reason": "  "}).status_code == 409
    monthly_return.refresh_from_db()
    assert monthly_return.state == State.IN_REVIEW


def send_back(client, monthly_return, reviewer, *cells, notes=()):
    """Let the reviewer comment on cells, ask for corrections of some, and send the return back."""
    monthly_return.state = State.IN_REVIEW
    monthly_return.save()
    client.force_login(reviewer)
    for cell in cells:
        client.post(url("add_comment", monthly_return), {"cell": cell, "text": "请核对", "kind": "must_fix"})
    for cell in notes:
        client.post(url("add_comment", monthly_return), {"cell": cell, "text": "供参考", "kind": "note"})
    assert client.post(url("deed", monthly_return, "send_back"), {"reason": "请核对"}).status_code == 302


def test_a_return_that_came_back_opens_at_its_first_marked_cell(client, clerk, reviewer, monthly_return):
    make_indicator(code="talks", name="宣讲场次", measure="场")
    send_back(client, monthly_return, reviewer, "talks", notes=["visits"])  # a note of an earlier row comes second
    client.force_login(clerk)
    context = client.get(url("return_detail", monthly_return)).context
    assert (context["show"], context["marked"], context["panel"].cell) == ("comments", "talks", "talks")
    chosen = client.get(url("return_detail", monthly_return) + "?show=all").context
    assert (chosen["show"], chosen["marked"], chosen["panel"]) == ("all", "", None)
    thread = Comment.objects.get(anchor="talks")
    client.post(url("add_comment", monthly_return), {"parent": thread.pk, "text": "已核对"})
    assert client.get(url("return_detail", monthly_return)).context["marked"] == "visits"
    asked = client.get(url("return_detail", monthly_return) + "?cell=visits").context
    assert (asked["marked"], asked["panel"].cell) == ("", "visits")


def test_nobody_else_and_no_return_without_comments_opens_at_a_marked_cell(client, clerk, reviewer, monthly_return):
    send_back(client, monthly_return, reviewer)
    client.force_login(clerk)
    context = client.get(url("return_detail", monthly_return)).context
    assert (context["show"], context["marked"], context["panel"]) == ("all", "", None)
    send_back(client, monthly_return, reviewer, "visits")
    context = client.get(url("return_detail", monthly_return)).context  # the reviewer corrects nothing
    assert (context["show"], context["marked"], context["panel"]) == ("all", "", None)


def test_what_is_left_is_counted_in_cells_everywhere(client, clerk, township, monthly_return):
    """Two villages and an optional cell: the tab and what is filled make up the whole; the button counts what is required."""
    make_indicator(code="people", level="village", measure="人")
    make_indicator(code="extra", is_required=False)
    for name in ("柳塘村", "石桥村"):
        make_village(township, name=name)
    client.force_login(clerk)
    texts = client.get(url("return_detail", monthly_return)).context["grid"]
    assert (texts.filled, texts.fillable, texts.counts["blank"], texts.blanks) == (0, 4, 4, 3)
    reply = post_cells(client, monthly_return, {"cell": "visits", "raw": "5", "base_version": 0}).json()
    assert (reply["texts"]["filled"], reply["texts"]["show:blank"], reply["texts"]["blanks"]) == ("1/4", "3", "2")
    assert " 2 " in reply["submit"]["label"]
