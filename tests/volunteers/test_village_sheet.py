"""The village sheet: rows of the month's villages, totals and shares at once, and one row alone for a village's clerk."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from metrics.checks import QUERY, Finding
from metrics.choices import EVIDENCE_RULE
from metrics.evidence import cell_proved
from metrics.models import Figure
from metrics.services import add_evidence
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_user, make_village
from tests.metrics.test_evidence import picture
from volunteers.queries import load_sheet
from workflow.choices import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def township():
    return make_township(make_district())


@pytest.fixture
def villages(township):
    return [make_village(township, name="柳塘村"), make_village(township, name="石桥村")]


@pytest.fixture
def indicators():
    people = make_indicator(code="people", measure="人", aggregation="last", level="village")
    able = make_indicator(code="able", measure="人", aggregation="distinct_ytd", level="village")
    formula = {"numerator": "able", "denominator": "people"}
    make_indicator(code="share", measure="%", aggregation="ratio", source="derived", decimals=1, formula=formula)
    return people, able


@pytest.fixture
def monthly_return(township, villages, indicators):
    return make_return(township)


def page_url(monthly_return, name="village_sheet"):
    return reverse(f"volunteers:{name}", args=[monthly_return.pk])


def post_cell(client, monthly_return, cell, raw):
    body = json.dumps({"cells": [{"cell": cell, "raw": raw, "base_version": 0}]})
    return client.post(page_url(monthly_return, "save_sheet"), body, content_type="application/json")


def test_totals_and_shares_are_of_sums_not_of_shares(monthly_return, villages, indicators):
    people, able = indicators
    for village, numbers in zip(villages, ((1000, 100), (3000, 900)), strict=True):
        make_figure(monthly_return, people, numbers[0], unit=village)
        make_figure(monthly_return, able, numbers[1], unit=village)
    sheet = load_sheet(monthly_return)
    assert {column.code: column.total for column in sheet.columns} == {"people": "4,000", "able": "1,000", "share": "25.0"}
    assert [row.cells[-1].shown for row in sheet.rows] == ["10.0", "30.0"]
    assert sheet.missing_villages == []


def test_villages_that_do_not_exist_that_month_have_no_row(township, monthly_return):
    make_village(township, name="已并村", valid_to=date(2026, 3, 31))
    make_village(township, name="未设村", valid_from=date(2027, 1, 1))
    assert [row.unit.name for row in load_sheet(monthly_return).rows] == ["柳塘村", "石桥村"]


def test_a_cell_saves_and_the_totals_follow(client, township, villages, monthly_return):
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    reply = post_cell(client, monthly_return, f"people@{villages[0].code}", "4299").json()
    assert reply["cells"][0]["shown"] == "4,299"
    assert reply["texts"]["total:people"] == "4,299"
    assert reply["texts"]["filled"] == "1/4"


def test_a_village_clerk_sees_and_fills_one_row(client, villages, indicators, monthly_return):
    own, other = villages
    make_figure(monthly_return, indicators[0], 8765, unit=other)
    client.force_login(make_user(Role.VILLAGE_CLERK, own))
    page = client.get(page_url(monthly_return)).content.decode()
    assert own.name in page
    assert other.name not in page
    assert other.code not in page
    assert "8,765" not in page
    assert "<tfoot>" not in page
    reply = post_cell(client, monthly_return, f"people@{own.code}", "5")
    assert reply.status_code == 200
    assert other.code not in reply.content.decode()
    assert "total:people" not in reply.json()["texts"]
    assert post_cell(client, monthly_return, f"people@{other.code}", "5").status_code == 403
    assert Figure.objects.get(unit=other).value == 8765


def test_the_form_without_script_saves(client, township, villages, monthly_return):
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    cell = f"people@{villages[0].code}"
    answer = client.post(page_url(monthly_return, "save_sheet"), {f"f-{cell}": "12", "seen": json.dumps({cell: [0, ""]})})
    assert answer.status_code == 302
    assert Figure.objects.get().value == 12


def test_a_closed_return_keeps_what_was_typed_on_the_page(client, township, villages, indicators):
    approved = make_return(township, month=9, state=State.APPROVED)
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    cell = f"people@{villages[0].code}"
    answer = client.post(page_url(approved, "save_sheet"), {f"f-{cell}": "4321", "seen": "{}"})
    assert answer.status_code == 409
    assert "4321" in answer.content.decode()


def test_the_sheet_costs_the_same_for_many_villages(township, monthly_return):
    with CaptureQueriesContext(connection) as few:
        load_sheet(monthly_return)
    for _ in range(20):
        make_village(township)
    with CaptureQueriesContext(connection) as many:
        load_sheet(monthly_return)
    assert len(many) == len(few)


def shrunk_in(cell, *, explained=False):
    return lambda *_args, **_kwargs: [Finding(QUERY, "shrunk", cell, "低于上月", explained=explained)]


def test_a_query_on_a_village_cell_is_shown_and_explained_on_the_sheet(client, monkeypatch, township, villages, indicators):
    monthly_return = make_return(township)
    able, cell = indicators[1], f"able@{villages[0].code}"
    make_figure(monthly_return, able, 5, unit=villages[0])
    monkeypatch.setattr("metrics.grid_source.return_findings", shrunk_in(cell))
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    page = client.get(page_url(monthly_return)).content.decode()
    assert "低于上月" in page
    assert f'data-cell="{cell}"' in page
    panel_url = reverse("metrics:cell_panel", args=[monthly_return.pk, cell])
    panel = client.get(panel_url).content.decode()
    assert "低于上月" in panel
    assert 'name="explanation"' in panel
    answer = client.post(panel_url, {"explanation": "有人注销"})
    assert answer.url.startswith(page_url(monthly_return))
    assert Figure.objects.get(indicator=able).explanation == "有人注销"


def test_the_townships_row_counts_a_villages_query_and_links_there(client, monkeypatch, township, villages, monthly_return):
    cell = f"able@{villages[0].code}"
    monkeypatch.setattr("metrics.grid_source.return_findings", shrunk_in(cell))
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    detail = reverse("metrics:return_detail", args=[monthly_return.pk])
    answer = client.get(detail)
    row = answer.context["grid"].row("able")
    assert (row.level, answer.context["grid"].queries, answer.context["grid"].counts["issues"]) == ("query", 1, 1)
    link = f'href="{page_url(monthly_return)}?cell={cell.replace("@", "%40")}#c-{cell}"'
    assert link in answer.content.decode().replace("?cell=" + cell, "?cell=" + cell.replace("@", "%40"))
    assert client.get(detail, {"cell": cell}).url.startswith(page_url(monthly_return))


def test_a_complete_sheet_says_no_more_that_villages_are_missing(client, township, villages, indicators, monthly_return):
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    for village in villages:
        for indicator in indicators:
            reply = post_cell(client, monthly_return, f"{indicator.code}@{village.code}", "5").json()
    assert reply["texts"]["missing"] == ""
    assert set(reply["rows"].values()) == {""}
    assert load_sheet(monthly_return).missing_words == ""


def test_the_foot_carries_the_year_to_date_of_what_is_added_up(township, villages):
    hours = make_indicator(code="hours", measure="小时", aggregation="sum", level="village")
    for month, value in ((9, 10), (10, 20)):
        monthly_return = make_return(township, month=month)
        for village in villages:
            make_figure(monthly_return, hours, value, unit=village)
    column = next(column for column in load_sheet(monthly_return).columns if column.code == "hours")
    assert column.total == "40"
    assert column.to_date in ("", "60")  # nothing while months of the year are missing


def test_the_check_page_names_a_village_indicator_once(client, township, villages, monthly_return):
    make_indicator(code="visits", name="参观总次")
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    answer = client.get(reverse("metrics:deed", args=[monthly_return.pk, "submit"]))
    assert [(group.count, group.cell) for group in answer.context["village_blanks"]] == [
        (2, f"people@{villages[0].code}"), (2, f"able@{villages[0].code}"),
    ]  # fmt: skip
    assert [finding.cell for finding in answer.context["single_findings"]] == ["visits"]
    assert "needed" in client.get(reverse("metrics:return_detail", args=[monthly_return.pk])).context["grid"].row("able").classes


@pytest.mark.parametrize("state", [State.DRAFT, State.APPROVED])
@pytest.mark.parametrize("is_form", [True, False])
def test_the_grids_address_tells_a_village_clerk_nothing_of_the_township(client, township, villages, indicators, state, is_form):
    own, other = villages
    monthly_return = make_return(township, month=9, state=state)
    visits = make_indicator(code="secret_visits", name="参观机密数")
    make_figure(monthly_return, visits, 777123)
    make_figure(monthly_return, indicators[0], 8765, unit=other)
    client.force_login(make_user(Role.VILLAGE_CLERK, own))
    cell, url = f"people@{own.code}", reverse("metrics:save_cells", args=[monthly_return.pk])
    if is_form:
        answer = client.post(url, {f"f-{cell}": "5", "seen": json.dumps({cell: [0, ""]})}, follow=True)
        assert answer.redirect_chain[-1] == (page_url(monthly_return), 302)
    else:
        body = json.dumps({"cells": [{"cell": cell, "raw": "5", "base_version": 0}]})
        answer = client.post(url, body, content_type="application/json")
        assert answer.status_code == (200 if state == State.DRAFT else 409)
    assert Figure.objects.filter(unit=own).exists() == (state == State.DRAFT)
    text = answer.content.decode()
    for secret in ("777123", "777,123", "secret_visits", "参观机密数", "8765", "8,765", other.code):
        assert secret not in text


@pytest.mark.parametrize("role", [Role.TOWNSHIP_CLERK, Role.DISTRICT_REVIEWER])
def test_a_cell_shows_how_many_files_it_has_and_that_one_is_wanting(
    client, township, villages, indicators, monthly_return, settings, tmp_path, role
):
    settings.EVIDENCE_DIR = tmp_path
    people, _able = indicators
    people.checks = [{"rule": EVIDENCE_RULE, "level": "query"}]
    people.save()
    first, second = (f"people@{village.code}" for village in villages)
    for village in villages:
        make_figure(monthly_return, people, 9, unit=village)
    clerk = make_user(Role.TOWNSHIP_CLERK, township)
    for seed in (1, 2):
        add_evidence(by=clerk, proved=cell_proved(monthly_return, first), upload=picture(seed))
    client.force_login(clerk if role == Role.TOWNSHIP_CLERK else make_user(role, township.parent))
    page = client.get(page_url(monthly_return)).content.decode()

    def cell_html(name):
        place = page.index(f'id="c-{name}"')
        return page[page.rindex("<td", 0, place) : page.index("</td>", place)]

    assert f'class="ev" href="?cell={first}#inspector" data-cell="{first}"' in cell_html(first)
    assert "</svg>2</a>" in cell_html(first)
    assert "unproven" not in cell_html(first)
    assert 'class="ev"' not in cell_html(second)
    assert "unproven" in cell_html(second)
    assert "ev lacks" in cell_html(second)
    assert 'class="ev' not in cell_html(f"able@{villages[0].code}")


def test_a_file_sent_from_the_sheet_answers_with_the_cells_mark(client, township, villages, monthly_return, settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    client.force_login(make_user(Role.VILLAGE_CLERK, villages[0]))
    url = reverse("metrics:cell_evidence", args=[monthly_return.pk, f"people@{villages[0].code}"])
    reply = client.post(url, {"files": [picture(1)]}, headers={"X-Requested-With": "fetch"}).json()
    assert "</svg>1</a>" in reply["mark"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_message_row_is_as_wide_as_the_table(client, monkeypatch, township, villages, indicators, monthly_return, count):
    for place in range(1, count):
        make_indicator(code=f"more{place}", measure="人", aggregation="last", level="village")
    make_figure(monthly_return, indicators[1], 5, unit=villages[0])
    monkeypatch.setattr("metrics.grid_source.return_findings", shrunk_in(f"able@{villages[0].code}"))
    client.force_login(make_user(Role.TOWNSHIP_CLERK, township))
    page = client.get(page_url(monthly_return)).content.decode()
    head = page.partition("<thead>")[2].partition("</thead>")[0]
    assert f'<td colspan="{head.count("<th ")}">' in page


def test_a_village_clerk_reads_a_message_at_its_field(client, monkeypatch, villages, indicators, monthly_return):
    cell = f"people@{villages[0].code}"
    monkeypatch.setattr("metrics.grid_source.return_findings", shrunk_in(cell))
    client.force_login(make_user(Role.VILLAGE_CLERK, villages[0]))
    page = client.get(page_url(monthly_return)).content.decode()
    assert page.count("低于上月") == 1
    field = next(part for part in page.split("<td ") if f'id="c-{cell}"' in part)
    assert "低于上月" in field
    assert f'aria-describedby="m-{cell}"' in field
    assert f'id="m-{cell}"' in field
