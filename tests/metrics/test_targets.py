"""Targets: typed, pasted, proposed; the entry grid's column; progress against the calendar."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics import services
from metrics.grid import load_grid
from metrics.models import Indicator, Target
from metrics.progress import progress_of
from metrics.services import CellInput, TargetInput
from metrics.target_page import Formula, load_target_page, paste
from tests.factories import (
    make_catalogue,
    make_district,
    make_district_year,
    make_figure,
    make_indicator,
    make_return,
    make_township,
    make_user,
    make_village,
)
from workflow.choices import State
from workflow.models import Event

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def district():
    district = make_district()
    make_district_year(district, YEAR)
    return district


@pytest.fixture
def admin(district):
    return make_user("district_admin", district)


@pytest.fixture
def towns(district):
    return [make_township(district, "青云镇"), make_township(district, "石埠镇")]


@pytest.fixture
def visits():
    return make_indicator("visits", "接待参观", "次")


@pytest.fixture
def hours():
    return make_indicator("hours", "服务时长", "小时", decimals=1)


def save(admin, *inputs, **values):
    return services.save_targets(by=admin, district=admin.unit, year=YEAR, inputs=list(inputs), **values)


def result_of(town, indicator, *months, year=YEAR - 1, state=State.APPROVED):
    for month, value in enumerate(months, start=1):
        make_figure(make_return(town, year, month, state), indicator, value)


# Saving


def test_targets_are_saved_changed_and_taken_away_with_versions(admin, towns, visits):
    pk = towns[0].pk
    assert [row.status for row in save(admin, TargetInput(pk, "visits", "1,200"), note="区委〔2026〕3号")] == ["saved"]
    target = Target.objects.get()
    assert (target.value, target.version, target.note, target.updated_by) == (1200, 1, "区委〔2026〕3号", admin)
    assert save(admin, TargetInput(pk, "visits", "1200", 1))[0].status == "unchanged"
    assert save(admin, TargetInput(pk, "visits", "1300", 1))[0].status == "saved"
    assert Target.objects.get().version == 2
    conflict = save(admin, TargetInput(pk, "visits", "1400", 1))[0]
    assert conflict.status == "conflict"
    assert "1300" in conflict.message
    assert save(admin, TargetInput(pk, "visits", "", 2))[0].status == "saved"
    assert not Target.objects.exists()
    changes = [event.changes[0] for event in Event.objects.filter(deed="set_targets").order_by("chain_number")]
    assert [(row["old"], row["new"]) for row in changes] == [("", "1200"), ("1200", "1300"), ("1300", "")]


@pytest.mark.parametrize("typed", ["约100", "不适用", "1.5", "-3", "1.2万"])
def test_what_is_no_number_is_refused_and_nothing_else(admin, towns, visits, typed):
    results = save(admin, TargetInput(towns[0].pk, "visits", typed), TargetInput(towns[1].pk, "visits", "5"))
    assert [row.status for row in results] == ["refused", "saved"]
    assert "青云镇" in results[0].message
    assert Target.objects.get().unit == towns[1]


def test_foreign_units_unknown_and_unfit_indicators_are_refused(admin, towns, visits):
    other = make_township(make_district("外区"))
    village = make_village(towns[0])
    make_indicator("place", "名次", "位", "rank", source="rank", formula={"rank_of": "visits"})
    make_indicator("gone", "旧指标", valid_to=YEAR - 1)
    wrong = [(other.pk, "visits"), (village.pk, "visits"), (towns[0].pk, "none"), (towns[0].pk, "place"), (towns[0].pk, "gone")]
    results = save(admin, *(TargetInput(pk, code, "5") for pk, code in wrong))
    assert {row.status for row in results} == {"refused"}
    assert not Target.objects.exists()


@pytest.mark.parametrize("role", ["district_reviewer", "auditor", "township_clerk"])
def test_only_the_administrator_sets_targets(district, towns, visits, role):
    user = make_user(role, district if role != "township_clerk" else towns[0])
    with pytest.raises(PermissionDenied):
        services.save_targets(by=user, district=district, year=YEAR, inputs=[TargetInput(towns[0].pk, "visits", "5")])


def test_saving_costs_the_same_for_one_and_many(admin, towns, visits, hours):
    def count(*inputs):
        with CaptureQueriesContext(connection) as queries:
            save(admin, *inputs)
        return len(queries)

    count(TargetInput(towns[0].pk, "visits", "5"))  # begins the district's chain of events
    one = count(TargetInput(towns[0].pk, "visits", "1", 1))
    many = count(*(TargetInput(town.pk, "hours", "9.0") for town in towns), TargetInput(towns[1].pk, "visits", "4"))
    assert many == one


# Formula


@pytest.mark.parametrize(
    ("result", "formula", "decimals", "target"),
    [
        ("100", Formula(), 0, "105"),
        ("10", Formula(), 0, "11"),  # 10.5 rounds up
        ("9", Formula(), 0, "9"),  # 9.45
        ("9", Formula(), 1, "9.5"),
        ("11", Formula(Decimal(1), Decimal(2)), 0, "13"),
        ("11", Formula(Decimal(1), Decimal(-20)), 0, "0"),
        ("11", Formula(Decimal("1.05"), rounding="up"), 0, "12"),
        ("20", Formula(Decimal("1.05"), rounding="up"), 0, "21"),
        ("1234", Formula(Decimal(1), rounding="ten"), 0, "1230"),
        ("1235", Formula(Decimal(1), rounding="ten"), 0, "1240"),
        ("1250", Formula(Decimal(1), rounding="hundred"), 0, "1300"),
        ("1249", Formula(Decimal(1), rounding="hundred"), 0, "1200"),
        ("7", Formula(Decimal(0)), 0, "0"),
    ],
)
def test_a_formula_rounds_as_asked(result, formula, decimals, target):
    assert formula.of(Decimal(result), decimals) == Decimal(target)


def test_results_are_last_years_approved_ones(district, towns, visits):
    result_of(towns[0], visits, 5, 7)
    result_of(towns[1], visits, 5)
    make_figure(make_return(towns[1], YEAR - 1, 2), visits, 9)  # not approved
    page = load_target_page(district, YEAR, ["visits"])
    assert [cell.last for _unit, (cell,) in page.rows] == [12, 5]
    assert [cell.result for _unit, (cell,) in page.rows] == ["2025年1—2月 12", "2025年1月 5"]


def test_results_of_calculated_figures_and_of_other_sets(district, admin, towns, visits, hours):
    """A rate is worked out from its sums; a code that was not counted last year has no result."""
    make_indicator("per_visit", "每次时长", "小时", "ratio", decimals=1, source="derived",
                   formula={"numerator": "hours", "denominator": "visits"})  # fmt: skip
    for month, (number, spent) in enumerate([(2, "3.0"), (8, "9.0")], start=1):
        row = make_return(towns[0], YEAR - 1, month, State.APPROVED)
        make_figure(row, visits, number)
        make_figure(row, hours, spent)
    own = make_catalogue(district, YEAR)
    for old in Indicator.objects.filter(catalogue__district=None):
        old.pk, old.catalogue, old._state.adding = None, own, True
        old.save()
    make_indicator("fresh", "今年新增", catalogue=own)
    page = load_target_page(district, YEAR, ["per_visit", "fresh"])
    assert [cell.last for cell in page.rows[0][1]] == [Decimal("1.2"), None]


def test_the_page_costs_the_same_with_more_townships(district, towns, visits, hours):
    def count():
        with CaptureQueriesContext(connection) as queries:
            load_target_page(district, YEAR, ["visits", "hours"])
        return len(queries)

    before = count()
    for _number in range(4):
        town = make_township(district)
        make_village(town)
        result_of(town, visits, 1, 2, 3)
    assert count() == before


# Paste


def block(*lines) -> str:
    return "\n".join("\t".join(line) for line in lines)


def filled(page) -> list[list[str]]:
    return [[cell.text for cell in cells] for _unit, cells in page.rows]


@pytest.mark.parametrize(
    ("lines", "count", "notes", "texts"),
    [
        ([("乡镇", "接待参观", "服务时长"), ("石埠镇", "3", "4"), ("青云镇", "1", "2")], 4, 0, [["1", "2"], ["3", "4"]]),
        ([("指标", "石埠镇", "青云镇"), ("服务时长", "4", "2"), ("接待参观", "3", "1")], 4, 0, [["1", "2"], ["3", "4"]]),
        ([("乡镇", "服务 时长"), (" 青云镇 ", "1,200.5")], 1, 0, [["", "1,200.5"], ["", ""]]),
        ([("乡镇", "接待参观", "没有的"), ("青云镇", "1", "9"), ("不存在镇", "8", "9")], 1, 2, [["1", ""], ["", ""]]),
        ([("乡镇", "接待参观"), ("青云镇", "约100"), ("石埠镇", "")], 1, 0, [["约100", ""], ["", ""]]),
        ([], 0, 1, [["", ""], ["", ""]]),
    ],
)
def test_a_block_is_matched_by_names(district, towns, visits, hours, lines, count, notes, texts):
    page = load_target_page(district, YEAR, ["visits", "hours"])
    assert paste(page, block(*lines)) == count
    assert len(page.notes) == notes
    assert filled(page) == texts


def test_one_column_needs_no_heading(district, towns, visits):
    page = load_target_page(district, YEAR, ["visits"])
    assert paste(page, block(("青云镇", "1"), ("石埠镇", "2"))) == 2
    assert filled(page) == [["1"], ["2"]]


# Pages


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def body(towns, **values):
    return {"year": YEAR, "show": ["visits"], "seen": json.dumps({f"t-{town.pk}-visits": [0, ""] for town in towns}), **values}


def test_filling_in_saves_nothing_and_keeps_what_was_typed(browser, towns, visits):
    result_of(towns[0], visits, 100)
    result_of(towns[1], visits, 200)
    typed = {f"t-{towns[0].pk}-visits": "77", f"t-{towns[1].pk}-visits": ""}
    url = reverse("metrics:target_fill")
    answer = browser.post(url, body(towns, fill="propose", factor="1.05", only_empty="1", **typed)).content.decode()
    assert 'value="77"' in answer
    assert 'value="210"' in answer
    answer = browser.post(url, body(towns, fill="propose", factor="1.05", **typed)).content.decode()
    assert 'value="105"' in answer
    answer = browser.post(url, body(towns, fill="propose", factor="viel", **typed)).content.decode()
    assert "viel" in answer
    assert 'value="77"' in answer
    answer = browser.post(url, body(towns, fill="paste", block=block(("青云镇", "5"), ("无名镇", "6")), **typed)).content.decode()
    assert "无名镇" in answer
    assert not Target.objects.exists()


def test_the_form_saves_what_differs_and_keeps_what_is_refused(browser, towns, visits):
    typed = {f"t-{towns[0].pk}-visits": "约5", f"t-{towns[1].pk}-visits": "6"}
    answer = browser.post(reverse("metrics:target_save"), body(towns, **typed))
    assert answer.status_code == 409
    assert "约5" in answer.content.decode()
    assert Target.objects.get().value == 6
    answer = browser.post(reverse("metrics:target_save"), body(towns, **{f"t-{towns[0].pk}-visits": "5"}))
    assert answer.status_code == 302
    assert Target.objects.count() == 2


@pytest.mark.parametrize("seen", ["", "[]", "x", '{"t-1-visits": 3}'])
def test_a_form_without_what_it_showed_is_judged_by_versions(browser, towns, visits, seen):
    Target.objects.create(unit=towns[0], year=YEAR, code="visits", value=3)
    typed = {f"t-{towns[0].pk}-visits": "5"}
    assert browser.post(reverse("metrics:target_save"), body(towns, **typed) | {"seen": seen}).status_code == 409
    assert Target.objects.get().value == 3


# Progress


@pytest.mark.parametrize(
    ("aggregation", "target", "value", "month", "share", "due", "behind"),
    [
        ("sum", 100, 50, 6, "50", "50", False),
        ("sum", 100, 49, 6, "49", "50", True),
        ("sum", 100, 51, 6, "51", "50", False),
        ("sum", 1000, 496, 6, "49.6", "50", False),  # within half a point
        ("distinct_ytd", 10, 12, 12, "120", "100", False),
        ("last", 100, 99, 6, "99", None, True),
        ("last", 100, 100, 6, "100", None, False),
        ("sum", 0, 3, 6, None, "50", False),
    ],
)
def test_progress_is_measured_against_the_calendar(aggregation, target, value, month, share, due, behind):
    found = progress_of(make_indicator(aggregation=aggregation), Decimal(target), Decimal(value), month)
    assert (found.share, found.is_behind) == (None if share is None else Decimal(share), behind)
    assert found.due is None or share is None or found.due == Decimal(due)
    assert found.pace


@pytest.mark.parametrize(
    ("value", "text"), [("99.9", "99%"), ("100", "100%"), ("99.4", "99%"), ("100.4", "100%"), ("98.5", "99%")]
)
def test_what_is_not_reached_never_reads_as_whole(value, text):
    assert progress_of(make_indicator(aggregation="last"), Decimal(100), Decimal(value), 6).share_text == text


def test_a_target_without_a_figure_has_no_pace():
    found = progress_of(make_indicator(), Decimal(10), None, 3)
    assert (found.share_text, found.pace) == ("", "")


def test_the_grid_shows_the_column_only_with_targets(client, towns, visits, hours):
    monthly = make_return(towns[0], YEAR, 6)
    clerk = make_user(unit=towns[0])
    client.force_login(clerk)
    url = reverse("metrics:return_detail", args=[monthly.pk])
    assert "c-t" not in client.get(url).content.decode()
    Target.objects.create(unit=towns[1], year=YEAR, code="visits", value=9)
    Target.objects.create(unit=towns[0], year=YEAR - 1, code="visits", value=9)
    assert "c-t" not in client.get(url).content.decode()
    Target.objects.create(unit=towns[0], year=YEAR, code="visits", value=24)
    services.save_figures(by=clerk, monthly_return=monthly, inputs=[CellInput("visits", "6")])
    grid = load_grid(monthly)
    assert grid.has_targets
    assert grid.row("hours").progress is None
    assert grid.row("visits").progress.share == 25
    page = client.get(url).content.decode()
    assert 'data-out="target:visits">25%' in page
    answer = client.post(
        reverse("metrics:save_cells", args=[monthly.pk]), {"cells": [{"cell": "visits", "raw": "12", "base_version": 1}]},
        content_type="application/json",
    ).json()  # fmt: skip
    assert answer["texts"]["target:visits"] == "50%"
    assert answer["late"] == {"visits": False}  # half of it at the end of June; hours have no target
    less = [{"cell": "visits", "raw": "11", "base_version": 2}]
    reply = client.post(reverse("metrics:save_cells", args=[monthly.pk]), {"cells": less}, content_type="application/json").json()
    assert reply["late"] == {"visits": True}


def test_targets_cost_the_grid_one_query(towns, visits, hours):
    monthly = make_return(towns[0], YEAR, 6)

    def count():
        with CaptureQueriesContext(connection) as queries:
            load_grid(monthly)
        return len(queries), [row["sql"] for row in queries if "metrics_target" in row["sql"]]

    before, asked = count()
    assert len(asked) == 1
    for code in ("visits", "hours"):
        Target.objects.create(unit=towns[0], year=YEAR, code=code, value=9)
    assert count()[0] == before
