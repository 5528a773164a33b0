"""Findings on the pages: level in words, counts, links and fixes, explanations where the reviewer reads them."""

import json
from datetime import date

import pytest
from django.urls import reverse

from accounts.choices import Role
from metrics.checks import return_findings
from metrics.grid import load_grid
from metrics.models import Indicator, PracticeEvent
from metrics.services import sync_catalogue
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_return,
    make_township,
    make_user,
    make_village,
)
from workflow.choices import State

pytestmark = pytest.mark.django_db
VISITS, PERSONS, BOOKED = "civ_visit_group_count", "civ_visit_person_times", "civ_visit_booked_group_count"


@pytest.fixture
def town():
    sync_catalogue()
    district = make_district()
    make_district_year(district, 2026)
    return make_township(district)


def put(monthly_return, code, value, unit=None, **values):
    make_figure(monthly_return, Indicator.objects.get(code=code), value, unit=unit, **values)


@pytest.fixture
def monthly_return(town):
    """One error, two queries (one explained), one hint; everything else blank."""
    row = make_return(town, 2026, 10)
    put(row, VISITS, 12)
    put(row, PERSONS, 11)  # fewer visitors than groups: a hint
    put(row, BOOKED, 13, explanation="预约登记另册")
    put(row, "xuexi_article_province", 2)
    put(row, "xuexi_joint_article_province", 3)  # an error
    put(row, "team_training_session_count", 1)  # its list is empty
    return row


def sign_in(client, role, unit):
    user = make_user(role, unit)
    client.force_login(user)
    return user


def page(client, name, monthly_return, *args, query=""):
    return client.get(reverse(name, args=[monthly_return.pk, *args]) + query).content.decode()


def test_the_grid_counts_levels_apart(monthly_return):
    grid = load_grid(monthly_return)
    assert (grid.errors, grid.queries, grid.hints) == (1, 1, 1)
    levels = {row.code: row.level for row in grid.rows if row.level}
    assert levels == {
        "xuexi_joint_article_province": "error", "team_training_session_count": "query", BOOKED: "explained",
        "civ_visitors_per_group": "hint",
    }  # fmt: skip
    assert grid.counts["issues"] == 2
    assert grid.counts["attention"] == 3


def test_every_message_says_its_level_in_words(client, town, monthly_return):
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    text = page(client, "metrics:return_detail", monthly_return)
    for finding in return_findings(monthly_return):
        assert (finding.text in text) == (finding.code != "blank" and not finding.explained), finding
    assert '<p class="hint">' in text
    assert f"list=list_training&amp;year=2026&amp;unit={town.code}" in text


def test_the_reply_to_a_save_carries_level_link_and_fix(client, town, monthly_return):
    PracticeEvent.objects.create(unit=town, date=date(2026, 10, 8), name="来访", kind="visit", groups=12, person_times=60)
    clerk = sign_in(client, Role.TOWNSHIP_CLERK, town)
    cells = [{"cell": "culture_audio_book_category_count", "raw": "3", "base_version": 0}]
    url = reverse("metrics:save_cells", args=[monthly_return.pk])
    body = client.post(url, json.dumps({"cells": cells, "by": clerk.pk}), content_type="application/json").json()
    ledger = next(row for row in body["marks"][PERSONS] if row["fix"] == "60")
    assert (ledger["level"], "60" in ledger["fix_label"]) == ("query", True)
    assert "list=list_audio_category" in body["marks"]["culture_audio_book_category_count"][0]["link"]
    assert body["marks"]["civ_visitors_per_group"][0]["level"] == "hint"
    assert "1" in body["texts"]["hints"]
    assert BOOKED not in body["marks"] or all("13" not in row["text"] for row in body["marks"][BOOKED] if row["fix"] == "")


def test_taking_the_ledgers_figure_settles_the_query(client, town):
    PracticeEvent.objects.create(unit=town, date=date(2026, 10, 8), name="来访", kind="visit", groups=12, person_times=60)
    row = make_return(town, 2026, 10)
    put(row, VISITS, 9)
    found = next(finding for finding in return_findings(row) if finding.code == "ledger")
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    typed = {f"f-{VISITS}": "9", "fix": f"{found.cell}={found.fix}", "seen": json.dumps({VISITS: [1, "9"]})}
    client.post(reverse("metrics:save_cells", args=[row.pk]), typed)
    assert row.figures.get(indicator__code=VISITS).value == 12
    assert "ledger" not in {finding.code for finding in return_findings(row) if finding.cell == VISITS}


def test_the_reviewer_reads_each_explanation_beside_what_it_explains(client, town, monthly_return):
    monthly_return.state = State.IN_REVIEW
    monthly_return.save()
    sign_in(client, Role.DISTRICT_REVIEWER, town.parent)
    text = page(client, "metrics:return_detail", monthly_return)
    explained = next(row for row in return_findings(monthly_return) if row.explained)
    assert text.index(explained.text) < text.index("预约登记另册")
    assert text.count("预约登记另册") == 1


def test_the_check_list_puts_first_what_is_to_be_done(client, town, monthly_return):
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    text = page(client, "metrics:deed", monthly_return, "submit")
    found = {row.code: row.text for row in return_findings(monthly_return) if row.code != "blank"}
    blank = next(row.text for row in return_findings(monthly_return) if row.code == "blank")
    places = [text.index(words) for words in (found["subset"], blank, found["empty_list"], found["range"], found["above"])]
    assert places == sorted(places)
    assert "预约登记另册" in text


def test_a_hint_blocks_nothing(client, town):
    Indicator.objects.update(is_required=False)
    row = make_return(town, 2026, 10)
    put(row, VISITS, 12)
    put(row, PERSONS, 11)
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    client.post(reverse("metrics:deed", args=[row.pk, "submit"]))
    row.refresh_from_db()
    assert row.state != State.DRAFT


def test_an_error_and_an_open_query_block_and_saving_goes_on(client, town):
    Indicator.objects.update(is_required=False)
    row = make_return(town, 2026, 10)
    put(row, VISITS, 5)
    put(row, BOOKED, 6)
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    url = reverse("metrics:deed", args=[row.pk, "submit"])
    client.post(url)
    row.refresh_from_db()
    assert row.state == State.DRAFT
    row.figures.update(explanation="另册登记")
    client.post(url)
    row.refresh_from_db()
    assert row.state != State.DRAFT


def test_the_reviewer_reads_a_villages_explanation_on_the_village_sheet(client, town):
    village = make_village(town)
    for month, value, words in ((9, 2000, ""), (10, 3000, "村组合并")):
        put(make_return(town, 2026, month, State.IN_REVIEW), "vol_household_population", value, unit=village, explanation=words)
    sign_in(client, Role.DISTRICT_REVIEWER, town.parent)
    row = town.returns.get(month=10)
    found = [finding for finding in return_findings(row) if finding.explained]
    assert [finding.cell for finding in found] == [f"vol_household_population@{village.code}"]
    text = page(client, "volunteers:village_sheet", row)
    assert text.index(found[0].text) < text.index("村组合并")


def test_a_village_clerks_workbench_tells_no_hint_and_nothing_explained(client, town):
    village = make_village(town)
    for month, value, words in ((9, 2000, ""), (10, 3000, "村组合并")):
        put(make_return(town, 2026, month), "vol_household_population", value, unit=village, explanation=words)
    explained = next(row for row in return_findings(town.returns.get(month=10)) if row.explained)
    sign_in(client, Role.VILLAGE_CLERK, village)
    assert explained.message not in client.get("/").content.decode()


def test_the_inspector_offers_the_fix_and_the_level(client, town, monthly_return):
    PracticeEvent.objects.create(unit=town, date=date(2026, 10, 8), name="来访", kind="visit", groups=10, person_times=60)
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    text = page(client, "metrics:cell_panel", monthly_return, VISITS)
    found = next(row for row in return_findings(monthly_return) if row.cell == VISITS)
    assert found.code == "ledger"
    assert found.text.replace("'", "&#x27;") in text
    assert 'data-put="10"' in text


def test_a_fix_is_offered_where_its_cell_is(client, town):
    village = make_village(town)
    row = make_return(town, 2026, 10)
    put(row, "vol_household_population", None, unit=village, kind="text", raw="约2000")
    sign_in(client, Role.TOWNSHIP_CLERK, town)
    fix = f'value="vol_household_population@{village.code}=2000"'
    assert fix not in page(client, "metrics:return_detail", row)
    assert fix in page(client, "volunteers:village_sheet", row)
