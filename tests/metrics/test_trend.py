"""The inspector's twelve months: two years as lines with gaps, villages alone, constant queries; notes of the township."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from metrics.grid import load_grid
from metrics.panel import load_panel
from metrics.queries import YearBook
from metrics.trend import HEIGHT, TOP, load_trend
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_user, make_village
from workflow.choices import CommentKind, State
from workflow.models import Comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def township():
    return make_township(make_district())


@pytest.fixture
def clerk(township):
    return make_user(Role.TOWNSHIP_CLERK, township)


@pytest.fixture
def visits():
    return make_indicator(code="visits", name="参观总次")


def trend_of(township, indicator, month, village=None):
    return load_trend(YearBook.load(township, 2026, approved_only=False), indicator, month, village)


def test_last_year_is_whole_and_this_year_ends_at_the_returns_month(township, visits):
    for year, month, value in ((2025, 1, 4), (2025, 12, 8), (2026, 1, 2), (2026, 2, 4), (2026, 3, 99)):
        make_figure(make_return(township, year, month), visits, value)
    trend = trend_of(township, visits, 2)
    assert [(point.month, point.shown) for point in trend.this_year.points] == [(1, "2"), (2, "4")]
    assert [(point.month, point.shown) for point in trend.last_year.points] == [(1, "4"), (12, "8")]
    assert trend.last_year.points[-1].y == TOP
    assert trend.this_year.last.y == HEIGHT - (HEIGHT - TOP) / 2


def test_a_missing_month_breaks_the_line_and_a_zero_does_not(township, visits):
    for month, value in ((1, 2), (2, 0), (4, 3), (5, 1), (7, 4)):
        make_figure(make_return(township, 2026, month), visits, value)
    line = trend_of(township, visits, 8).this_year
    assert [len(stroke.split()) for stroke in line.strokes] == [2, 2]
    assert line.points[1].y == HEIGHT
    assert line.words == "1月 2、2月 0、4月 3、5月 1、7月 4"


def test_a_single_month_is_no_line(township, visits):
    make_figure(make_return(township, 2026, 1), visits, 2)
    assert not trend_of(township, visits, 1).is_worth_showing
    assert not trend_of(make_township(township.parent), visits, 5).is_worth_showing


def test_a_village_has_its_own_line(township):
    hours = make_indicator(code="hours", level="village", decimals=1)
    first, second = make_village(township), make_village(township)
    for month in (1, 2):
        monthly_return = make_return(township, 2026, month)
        make_figure(monthly_return, hours, "2.5", unit=first)
        make_figure(monthly_return, hours, 4, unit=second)
    assert [point.shown for point in trend_of(township, hours, 2, first).this_year.points] == ["2.5", "2.5"]
    assert [point.shown for point in trend_of(township, hours, 2).this_year.points] == ["6.5", "6.5"]


def test_a_sum_of_parts_has_a_line_too(township, visits):
    whole = make_indicator(code="whole", source="derived", formula={"sum_of": ["visits"]})
    for month in (1, 2):
        make_figure(make_return(township, 2026, month), visits, month)
    assert [point.shown for point in trend_of(township, whole, 2).this_year.points] == ["1", "2"]


def test_the_panel_draws_it_without_inline_style_and_costs_the_same_for_two_years(client, township, clerk, visits):
    last = make_return(township, 2026, 10)
    load_panel(last, "visits", clerk)
    with CaptureQueriesContext(connection) as few:
        load_panel(last, "visits", clerk)
    for year, month in ((year, month) for year in (2025, 2026) for month in range(1, 13) if (year, month) != (2026, 10)):
        make_figure(make_return(township, year, month), visits, month)
    with CaptureQueriesContext(connection) as many:
        load_panel(last, "visits", clerk)
    assert len(many) == len(few)
    client.force_login(clerk)
    text = client.get(reverse("metrics:cell_panel", args=[last.pk, "visits"])).content.decode()
    assert text.count("<polyline") == 2
    assert "style=" not in text


def test_the_township_writes_notes_and_asks_nobody_for_a_correction(client, township, clerk, visits):
    this = make_return(township, state=State.DRAFT)
    client.force_login(clerk)
    assert 'name="cell" value="visits"' in client.get(reverse("metrics:cell_panel", args=[this.pk, "visits"])).content.decode()
    client.post(reverse("metrics:add_comment", args=[this.pk]), {"cell": "visits", "text": "含上月补录", "kind": "must_fix"})
    assert Comment.objects.get().kind == CommentKind.NOTE
    reviewed = make_return(township, month=9, state=State.IN_REVIEW)
    client.force_login(make_user(Role.DISTRICT_REVIEWER, township.parent))
    client.post(reverse("metrics:add_comment", args=[reviewed.pk]), {"cell": "visits", "text": "请核对", "kind": "must_fix"})
    assert Comment.objects.last().kind == CommentKind.MUST_FIX


def test_what_is_to_do_is_what_is_blank_or_has_an_issue(client, township, clerk, visits):
    make_indicator(code="other")
    this = make_return(township)
    make_figure(this, visits, 3)
    grid = load_grid(this)
    assert (grid.counts["todo"], grid.counts["all"]) == (1, 2)
    assert "flow" in grid.row("visits").classes.split()
    make_figure(this, make_indicator(code="odd", aggregation="last"), kind="text", raw="约100")
    grid = load_grid(this)
    assert grid.counts["todo"] == 2
    assert "flow" not in grid.row("odd").classes.split()
    client.force_login(clerk)
    page = client.get(reverse("metrics:return_detail", args=[this.pk]), {"show": "todo"})
    assert page.context["show"] == "todo"
