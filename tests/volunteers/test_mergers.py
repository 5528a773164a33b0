"""Villages that merge: rows on both sides of the day, the year's total, and the past of the village that came out of it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F
from django.utils import translation

from accounts.models import Unit
from metrics.checks import return_findings
from metrics.periods import Period
from metrics.queries import YearBook
from metrics.trend import load_trend
from tests.factories import make_district, make_figure, make_indicator, make_return, make_township, make_village
from volunteers.queries import load_sheet
from volunteers.village_names import other_names

pytestmark = pytest.mark.django_db
JUNE_END, JULY = date(2026, 6, 30), date(2026, 7, 1)
JUMP = [{"rule": "jump", "limit": 0.5, "small": 10}]
JUMP_YEAR = [{"rule": "jump_year", "limit": 0.5, "small": 10}]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def township():
    return make_township(make_district())


@pytest.fixture
def merged(township):
    """East and west are Great Harmony from 1 July on; the north stays as it is."""
    great = make_village(township, name="大同村", valid_from=JULY)
    east, west = (make_village(township, name=name, valid_to=JUNE_END, successor=great) for name in ("东村", "西村"))
    return {"great": great, "east": east, "west": west, "north": make_village(township, name="北村")}


def put(township, indicator, year, month, **values):
    paper = township.returns.filter(year=year, month=month).first() or make_return(township, year, month)
    for unit, value in values.items():
        make_figure(paper, indicator, value, unit=Unit.objects.get(parent=township, name=NAMES[unit]))
    return paper


NAMES = {"great": "大同村", "east": "东村", "west": "西村", "north": "北村"}


def test_an_ended_village_is_in_rows_through_its_last_month_and_in_the_years_total(township, merged):
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    june = put(township, hours, 2026, 6, east=10, west=20, north=1)
    july = put(township, hours, 2026, 7, great=35, north=2)
    assert {row.unit.name for row in load_sheet(june).rows} == {"东村", "西村", "北村"}
    assert {row.unit.name for row in load_sheet(july).rows} == {"大同村", "北村"}
    book = YearBook.load(township, 2026, approved_only=False)
    assert book.total("hours", Period(2026, 6, 6)).value == 31
    assert book.total("hours", Period(2026, 6, 7)).value == 68
    totals = book.village_totals("hours", Period(2026, 6, 7))
    assert {unit.name: total.value for unit, total in totals.items()} == {"东村": 10, "西村": 20, "大同村": 35, "北村": 3}


def test_the_month_before_a_merger_is_that_of_all_of_them_and_in_june_each_has_its_own(township, merged):
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    put(township, hours, 2026, 5, east=4, west=5, north=6)
    june, july = put(township, hours, 2026, 6, east=10, west=20, north=1), put(township, hours, 2026, 7, great=35, north=2)
    before = {row.unit.name: row.cells[0].last_month for row in load_sheet(july).rows}
    assert before == {"大同村": "30", "北村": "1"}
    before = {row.unit.name: row.cells[0].last_month for row in load_sheet(june).rows}
    assert before == {"东村": "4", "西村": "5", "北村": "6"}


def test_a_part_that_is_missing_makes_no_sum(township, merged):
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    put(township, hours, 2026, 6, east=10)
    july = put(township, hours, 2026, 7, great=35)
    assert [row.cells[0].last_month for row in load_sheet(july).rows] == ["", ""]


@pytest.mark.parametrize(("now", "is_found"), [(44, False), (46, True)])
def test_a_merged_village_is_compared_with_all_its_predecessors_of_last_month(township, merged, now, is_found):
    hours = make_indicator(code="hours", aggregation="sum", level="village", checks=JUMP)
    put(township, hours, 2026, 6, east=10, west=20)
    july = put(township, hours, 2026, 7, great=now)
    found = [row.cell for row in return_findings(july) if row.code == "jump"]
    assert found == ([f"hours@{merged['great'].code}"] if is_found else [])


@pytest.mark.parametrize(("now", "is_found"), [(44, False), (46, True)])
def test_and_with_all_of_them_in_the_same_month_last_year(township, merged, now, is_found):
    hours = make_indicator(code="hours", aggregation="sum", level="village", checks=JUMP_YEAR)
    put(township, hours, 2025, 7, east=10, west=20)
    july = put(township, hours, 2026, 7, great=now)
    found = [row.cell for row in return_findings(july) if row.code == "jump_year"]
    assert found == ([f"hours@{merged['great'].code}"] if is_found else [])


def test_a_running_figure_does_not_fall_by_a_merger_and_a_serial_number_is_the_highest(township, merged):
    people = make_indicator(code="people", aggregation="distinct_ytd", level="village", checks=[{"rule": "shrunk"}])
    issue = make_indicator(code="issue", aggregation="max", level="village", checks=[{"rule": "shrunk"}])
    for indicator in (people, issue):
        put(township, indicator, 2026, 6, east=10, west=20)
    put(township, people, 2026, 7, great=29)
    july = put(township, issue, 2026, 7, great=20)
    found = [row.cell for row in return_findings(july) if row.code == "shrunk"]
    assert found == [f"people@{merged['great'].code}"]  # 29 of 30; the 20th issue is none fewer than the 20th


def test_a_village_that_takes_another_in_has_its_own_past_until_then(township):
    stays = make_village(township, name="大同村")
    make_village(township, name="东村", valid_to=JUNE_END, successor=stays)
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    put(township, hours, 2026, 5, great=7, east=3)
    june, july = put(township, hours, 2026, 6, great=8, east=4), put(township, hours, 2026, 7, great=9)
    before = {row.unit.name: row.cells[0].last_month for row in load_sheet(june).rows}
    assert before == {"大同村": "7", "东村": "3"}
    assert [row.cells[0].last_month for row in load_sheet(july).rows] == ["12"]
    book = YearBook.load(township, 2026, approved_only=False)
    assert book.village_totals("hours", Period(2026, 6, 7))[stays].value == 17


def test_the_twelve_months_of_a_merged_village(township, merged):
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    put(township, hours, 2025, 7, east=1, west=2)
    put(township, hours, 2026, 6, east=10, west=20)
    put(township, hours, 2026, 7, great=35)
    trend = load_trend(YearBook.load(township, 2026, approved_only=False), hours, 7, merged["great"])
    assert (trend.this_year.words, trend.last_year.words) == ("6月 30、7月 35", "7月 3")
    trend = load_trend(YearBook.load(township, 2026, approved_only=False), hours, 6, merged["east"])
    assert (trend.this_year.words, trend.last_year.words) == ("6月 10", "7月 1")


def test_names_of_a_merger_lead_forward_to_one_village_and_back_to_a_choice(township, merged):
    june, july = make_return(township, 2026, 6), make_return(township, 2026, 7)
    assert {row.name: row.code for row in other_names(july)} == {"东村": merged["great"].code, "西村": merged["great"].code}
    assert {row.name: row.code for row in other_names(june)} == {"大同村": ""}


def test_successors_that_run_in_a_circle_hang_nothing(township):
    first, second = (make_village(township, valid_to=JUNE_END) for _number in range(2))
    Unit.objects.filter(pk=first.pk).update(successor=second)
    Unit.objects.filter(pk=second.pk).update(successor=first)
    hours = make_indicator(code="hours", aggregation="sum", level="village")
    july = make_return(township, 2026, 7)
    assert {row.code for row in other_names(july)} == {""}
    assert load_trend(YearBook.load(township, 2026, approved_only=False), hours, 7, first).this_year.points == ()


def test_several_villages_of_a_mean_are_a_mean(township, merged):
    rate = make_indicator(code="rate", aggregation="avg", level="village", decimals=1)
    put(township, rate, 2026, 6, east=10, west=21)
    july = put(township, rate, 2026, 7, great=15)
    found = {row.unit.name: row.cells[0].last_month for row in load_sheet(july).rows}
    assert found["大同村"] == str(Decimal("15.5"))


@pytest.mark.django_db(transaction=True)
def test_the_migration_turns_predecessors_round_and_back():
    executor = MigrationExecutor(connection)
    try:
        executor.migrate([("accounts", "0001_initial")])
        OldUnit = executor.loader.project_state([("accounts", "0001_initial")]).apps.get_model("accounts", "Unit")
        rows = {}
        for code, kind, parent, predecessor in (
            ("d", "district", None, None), ("t", "town", "d", None), ("old", "village", "t", None),
            ("split", "village", "t", None),
            ("new", "village", "t", "old"), ("half", "village", "t", "split"), ("other half", "village", "t", "split"),
        ):  # fmt: skip
            rows[code] = OldUnit.objects.create(
                code=code, name=code, kind=kind, parent=rows.get(parent), predecessor=rows.get(predecessor), valid_from=JULY
            )
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        named = Unit.objects.filter(successor__isnull=False).values_list("code", "successor__code")
        assert list(named) == [("old", "new")]
        executor = MigrationExecutor(connection)
        executor.migrate([("accounts", "0001_initial")])
        named = OldUnit.objects.filter(predecessor__isnull=False).values_list("code", F("predecessor__code"))
        assert list(named) == [("new", "old")]
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        Unit.objects.update(parent=None, successor=None, kind="district")
        Unit.objects.all().delete()
