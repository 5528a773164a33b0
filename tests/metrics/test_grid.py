"""The grid's view model: tree order, context, absences, changes, counts, and a constant number of queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.choices import Role
from metrics import grid_text
from metrics.grid import load_grid
from metrics.services import CellInput, comment_on_figure, save_figures, sync_catalogue
from metrics.transitions import RETURN_TABLE
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
from workflow.services import close_round, open_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def township():
    district = make_district()
    make_district_year(district, 2026)
    return make_township(district)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def test_every_row_stands_beside_its_neighbours(township):
    indicator = make_indicator(code="visits", name="参观", measure="次")
    make_figure(make_return(township, 2025, 10), indicator, 8)
    make_figure(make_return(township, 2026, 9), indicator, 1200)
    this = make_return(township, 2026, 10)
    make_figure(this, indicator, 1500)
    row = load_grid(this).row("visits")
    assert (row.last_year, row.last_month, row.cell.shown, row.to_date) == ("8", "1,200", "1,500", "2,700")
    assert row.change == "+25.0%"
    assert row.months_missing == "1、2、3、4、5、6、7、8"


@pytest.mark.parametrize(
    ("raw", "kind", "shown"),
    [
        ("", "blank", ""),
        ("0", "value", "0"),
        ("不适用", "not_applicable", "不适用"),
        ("未统计", "not_collected", "未统计"),
        ("约100", "text", "约100"),
    ],
)
def test_four_absences_and_text_stay_apart(township, raw, kind, shown):
    make_indicator(code="visits", measure="次")
    this, clerk = make_return(township), make_user(Role.TOWNSHIP_CLERK, township)
    save_figures(by=clerk, monthly_return=this, inputs=[CellInput("visits", "5")])
    save_figures(by=clerk, monthly_return=this, inputs=[CellInput("visits", raw, 1)])
    cell = load_grid(this).row("visits").cell
    assert (cell.kind, cell.shown) == (kind, shown)


def test_parts_follow_their_whole_and_add_up(township):
    whole = make_indicator(code="all", source="derived", formula={"sum_of": ["city", "province"]}, parts="exact", order=1)
    city = make_indicator(code="city", parent=whole, order=3)
    make_indicator(code="other", order=2)
    province = make_indicator(code="province", parent=whole, order=4)
    this = make_return(township)
    make_figure(this, city, 3)
    make_figure(this, province, 4)
    rows = load_grid(this).rows
    assert [(row.code, row.depth, row.is_first_part) for row in rows] == [
        ("all", 0, False), ("city", 1, True), ("province", 1, False), ("other", 0, False),
    ]  # fmt: skip
    assert rows[0].this_month == "7"
    assert rows[0].fillable == 0


def test_a_village_row_counts_its_cells_and_a_blank_is_no_error_message(township):
    indicator = make_indicator(code="hours", level="village", measure="小时", decimals=1)
    first, second = make_village(township), make_village(township)
    this = make_return(township)
    make_figure(this, indicator, "12.5", unit=first)
    grid = load_grid(this)
    row = grid.row("hours")
    assert (row.source, row.filled, row.fillable, row.is_unfilled) == ("village", 1, 2, True)
    assert row.messages == ()
    assert (grid.blanks, grid.errors) == (1, 0)
    make_figure(this, indicator, 2, unit=second)
    assert load_grid(this).row("hours").this_month == "14.5"


def test_changes_are_told_against_the_last_decided_round(township):
    indicator, other = make_indicator(code="a"), make_indicator(code="b")
    this, clerk = make_return(township), make_user(Role.TOWNSHIP_CLERK, township)
    figure = make_figure(this, indicator, 74)
    make_figure(this, other, 5)
    stored = {"kind": "value", "raw": "74", "value": "74"}
    snapshot = {"cells": {"a": stored, "b": {**stored, "value": "5"}}}
    open_round(by=clerk, subject_kind=Subject.RETURN, subject=this, snapshot=snapshot)
    assert load_grid(this).counts["changed"] == 0
    close_round(by=clerk, subject_kind=Subject.RETURN, subject_id=this.pk, outcome="send_back", reason="x")
    figure.value, figure.raw = Decimal(76), "76"
    figure.save()
    grid = load_grid(this, for_district=True)
    assert (grid.row("a").before, grid.row("b").before, grid.counts["changed"]) == ("74", None, 1)
    assert "changed" in grid.row("a").classes


def test_comments_are_counted_on_their_row(township):
    make_indicator(code="a")
    this = make_return(township, state=State.IN_REVIEW)
    reviewer = make_user(Role.DISTRICT_REVIEWER, township.parent)
    comment_on_figure(by=reviewer, monthly_return=this, cell="a", text="请核对")
    row = load_grid(this).row("a")
    assert (row.open_comments, row.all_comments) == (1, 1)
    assert {"noted", "open"} <= set(row.classes.split())


@pytest.mark.parametrize(
    ("aggregation", "measure", "now", "before", "month", "text"),
    [
        ("sum", "次", 3, 2, 5, "+50.0%"),
        ("sum", "次", 2, 3, 5, "−33.3%"),
        ("sum", "次", 3, 0, 5, "—"),
        ("avg", "%", "81.1", "81.5", 5, "−0.4 pp"),
        ("distinct_ytd", "家", 12, 9, 5, "+3"),
        ("distinct_ytd", "家", 2, 9, 1, "—"),
        ("rank", "位", 2, 5, 5, "up 3"),
        ("rank", "位", 5, 5, 5, "same rank"),
    ],
)
@pytest.mark.usefixtures("english")
def test_change_speaks_the_language_of_the_figure(aggregation, measure, now, before, month, text):
    indicator = make_indicator(aggregation=aggregation, measure=measure)
    assert grid_text.change_text(indicator, Decimal(now), Decimal(before), month) == text


def test_the_grid_costs_the_same_however_much_is_filled(township):
    sync_catalogue()
    few, many = make_return(township, 2026, 2), make_return(township, 2026, 10)
    with CaptureQueriesContext(connection) as bare:
        load_grid(few)
    clerk = make_user(Role.TOWNSHIP_CLERK, township)
    for _ in range(12):
        make_village(township)
    inputs = [CellInput(row.code, "12") for row in load_grid(many).rows if row.is_entered]
    save_figures(by=clerk, monthly_return=many, inputs=inputs)
    with CaptureQueriesContext(connection) as full:
        load_grid(many)
    assert len(inputs) > 40
    assert len(full) <= len(bare) + 4  # with figures: a rank, older months, the ledgers, names of lists without items
    assert len(full) <= 16


def test_every_deed_has_a_service():
    from metrics.views.deeds import SERVICES

    assert set(SERVICES) == set(RETURN_TABLE.deeds)
