"""The village sheet: rows of the month's villages, totals and shares at once, and one row alone for a village's clerk."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from metrics.models import Figure
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_user, make_village
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
