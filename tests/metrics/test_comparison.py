"""Townships side by side: whole totals, places only when all are in, missing months by name, and a flat number of queries."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Unit
from metrics.comparison import load_comparison
from metrics.models import Area, Indicator
from metrics.services import sync_catalogue
from tests.factories import make_district, make_figure, make_return, make_township, make_user

pytestmark = pytest.mark.django_db
QUERIES = 8
SUM, RATE, NUMERATOR, DENOMINATOR = (
    "ideology_study_session_count", "ideology_winter_training_coverage_rate", "ideology_winter_training_attended",
    "ideology_party_member_total",
)  # fmt: skip


@pytest.fixture
def district():
    sync_catalogue()
    return make_district()


def area():
    return Indicator.objects.get(code=SUM).area


def town_with(district, *months, state="approved", codes=(SUM,)):
    """A township with one value a month from January on, in each of the codes."""
    town = make_township(district)
    for month, value in enumerate(months, start=1):
        row = make_return(town, 2026, month, state=state)
        for code in codes:
            make_figure(row, Indicator.objects.get(code=code), Decimal(value))
    return town


def table(district, last_month=2):
    return load_comparison(district, 2026, last_month, [area()])[0]


def column(found, code=SUM):
    place = [row.code for row in found.columns].index(code)
    return [(cell.value, cell.rank) for cell in (line.cells[place] for line in found.lines)]


def test_totals_and_places_with_a_tie(district):
    for months in ((1, 2), (5, 0), (1, 2), (0, 0)):
        town_with(district, *months)
    assert column(table(district)) == [(3, 2), (5, 1), (3, 2), (0, 4)]
    assert table(district).lacking == ()


def test_a_missing_month_takes_all_places_and_is_named(district):
    town_with(district, 1, 2), town_with(district, 4)
    found = table(district)
    assert column(found) == [(3, None), (None, None)]
    assert [(line.unit, line.missing) for line in found.lacking] == [(found.lines[1].unit, (2,))]
    assert column(table(district, last_month=1)) == [(1, 2), (4, 1)]


def test_what_is_not_approved_does_not_count(district):
    town_with(district, 1, 2), town_with(district, 4, 4, state="in_review")
    found = table(district)
    assert column(found) == [(3, None), (None, None)]
    assert found.lines[1].missing == (1, 2)


def test_a_rate_is_divided_from_its_totals(district):
    town = make_township(district)
    for month, (above, below) in enumerate(((10, 40), (30, 40)), start=1):
        row = make_return(town, 2026, month, state="approved")
        make_figure(row, Indicator.objects.get(code=NUMERATOR), Decimal(above))
        make_figure(row, Indicator.objects.get(code=DENOMINATOR), Decimal(below))
    assert column(table(district), RATE) == [(Decimal(75), 1)]


def test_a_township_that_ended_keeps_its_months_and_hinders_nobody(district):
    ended, other = town_with(district, 6), town_with(district, 1, 2)
    Unit.objects.filter(pk=ended.pk).update(valid_to=date(2026, 1, 31))
    found = table(district)
    assert [line.missing for line in found.lines] == [(), ()]
    assert column(found)[1] == (3, 1)
    assert column(found)[0][1] is None
    Unit.objects.filter(pk=other.pk).update(valid_from=date(2027, 1, 1))
    assert [line.unit.pk for line in table(district).lines] == [ended.pk]


def test_another_district_is_not_in_it(district):
    town_with(district, 1, 2), town_with(make_district("邻区"), 9, 9)
    assert column(table(district)) == [(3, 1)]


@pytest.mark.parametrize("more", [1, 99])
def test_the_queries_do_not_grow_with_the_townships(district, more):
    town_with(district, 1)
    areas = list(Area.objects.all())
    for _number in range(more):
        make_township(district)
    with CaptureQueriesContext(connection) as asked:
        tables = load_comparison(district, 2026, 2, areas)
    assert [len(found.lines) for found in tables] == [more + 1] * len(areas)
    assert len(asked) == QUERIES


def test_the_page_and_the_workbook(district, client):
    first, second = town_with(district, 1, 2), town_with(district, 4)
    url, asked = reverse("metrics:comparison"), {"year": 2026, "month": 2, "area": area().code}
    for role, unit in ((Role.TOWNSHIP_HEAD, first), (Role.TOWNSHIP_CLERK, first)):
        client.force_login(make_user(role, unit))
        assert client.get(url).status_code == 403
        assert client.get(reverse("metrics:comparison_export")).status_code == 403
    for role in (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR):
        client.force_login(make_user(role, district))
        page = client.get(url, asked).content.decode()
        assert f"?unit={second.pk}&amp;year=2026" in page
        assert f"?unit={first.pk}&amp;year=2026" not in page
    answer = client.get(reverse("metrics:comparison_export"), asked)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    assert book.sheetnames == [*Area.objects.order_by("order").values_list("name", flat=True), "数据完整情况"]
    rows = [row for row in book["数据完整情况"].iter_rows(values_only=True) if row[0] in (first.name, second.name)]
    assert rows == [(first.name, None, "齐全"), (second.name, 1, "2月")]
    sheet = [row for row in book[area().name].iter_rows(values_only=True) if row[0] in (first.name, second.name)]
    assert 3 in sheet[0]
    assert client.get(url, {"month": "13", "year": "x", "area": "no"}).status_code == 200
