"""Every rule on both sides of its limit, with absences, in January, in a first year, for villages."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from metrics.check_rules import default_checks
from metrics.checks import return_findings
from metrics.choices import FigureKind
from metrics.models import Inspection, PracticeEvent
from tests.factories import (
    make_district,
    make_district_year,
    make_figure,
    make_indicator,
    make_item,
    make_list,
    make_return,
    make_township,
    make_village,
)

pytestmark = pytest.mark.django_db
YEAR, MONTH = 2026, 10
VISITS = {"ledger": {"kind": "practice", "measure": "sum:groups", "where": {"kind": "visit"}}}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def town():
    district = make_district()
    make_district_year(district, YEAR)
    return make_township(district)


def put(town, indicator, cells, unit=None, **values):
    """Store one indicator's months: {(year, month): value or kind}; returns this month's return."""
    for at, value in cells.items():
        row = town.returns.filter(year=at[0], month=at[1]).first() or make_return(town, *at)
        kind = value if isinstance(value, str) else ""
        make_figure(row, indicator, None if kind else value, kind=kind, unit=unit, **values)
    return town.returns.filter(year=YEAR, month=MONTH).first() or make_return(town, YEAR, MONTH)


def rules(monthly_return, **more):
    """Return rule and cell of everything found, blanks left out."""
    return [(row.code, row.cell) for row in return_findings(monthly_return, **more) if row.code != "blank"]


def check(rule, **options):
    return [{"rule": rule, **options}]


NOW, BEFORE, YEAR_AGO = (YEAR, MONTH), (YEAR, MONTH - 1), (YEAR - 1, MONTH)
STEADY = [40, 42, 38, 41, 39, 40]
JUMP = check("jump", limit=0.5, small=10)
DOUBLE = check("jump", limit=1, small=10)
JUMP_YEAR = check("jump_year", limit=1, small=20)


@pytest.mark.parametrize(
    ("aggregation", "checks", "at", "before", "now", "is_found"),
    [
        ("sum", JUMP, BEFORE, 20, 30, False),
        ("sum", JUMP, BEFORE, 20, 31, True),
        ("sum", JUMP, BEFORE, 30, 20, False),
        ("sum", JUMP, BEFORE, 30, 19, True),  # as far down as 20 to 31 is up
        ("sum", DOUBLE, BEFORE, 20, 40, False),
        ("sum", DOUBLE, BEFORE, 20, 41, True),
        ("sum", DOUBLE, BEFORE, 40, 20, False),
        ("sum", DOUBLE, BEFORE, 40, 19, True),
        ("sum", DOUBLE, BEFORE, 40, 0, True),
        ("sum", DOUBLE, BEFORE, 9, 1, False),  # small
        ("sum", DOUBLE, BEFORE, 3, 1, False),
        ("sum", DOUBLE, BEFORE, 1, 0, False),
        ("sum", DOUBLE, BEFORE, 10, 4, True),
        ("sum", JUMP, BEFORE, 3, 9, False),  # small
        ("sum", JUMP, BEFORE, 3, 10, True),
        ("sum", JUMP, BEFORE, 0, 100, False),  # nothing to compare with
        ("sum", JUMP, BEFORE, "not_collected", 100, False),
        ("sum", JUMP, BEFORE, "not_applicable", 100, False),
        ("sum", JUMP, BEFORE, "blank", 100, False),
        ("sum", JUMP, BEFORE, 20, "not_collected", False),
        ("sum", JUMP, BEFORE, 20, "not_applicable", False),
        ("last", JUMP, BEFORE, 100, 151, True),
        ("avg", JUMP, BEFORE, 100, 151, True),
        ("sum", JUMP, YEAR_AGO, 20, 90, False),
        ("sum", JUMP_YEAR, YEAR_AGO, 20, 40, False),
        ("sum", JUMP_YEAR, YEAR_AGO, 20, 41, True),
        ("sum", JUMP_YEAR, YEAR_AGO, 40, 20, False),
        ("sum", JUMP_YEAR, YEAR_AGO, 40, 19, True),
        ("sum", JUMP_YEAR, YEAR_AGO, 5, 19, False),  # small
        ("sum", JUMP_YEAR, YEAR_AGO, 19, 0, False),
        ("sum", JUMP_YEAR, BEFORE, 20, 41, False),
        ("sum", JUMP_YEAR, YEAR_AGO, "not_collected", 41, False),
        ("sum", check("same", small=50), YEAR_AGO, 50, 50, True),
        ("sum", check("same", small=50), YEAR_AGO, 49, 49, False),
        ("sum", check("same", small=50), YEAR_AGO, 51, 50, False),
        ("sum", check("same", small=50), BEFORE, 60, 60, False),
        ("sum", check("same", small=50), YEAR_AGO, "not_applicable", 60, False),
        ("last", check("zero"), BEFORE, 3, 0, True),
        ("last", check("zero"), BEFORE, 3, 1, False),
        ("last", check("zero"), BEFORE, 0, 0, False),
        ("last", check("zero"), BEFORE, "not_collected", 0, False),
        ("last", check("zero"), BEFORE, 3, "not_applicable", False),
        ("distinct_ytd", check("shrunk"), BEFORE, 8, 7, True),
        ("distinct_ytd", check("shrunk"), BEFORE, 8, 8, False),
        ("distinct_ytd", check("shrunk"), YEAR_AGO, 8, 7, False),
        ("max", check("shrunk"), BEFORE, 8, 7, True),
        ("max", check("shrunk"), BEFORE, 8, 9, False),
        ("distinct_ytd", check("shrunk"), BEFORE, "not_collected", 7, False),
    ],
)
def test_rules_that_compare_two_months(town, aggregation, checks, at, before, now, is_found):
    indicator = make_indicator(aggregation=aggregation, checks=checks)
    monthly_return = put(town, indicator, {at: before, NOW: now})
    assert rules(monthly_return) == ([(checks[0]["rule"], indicator.code)] if is_found else [])


def test_a_figure_that_is_0_now_and_then_may_be_0(town):
    """Books are bought twice a year: no fall. The first 0 in twelve months is one."""
    seldom, steady = make_indicator(checks=DOUBLE), make_indicator(checks=DOUBLE)
    put(town, seldom, {(YEAR - 1, 11): 0, BEFORE: 180, NOW: 0})
    monthly_return = put(town, steady, {(YEAR - 1, 11): 170, YEAR_AGO: 0, BEFORE: 180, NOW: 1})
    assert rules(monthly_return) == [("jump", steady.code)]
    put_again = put(town, make_indicator(checks=DOUBLE, code="first"), {(YEAR - 1, 9): 0, BEFORE: 180, NOW: 0})
    assert rules(put_again) == [("jump", steady.code), ("jump", "first")]


def of_villages(town, aggregation="sum", **cells):
    """Store months of an indicator with the usual checks of villages: each value is one village's (before, now, year ago)."""
    indicator = make_indicator(level="village", aggregation=aggregation)
    indicator.checks = default_checks(indicator)
    indicator.save()
    for name, (before, now, year_ago) in cells.items():
        village = town.children.filter(name=name).first() or make_village(town, name=name)
        put(town, indicator, {BEFORE: before, NOW: now, YEAR_AGO: year_ago}, unit=village)
    return indicator, town.returns.get(year=YEAR, month=MONTH)


@pytest.mark.parametrize(
    ("before", "now", "year_ago", "rule"),
    [
        (2376, 3, 2300, "jump"),
        (3, 2376, 2300, "jump"),
        ("not_collected", 3, 2376, "jump_year"),
        (500, 100, 500, ""),
        (500, 99, 500, "jump"),
        (49, 1, 40, ""),  # small
        (100, 500, 100, ""),
        (100, 501, 100, "jump"),
    ],
)
def test_a_village_is_asked_about_a_slip_of_the_keyboard(town, before, now, year_ago, rule):
    steady = (9000, 9000, 9000)  # the sum moves little
    indicator, monthly_return = of_villages(town, **{"东村": (before, now, year_ago), "西村": steady})
    east = town.children.get(name="东村")
    assert rules(monthly_return) == ([(rule, f"{indicator.code}@{east.code}")] if rule else [])


@pytest.mark.parametrize(
    ("east", "west", "is_found"),
    [
        ((100, 300, 100), (60, 20, 60), False),  # 160 → 320
        ((100, 301, 100), (60, 20, 60), True),
        ((200, 80, 200), (120, 80, 120), False),  # 320 → 160
        ((200, 79, 200), (120, 80, 120), True),
        (("not_collected", 301, 100), (60, 20, 60), True),  # 160 a year ago
        (("not_collected", 300, 100), (60, 20, 60), False),
        ((200, 79, 200), ("not_collected", 80, "not_collected"), False),  # a part is not the whole
        ((200, "not_collected", 200), (120, 100, 120), False),
        ((20, 9, 20), (29, 9, 29), False),  # small
    ],
)
def test_villages_are_asked_about_their_sum_in_the_one_that_moved_most(town, east, west, is_found):
    indicator, monthly_return = of_villages(town, **{"东村": east, "西村": west})
    cell = f"{indicator.code}@{town.children.get(name='东村').code}"
    found = [row for row in return_findings(monthly_return) if row.code != "blank"]
    assert [(row.code, row.cell) for row in found] == ([("jump_villages", cell)] if is_found else [])
    assert all("All villages together" in row.message and "东村 has moved most" in row.message for row in found)


@pytest.mark.parametrize("rule", ["jump", "zero", "shrunk"])
def test_january_has_no_last_month(town, rule):
    aggregation = {"jump": "sum", "zero": "last", "shrunk": "max"}[rule]
    indicator = make_indicator(aggregation=aggregation, checks=check(rule))
    put(town, indicator, {(YEAR - 1, 12): 500, (YEAR, 1): 0})
    assert rules(town.returns.get(year=YEAR, month=1)) == []


def test_a_first_year_and_an_empty_return_have_nothing_to_compare_with(town):
    usual = [{"rule": rule} for rule in ("jump", "jump_year", "outlier", "same")]
    indicator = make_indicator(checks=usual)
    bare = make_return(town, YEAR, 3)
    assert rules(bare) == []
    make_figure(bare, indicator, 999)
    assert rules(bare) == []


@pytest.mark.parametrize(
    ("history", "now", "is_found"),
    [
        (STEADY, 56, False),  # middle 40, spread at least a tenth of it, four of them: 24 to 56
        (STEADY, 57, True),
        (STEADY, 24, False),
        (STEADY, 23, True),
        (STEADY[:5], 400, False),  # five months are too few
        ([4, 5, 3, 4, 5, 4], 19, False),  # small figures are not looked at
        ([4, 5, 3, 4, 5, 4], 20, True),
        ([0, 0, 0, 0, 120, 0], 130, False),  # comes in bursts: its middle is 0
        ([10, 60, 20, 90, 30, 70], 95, False),  # wide by nature
    ],
)
def test_outliers(town, history, now, is_found):
    indicator = make_indicator(checks=check("outlier", limit=4, small=20))
    months = {(YEAR, MONTH - back): value for back, value in enumerate(history, start=1)}
    monthly_return = put(town, indicator, {**months, NOW: now})
    assert rules(monthly_return) == ([("outlier", indicator.code)] if is_found else [])


def test_an_outlier_is_told_across_the_years_end_with_one_query_for_months_the_page_has_not_loaded(town):
    from metrics.grid_source import load_source

    indicator, other = make_indicator(checks=check("outlier")), make_indicator(checks=check("outlier"))
    months = {(YEAR - 1, month): value for month, value in zip(range(7, 13), STEADY, strict=True)}
    for row in (indicator, other):
        put(town, row, {**months, (YEAR - 1, 6): "not_collected", (YEAR, 1): 200})
    january = town.returns.get(year=YEAR, month=1)
    with CaptureQueriesContext(connection) as queries:
        source = load_source(january)
    assert {row.code for cell in (indicator.code, other.code) for row in source.findings[cell]} == {"outlier"}
    asked = [
        row["sql"] for row in queries if '"metrics_figure"."value"' in row["sql"] and '"metrics_figure"."kind" =' in row["sql"]
    ]
    assert len(asked) == 1
    assert rules(january) == [("outlier", indicator.code), ("outlier", other.code)]  # the same with both years loaded


def test_messages_name_field_figures_limit_and_way_out(town):
    indicator = make_indicator(name="检查家次", checks=check("jump", limit=0.5))
    found = return_findings(put(town, indicator, {BEFORE: 1200, NOW: 3000}))[0]
    assert found.message == (
        "检查家次 is 3,000, last month 1,200: a change of +150%, beyond the reminder line of +50% and −33%. "
        "If it is right, say why in one line; if not, correct it."
    )
    assert (found.level, found.text[:9], found.explained) == ("query", "Reminder:", False)


def test_one_explanation_serves_every_query_of_its_cell_and_hints_need_none(town):
    indicator = make_indicator(checks=[*check("jump"), *check("same", small=1), *check("same", small=1, level="hint")])
    monthly_return = put(town, indicator, {BEFORE: 10, YEAR_AGO: 30, NOW: 30}, explanation="集中活动")
    found = return_findings(monthly_return)
    assert [(row.code, row.explained, row.explanation) for row in found] == [
        ("jump", True, "集中活动"), ("same", True, "集中活动"), ("same", False, ""),
    ]  # fmt: skip
    assert [row.text.partition(":")[0] for row in found] == ["Explained", "Explained", "Hint"]
    assert found[2].message.endswith("Please look again; if it is right, nothing more is needed.")


def test_one_doubt_is_asked_once_whichever_months_raise_it(town):
    checks = [*check("jump", limit=0.5), *check("jump_year", limit=1), *check("outlier"), *check("same", small=1)]
    indicator, second = make_indicator(checks=checks), make_indicator(checks=checks)
    months = {(YEAR, MONTH - back): value for back, value in enumerate(STEADY, start=1)}
    put(town, indicator, {**months, YEAR_AGO: 30, NOW: 300})
    monthly_return = put(town, second, {**months, BEFORE: 40, YEAR_AGO: 21, NOW: 58})
    assert rules(monthly_return) == [("jump", indicator.code), ("jump_year", second.code)]


def test_levels_come_from_the_data(town):
    indicator = make_indicator(measure="%", aggregation="avg", checks=check("range", low=0, high=100, level="error"))
    monthly_return = put(town, indicator, {NOW: 101}, explanation="说了也不行")
    found = return_findings(monthly_return)
    assert [(row.level, row.code, row.explained) for row in found] == [("error", "range", False)]


@pytest.mark.parametrize(
    ("limits", "now", "words"),
    [
        ({"low": 5}, 4, "below 5"),
        ({"low": 5}, 5, ""),
        ({"high": 5}, 6, "above 5"),
        ({"high": 5}, 5, ""),
        ({"low": 1, "high": 5}, 0, "not within 1 to 5"),
        ({"low": 1, "high": 5}, "not_collected", ""),
    ],
)
def test_ranges(town, limits, now, words):
    indicator = make_indicator(checks=check("range", **limits))
    found = return_findings(put(town, indicator, {NOW: now}))
    assert [words in row.message for row in found] == ([True] if words else [])


def test_a_range_of_a_calculated_figure_is_a_hint_on_its_row(town):
    people, groups = make_indicator(), make_indicator()
    formula = {"numerator": people.code, "denominator": groups.code}
    ratio = make_indicator(aggregation="ratio", source="derived", formula=formula, checks=check("range", low=1, level="hint"))
    put(town, people, {NOW: 3})
    monthly_return = put(town, groups, {NOW: 4})
    assert [(row.level, row.cell) for row in return_findings(monthly_return)] == [("hint", ratio.code)]


def a_rate(above, below):
    formula = {"numerator": above.code, "denominator": below.code}
    return make_indicator(
        measure="%", aggregation="ratio", source="derived", level=above.level, formula=formula, checks=check("rate")
    )


@pytest.mark.parametrize(
    ("above", "below", "is_found"),
    [(100, 100, False), (101, 100, True), (5, 0, False), ("not_collected", 3, False), (5, "blank", False)],
)
def test_a_rate_above_one_hundred_is_an_error_on_its_numerator(town, above, below, is_found):
    registered, target = make_indicator(aggregation="last"), make_indicator(aggregation="last", is_required=False)
    a_rate(registered, target)
    put(town, registered, {NOW: above})
    found = return_findings(put(town, target, {NOW: below}))
    assert [(row.level, row.code, row.cell) for row in found] == ([("error", "rate", registered.code)] if is_found else [])


def test_a_villages_rate_is_judged_by_itself(town):
    good, bad, silent = (make_village(town) for _ in range(3))
    persons = make_indicator(aggregation="distinct_ytd", level="village")
    residents = make_indicator(aggregation="last", level="village")
    a_rate(persons, residents)
    for village, value in ((good, 10), (bad, 101)):
        put(town, persons, {NOW: value}, unit=village)
        put(town, residents, {NOW: 100}, unit=village)
    monthly_return = put(town, residents, {NOW: 5000}, unit=silent)
    assert rules(monthly_return) == [("rate", f"{persons.code}@{bad.code}")]


def test_a_villages_cells_have_their_own_findings(town):
    first, second = make_village(town), make_village(town)
    residents = make_indicator(name="户籍人口", aggregation="last", level="village", checks=[*JUMP, *check("zero")])
    put(town, residents, {BEFORE: 1000, NOW: 10000}, unit=first)
    monthly_return = put(town, residents, {BEFORE: 1000, NOW: 0}, unit=second)
    found = return_findings(monthly_return)
    assert {(row.code, row.cell) for row in found} == {
        ("jump", f"{residents.code}@{first.code}"), ("jump", f"{residents.code}@{second.code}"),
        ("zero", f"{residents.code}@{second.code}"),
    }  # fmt: skip
    assert f"户籍人口（{first.name}）" in found[0].message


def test_a_village_that_began_this_month_or_has_ended_is_not_compared(town):
    old = make_village(town, valid_to=date(YEAR, MONTH - 1, 15))
    new = make_village(town, valid_from=date(YEAR, MONTH, 1))
    residents = make_indicator(aggregation="last", level="village", checks=JUMP)
    put(town, residents, {BEFORE: 1000}, unit=old)
    monthly_return = put(town, residents, {NOW: 3000}, unit=new)
    assert rules(monthly_return) == []


@pytest.mark.parametrize(
    ("value", "limit", "is_found"),
    [(5, 5, False), (6, 5, True), (6, "not_collected", False), ("not_applicable", 5, False), (6, "blank", False)],
)
def test_a_figure_above_its_usual_ceiling_is_a_query(town, value, limit, is_found):
    ceiling = make_indicator(is_required=False)
    booked = make_indicator(checks=check("above", other=ceiling.code))
    put(town, ceiling, {NOW: limit})
    found = return_findings(put(town, booked, {NOW: value}))
    assert [(row.level, row.code, row.cell) for row in found] == ([("query", "above", booked.code)] if is_found else [])


@pytest.mark.parametrize(("visits_before", "is_found"), [(9, False), (7, True), ("not_collected", False), ("blank", False)])
def test_firms_of_the_year_are_compared_with_visits_of_the_year_never_of_the_month(town, visits_before, is_found):
    visits = make_indicator(measure="家次", is_required=False)
    firms = make_indicator(measure="家", aggregation="distinct_ytd", checks=check("above", other=visits.code))
    for month in range(1, MONTH - 1):
        put(town, visits, {(YEAR, month): 0})
    put(town, visits, {BEFORE: visits_before, NOW: 1})
    monthly_return = put(town, firms, {NOW: 10})
    assert rules(monthly_return) == ([("above", firms.code)] if is_found else [])


def whole_and_parts(relation, count=2):
    whole = make_indicator(parts=relation)
    return whole, [make_indicator(parent=whole, is_required=False) for _ in range(count)]


@pytest.mark.parametrize(
    ("whole", "parts", "fix"),
    [
        (10, (4, 6), None),
        (10, (4, 5), "9"),
        (10, (4, 7), "11"),
        (10, (4, "blank"), None),
        (10, (10, "not_applicable"), None),
        (10, (4, "not_applicable"), "4"),
        (10, (4, "not_collected"), None),  # the rest may be what nobody collected
        (10, (11, "not_collected"), ""),
        ("not_collected", (4, 5), None),
        ("blank", (4, 5), None),
    ],
)
def test_exact_parts_make_their_whole(town, whole, parts, fix):
    indicator, children = whole_and_parts("exact")
    monthly_return = put(town, indicator, {NOW: whole})
    for child, value in zip(children, parts, strict=True):
        put(town, child, {NOW: value})
    found = [row for row in return_findings(monthly_return) if row.code != "blank"]
    assert [(row.level, row.code, row.cell, row.fix) for row in found] == (
        [] if fix is None else [("error", "parts", indicator.code, fix)]
    )


@pytest.mark.parametrize(
    ("whole", "part", "is_found"), [(10, 10, False), (10, 11, True), (10, "not_collected", False), ("not_collected", 5, False)]
)
def test_a_part_lies_within_its_whole_whatever_the_others_are(town, whole, part, is_found):
    indicator, (child, other) = whole_and_parts("subset")
    put(town, other, {NOW: "blank"})
    put(town, child, {NOW: part})
    found = return_findings(put(town, indicator, {NOW: whole}))
    assert [(row.level, row.code, row.cell) for row in found] == ([("error", "subset", child.code)] if is_found else [])


def test_a_part_that_is_no_longer_counted_is_no_part(town):
    indicator, (child, gone) = whole_and_parts("exact")
    gone.valid_to = YEAR - 1
    gone.save()
    put(town, child, {NOW: 5})
    assert rules(put(town, indicator, {NOW: 10})) == [("parts", indicator.code)]


def visits(town, day, groups, **values):
    PracticeEvent.objects.create(unit=town, date=day, name="参观", kind="visit", groups=groups, person_times=1, **values)


@pytest.mark.parametrize(
    ("groups", "typed", "fix"),
    [
        (7, 7, None),
        (7, 8, "7"),
        (7, 0, "7"),
        (7, "not_collected", "7"),
        (7, "not_applicable", "7"),
        (0, "not_applicable", None),
        (None, 8, None),  # no entry at all says nothing
    ],
)
def test_a_typed_figure_agrees_with_its_ledger_or_is_explained(town, groups, typed, fix):
    indicator = make_indicator(name="团体参观", formula=VISITS, checks=check("ledger"))
    if groups is not None:
        visits(town, date(YEAR, MONTH, 3), groups)
    visits(town, date(YEAR, MONTH - 1, 3), 50)
    found = return_findings(put(town, indicator, {NOW: typed}))
    assert [(row.level, row.code, row.fix, row.fix_label) for row in found] == (
        [] if fix is None else [("query", "ledger", fix, f"Take the ledger's {fix}")]
    )
    assert all("文明实践台账" in row.message and "团体参观" in row.message for row in found)


def test_a_running_figure_is_compared_with_the_ledger_from_january_on(town):
    rule = {"kind": "inspection", "measure": "distinct:premises", "where": {"venue_kind": "printing"}}
    firms = make_indicator(aggregation="distinct_ytd", formula={"ledger": rule}, checks=check("ledger"))
    for month, names in ((2, "甲印厂、乙印厂"), (MONTH, "乙印厂、丙印厂"), (MONTH + 1, "丁印厂")):
        Inspection.objects.create(unit=town, date=date(YEAR, month, 5), name="检查", venue_kind="printing", premises=names)
    monthly_return = put(town, firms, {NOW: 3})
    assert rules(monthly_return) == []
    monthly_return.figures.update(value=2)
    assert rules(monthly_return) == [("ledger", firms.code)]


def test_ledger_sums_already_at_hand_are_not_counted_again(town):
    indicator = make_indicator(formula=VISITS, checks=check("ledger"))
    monthly_return = put(town, indicator, {NOW: 5})
    visits(town, date(YEAR, MONTH, 3), 7)
    assert rules(monthly_return, ledger={indicator.code: 5}) == []
    assert rules(monthly_return, ledger={}) == []


@pytest.mark.parametrize(
    ("typed", "items", "is_found"),
    [(0, [], False), (1, [], True), (1, [YEAR], False), (1, [YEAR - 1], True), ("not_applicable", [], False)],
)
def test_a_count_whose_list_is_empty_in_the_year(town, typed, items, is_found):
    named = make_list("list_training", "培训班名录")
    for year in items:
        make_item(town, named, year=year)
    indicator = make_indicator(checks=check("empty_list", list="list_training"))
    found = return_findings(put(town, indicator, {NOW: typed}))
    assert [row.code for row in found] == (["empty_list"] if is_found else [])
    assert all("“培训班名录”" in row.message and "list=list_training" in row.link for row in found)


def test_an_item_of_any_month_of_the_year_is_an_item(town):
    make_item(town, make_list("list_training"), year=YEAR, date_from=date(YEAR, 12, 1))
    indicator = make_indicator(checks=check("empty_list", list="list_training"))
    assert rules(put(town, indicator, {NOW: 1})) == []


def test_a_planned_item_is_no_item(town):
    make_item(town, make_list("list_training"), status="planned")
    indicator = make_indicator(checks=check("empty_list", list="list_training"))
    assert rules(put(town, indicator, {NOW: 1})) == [("empty_list", indicator.code)]


@pytest.mark.parametrize(
    ("typed", "dated", "undated", "fix"),
    [(2, 0, 2, None), (3, 0, 2, "2"), (1, 0, 2, None), (1, 2, 0, "2"), (2, 2, 0, None), (3, 0, 0, None)],
)
def test_a_figure_that_is_the_length_of_a_list(town, typed, dated, undated, fix):
    named = make_list("list_audio_category", "有声书类目名录")
    for number in range(dated):
        make_item(town, named, name=f"类目{number}", year=YEAR, date_from=date(YEAR, 2, 1))
    for number in range(undated):
        make_item(town, named, name=f"无日期{number}", year=YEAR)
    indicator = make_indicator(aggregation="last", checks=check("list_length", list="list_audio_category"))
    found = return_findings(put(town, indicator, {NOW: typed}))
    assert [(row.code, row.fix) for row in found] == ([] if fix is None else [("list_length", fix)])


def test_blank_is_an_error_only_where_a_figure_is_required_and_text_always(town):
    needed, free = make_indicator(), make_indicator(is_required=False)
    text = make_indicator(name="检查家次", is_required=False)
    monthly_return = make_return(town, YEAR, MONTH)
    make_figure(monthly_return, text, kind=FigureKind.TEXT, raw="1.2万")
    found = return_findings(monthly_return)
    assert [(row.level, row.code, row.cell, row.fix) for row in found] == [
        ("error", "blank", needed.code, ""), ("error", "text", text.code, "12000"),
    ]  # fmt: skip
    assert free.code not in {row.cell for row in found}


def test_a_rule_that_is_gone_or_was_left_from_another_source_is_passed_over(town):
    odd = make_indicator(checks=[{"rule": "gone"}, *JUMP])
    make_indicator(source="derived", formula={"sum_of": [odd.code]}, checks=[*JUMP, *check("same", small=1), *check("ledger")])
    assert rules(put(town, odd, {BEFORE: 10, NOW: 90})) == [("jump", odd.code)]


def test_a_figure_that_only_its_ledger_fills_is_checked_too(town):
    counted = make_indicator(name="团体参观", source="ledger", formula=VISITS, checks=JUMP)
    monthly_return = put(town, counted, {BEFORE: 10})
    found = return_findings(monthly_return)
    assert [(row.code, "counted from its ledger" in row.message) for row in found] == [("blank", True)]
    put(town, counted, {NOW: 90})
    assert rules(monthly_return) == [("jump", counted.code)]


def test_the_number_of_queries_does_not_grow_with_figures_and_findings(town):
    def add(count):
        for _ in range(count):
            row = make_indicator(formula=VISITS, checks=[{"rule": rule} for rule in ("jump", "jump_year", "outlier", "ledger")])
            put(town, row, {BEFORE: 10, YEAR_AGO: 20, NOW: 300})

    visits(town, date(YEAR, MONTH, 3), 7)
    add(1)
    monthly_return = town.returns.get(year=YEAR, month=MONTH)
    with CaptureQueriesContext(connection) as one:
        few = return_findings(monthly_return)
    add(20)
    with CaptureQueriesContext(connection) as many:
        found = return_findings(monthly_return)
    assert (len(few), len(found)) == (2, 42)
    assert len(many) == len(one)
