"""Texts with a limit: taken whole or refused with the limit and the count, never cut."""

import json

import pytest
from django.urls import reverse

from accounts.choices import Role
from metrics.models import Figure
from metrics.panel import load_panel
from metrics.services import CellInput, explain_figure, save_figures
from tests.factories import make_district, make_district_year, make_figure, make_indicator, make_return, make_township, make_user
from workflow.choices import State
from workflow.models import Comment, Event
from workflow.texts import fitted, most_of
from workflow.transitions import Refused

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def township():
    district = make_district()
    make_district_year(district, 2026)
    return make_township(district)


@pytest.fixture
def clerk(township):
    return make_user(Role.TOWNSHIP_CLERK, township)


@pytest.fixture
def monthly_return(township):
    make_figure(make_return(township), make_indicator(code="visits", name="参观总次", measure="次"), 5)
    return Figure.objects.get().monthly_return


def test_the_limits_are_the_models():
    assert (most_of("metrics.Figure", "explanation"), most_of("workflow.Comment", "text")) == (300, 1000)


def test_a_text_is_counted_as_it_is_seen():
    assert fitted(" 一\r\n二 ", 3, "x") == "一\n二"
    with pytest.raises(Refused, match=r"4.*3.*1"):
        fitted("一二三四", 3, "x")


def save(by, monthly_return, explanation, version=1):
    typed = CellInput("visits", "5", version, explanation)
    return save_figures(by=by, monthly_return=monthly_return, inputs=[typed])[0]


def test_an_explanation_at_the_limit_is_kept_whole_and_one_beyond_is_refused_by_script(clerk, monthly_return):
    assert save(clerk, monthly_return, "字" * 300).status == "saved"
    result = save(clerk, monthly_return, "字" * 301, version=2)
    assert result.status == "refused"
    assert "300" in result.message
    assert "301" in result.message
    assert Figure.objects.get().explanation == "字" * 300


def test_an_explanation_beyond_the_limit_is_refused_by_form_and_shown_again(client, clerk, monthly_return):
    with pytest.raises(Refused):
        explain_figure(by=clerk, monthly_return=monthly_return, cell="visits", text="字" * 301)
    client.force_login(clerk)
    address = reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"])
    page = client.post(address, {"explanation": "长" * 301}, follow=True).content.decode()
    assert "长" * 301 in page
    assert Figure.objects.get().explanation == ""


def test_an_explanation_saved_by_script_stands_in_the_history_with_old_and_new(clerk, monthly_return):
    save(clerk, monthly_return, "集中行动")
    save(clerk, monthly_return, "补报上月", version=2)
    lines = [(line.old, line.new, line.is_explanation) for line in load_panel(monthly_return, "visits", clerk).history]
    assert lines == [("集中行动", "补报上月", True), ("", "集中行动", True)]


def test_a_new_number_that_drops_its_explanation_shows_both_in_the_history(client, clerk, monthly_return):
    save(clerk, monthly_return, "集中行动")
    save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", "6", 2)])
    lines = [(line.old, line.new, line.is_explanation) for line in load_panel(monthly_return, "visits", clerk).history]
    assert lines[:2] == [("集中行动", "", True), ("5", "6", False)]
    client.force_login(clerk)
    page = client.get(reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"])).content.decode()
    assert "<del>集中行动</del>" in page


def test_a_saved_figure_whose_explanation_stays_says_nothing_of_it(clerk, monthly_return):
    save_figures(by=clerk, monthly_return=monthly_return, inputs=[CellInput("visits", "6", 1)])
    assert Event.objects.get(deed="save").changes == [{"cell": "visits", "old": "5", "new": "6"}]


@pytest.mark.parametrize(("count", "status", "kept"), [(1000, 200, 1), (1001, 409, 0)])
def test_a_comment_beyond_the_limit_is_refused_and_comes_back_whole(client, clerk, monthly_return, count, status, kept):
    client.force_login(clerk)
    address = reverse("metrics:add_comment", args=[monthly_return.pk])
    answer = client.post(address, {"cell": "visits", "text": "说" * count}, headers=FETCH)
    assert answer.status_code == status
    assert "说" * count in answer.content.decode()
    assert Comment.objects.count() == kept
    assert status == 200 or "1001" in answer.context["error"]


@pytest.mark.parametrize(("count", "status", "state"), [(1000, 302, State.RETURNED), (1001, 409, State.IN_REVIEW)])
def test_a_reason_beyond_the_limit_moves_nothing_and_comes_back_whole(client, township, count, status, state):
    make_indicator(code="visits")
    under_review = make_return(township, state=State.IN_REVIEW)
    client.force_login(make_user(Role.DISTRICT_REVIEWER, township.parent))
    answer = client.post(reverse("metrics:deed", args=[under_review.pk, "send_back"]), {"reason": "因" * count})
    assert answer.status_code == status
    under_review.refresh_from_db()
    assert under_review.state == state
    assert status == 302 or "因" * 1001 in answer.content.decode()


def test_the_panel_names_the_limits_and_cuts_nothing(client, clerk, monthly_return):
    client.force_login(clerk)
    page = client.get(reverse("metrics:cell_panel", args=[monthly_return.pk, "visits"])).content.decode()
    assert 'data-most="1000"' in page
    assert "maxlength" not in page


def test_cells_by_script_name_the_refusal(client, clerk, monthly_return):
    client.force_login(clerk)
    cell = {"cell": "visits", "raw": "5", "base_version": 1, "explanation": "字" * 301}
    answer = client.post(
        reverse("metrics:save_cells", args=[monthly_return.pk]), json.dumps({"cells": [cell]}), content_type="application/json"
    )
    assert answer.json()["cells"][0]["status"] == "refused"
    assert "301" in answer.json()["cells"][0]["message"]
