"""A token becomes what it prints: figures, lists, absences, ranks, and the hash that notices changes."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.choices import FigureKind
from metrics.models import Figure, Highlight, Indicator, MonthlyReturn
from metrics.queries import YearBook
from reports.assembly import assemble
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder, Thresholds
from reports.services import create_report
from reports.tokens import parse
from reports.zeros import ZERO
from tests.factories import make_item, make_list
from tests.reports.world import change_figure, lasting
from workflow.choices import State

pytestmark = pytest.mark.django_db
THRESHOLDS = Thresholds(Decimal("0.34"), Decimal("0.60"), 2, Decimal("10"))
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, with_items=False) as world:
        yield world


def binder(world, year=2026, cutoff=10, thresholds=THRESHOLDS):
    return Binder(YearBook.load(world.town, year), cutoff, thresholds)


def bind(world, text, **options):
    return binder(world, **options).bind(parse(text)[0])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("【中心组专题学习|今年以来|次】", "20次"),
        ("【中心组专题学习|一季度|次】", "6次"),
        ("【中心组专题学习|10月|】", "2次"),
        ("【ideology_study_session_count|今年以来|纯数】", "20"),
        ("【中心组专题学习|上年|次】", "10次"),
        ("【中心组专题学习|今年以来|同比】", "增长100%"),
        ("【中心组专题学习|今年以来|月份】", "1—10月"),
        ("【文化经营单位|目前|家】", "101家"),
    ],
)
def test_figures_of_approved_months(world, text, shown):
    bound = bind(world, text)
    assert (bound.status, bound.shown) == (OK, shown)


def test_a_figure_says_which_months_it_rests_on_and_who_approved_them(world):
    bound = bind(world, "【中心组专题学习|一季度|次】")
    assert [row["period"] for row in bound.sources] == ["2026-01", "2026-02", "2026-03"]
    assert {row["approved_by"] for row in bound.sources} == {world.reviewer.display_name}
    assert bound.value == 6


def test_village_figures_add_up_to_the_township(world):
    assert bind(world, "【志愿服务时长|10月|小时】").value == 2 * len(world.villages)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("【没有这个|今年以来|次】", "没有这个"),
        ("【中心组专题学习|去冬今春|次】", "去冬今春"),
        ("【中心组专题学习|全年|次】", "今年以来"),
        ("【中心组专题学习|12月|次】", "12月"),
        ("【中心组专题学习|今年以来|篇】", "篇"),
        ("【学习强国覆盖率|目前|同比】", "同比"),
        ("【中心组专题学习|一季度|余】", "6次"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_reason(world, text, part):
    bound = bind(world, text)
    assert bound.status == REFUSED
    assert part in bound.reason


def test_a_month_that_is_not_approved_is_missing_and_named(world):
    MonthlyReturn.objects.filter(unit=world.town, year=2026, month=4).update(state=State.IN_REVIEW)
    bound = bind(world, "【中心组专题学习|今年以来|次】")
    assert (bound.status, bound.shown) == (MISSING, "")
    assert "4月" in bound.reason
    assert bind(world, "【中心组专题学习|一季度|次】").status == OK


def test_missing_months_are_named_as_runs(world):
    MonthlyReturn.objects.filter(unit=world.town, year=2026, month__in=(1, 2, 3, 5)).update(state=State.IN_REVIEW)
    assert "1—3月、5月" in bind(world, "【中心组专题学习|今年以来|次】").reason


def test_a_year_without_any_return_is_named_instead_of_its_months(world):
    bound = bind(world, "【中心组专题学习|上年|次】", year=2025)
    assert (bound.status, "2024" in bound.reason, "12月" in bound.reason) == (MISSING, True, False)


def test_not_applicable_drops_the_sentence_and_is_no_zero(world):
    cells = Figure.objects.filter(monthly_return__unit=world.town, monthly_return__year=2026, indicator__code=SESSIONS)
    cells.update(kind=FigureKind.NOT_APPLICABLE, value=None)
    assert bind(world, "【中心组专题学习|今年以来|次】").status == EMPTY


def test_last_year_missing_blocks_a_comparison_but_a_first_year_drops_it(world):
    token = "【中心组专题学习|今年以来|同比】"
    assert bind(world, token, year=2025).status == EMPTY
    MonthlyReturn.objects.filter(unit=world.town, year=2025, month=2).update(state=State.RETURNED)
    late = bind(world, token)
    assert (late.status, "2025" in late.reason, "2月" in late.reason) == (MISSING, True, True)


@pytest.mark.parametrize(("now", "status"), [("95", OK), ("90", EMPTY), ("80", EMPTY)])
def test_improved_is_said_only_when_the_figure_rose(world, now, status):
    change_figure(world, "civ_civilization_index", "90", year=2025)
    change_figure(world, "civ_civilization_index", now, year=2026)
    assert bind(world, "【文明指数|目前|提升】").status == status


class TestLists:
    """Named items print in their order; an empty list has nothing to say."""

    def test_names_are_joined_and_counted(self, world):
        book = make_list("list_book_title")
        for order, name in enumerate(("《甲》", "《乙》", "丙读本")):
            make_item(world.town, book, name, order=order, date_from=date(2026, 3, 1))
        assert bind(world, "【学习书目|今年以来|列表】").shown == "《甲》《乙》、丙读本"
        assert bind(world, "【学习书目|今年以来|列表2】").shown == "《甲》《乙》等"
        assert bind(world, "【学习书目|今年以来|项数】").shown == "3个"

    def test_an_empty_list_is_empty(self, world):
        assert bind(world, "【学习书目|今年以来|列表】").status == EMPTY

    def test_planned_items_and_other_years_do_not_count(self, world):
        book = make_list("list_book_title")
        make_item(world.town, book, "《计划》", status="planned")
        make_item(world.town, book, "《去年》", year=2025)
        assert bind(world, "【学习书目|今年以来|列表】").status == EMPTY
        assert bind(world, "【学习书目|上年|列表】").shown == "《去年》"

    def test_the_hash_follows_the_items(self, world):
        item = make_item(world.town, make_list("list_book_title"), "《甲》")
        before = bind(world, "【学习书目|今年以来|列表】").source_hash
        Highlight.objects.filter(pk=item.pk).update(name="《改名》")
        assert bind(world, "【学习书目|今年以来|列表】").source_hash != before


class TestHash:
    """A changed source changes the hash; nothing else does."""

    def test_equal_figures_have_equal_hashes(self, world):
        token = "【中心组专题学习|今年以来|次】"
        assert bind(world, token).source_hash == bind(world, token).source_hash

    def test_a_correction_shows_even_when_the_sum_stays(self, world):
        token = "【中心组专题学习|今年以来|次】"
        before = bind(world, token)
        change_figure(world, SESSIONS, 1, month=9)
        change_figure(world, SESSIONS, 3, month=10)
        after = bind(world, token)
        assert (after.value, after.source_hash != before.source_hash) == (before.value, True)

    def test_the_months_of_a_period_do_not_move_with_the_figures(self, world):
        token = "【中心组专题学习|今年以来|月份】"
        before = bind(world, token).source_hash
        change_figure(world, SESSIONS, 9)
        assert bind(world, token).source_hash == before


class TestRank:
    """Praise by rank only within the district's bands; a tie counts with its last place."""

    @pytest.fixture
    def ranked(self, world):
        code = Indicator.objects.get(code="xuexi_activity_rank").formula["rank_of"]
        rows = Figure.objects.filter(indicator__code=code, monthly_return__year=2026, monthly_return__month=10)
        for value, row in zip((99, 95, 90), rows.order_by("monthly_return__unit__order"), strict=True):
            Figure.objects.filter(pk=row.pk).update(value=value)
        return world

    def test_first_of_three_stands_at_the_front(self, ranked):
        assert bind(ranked, "【活跃度排名|目前|名次】").shown == "第1位"
        assert bind(ranked, "【活跃度排名|目前|位次评价】").shown == "居全区前列"

    def test_everybody_level_is_no_place_at_the_front(self, world):
        assert bind(world, "【活跃度排名|目前|名次】").shown == "并列第1位"
        assert bind(world, "【活跃度排名|目前|位次评价】").status == EMPTY


class TestLaggards:
    """Villages below the district's line, worst first, at most as many as the district names."""

    def shares(self, world, *qualified):
        population = {village.pk: 1000 for village in world.villages}
        cells = Figure.objects.filter(monthly_return__unit=world.town, monthly_return__year=2026, monthly_return__month=10)
        for village, count in zip(world.villages, qualified, strict=True):
            cells.filter(unit=village, indicator__code="vol_qualified_person_count").update(value=count)
            cells.filter(unit=village, indicator__code="vol_household_population").update(value=population[village.pk])

    def test_worst_first(self, world):
        self.shares(world, 50, 10, 100)
        assert bind(world, "【达标志愿者占比|目前|欠佳名单】").shown == "西村、东村"

    def test_the_district_limits_how_many_are_named(self, world):
        self.shares(world, 50, 10, 20)
        assert bind(world, "【达标志愿者占比|目前|欠佳名单】").shown == "西村、南社区等"
        assert bind(world, "【达标志愿者占比|目前|欠佳名单3】").shown == "西村、南社区、东村"

    def test_nobody_below_the_line_drops_the_sentence(self, world):
        self.shares(world, 100, 100, 100)
        assert bind(world, "【达标志愿者占比|目前|欠佳名单】").status == EMPTY


def test_binding_a_whole_report_takes_few_queries(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        known = binder(world)
        for row in list(known.indicators.values()):
            known.bind(parse(f"【{row.name}|今年以来|】")[0])


def test_a_count_of_nothing_is_told_apart_whether_counted_from_a_list_or_reported(world):
    Highlight.objects.filter(unit=world.town, year=2026).delete()
    assert bind(world, "【表彰活动场次|今年以来|场】").status == ZERO
    assert bind(world, "【表彰和沙龙|今年以来|场】").status == ZERO
    for month in range(1, 11):
        change_figure(world, "ideology_study_session_count", 0, month=month)
    bound = bind(world, "【中心组专题学习|今年以来|次】")
    assert (bound.status, bound.shown) == (ZERO, "0次")
    assert bind(world, "【中心组专题学习|今年以来|余】").status == ZERO
    assert bind(world, "【中心组专题学习|今年以来|纯数】").status == OK
    assert bind(world, "【中心组专题学习|今年以来|同比】").shown == "下降100%"


def test_honours_without_an_item_leave_no_lead_behind(world):
    Highlight.objects.filter(unit=world.town, year=2025, named_list__code="list_honour").delete()
    report = create_report(by=world.clerk, unit=world.town, year=2025)
    assert "认可" not in assemble(report).document.to_json()
