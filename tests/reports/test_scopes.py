"""Whose figure a token quotes, and how its months are taken together: villages, the whole district, means and highest months."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.models import Figure, MonthlyReturn
from metrics.queries import YearBook
from reports import services
from reports.assembly import assemble
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder, Thresholds
from reports.models import Report
from reports.queries import stale_figures, template_for
from reports.render.json import render_json
from reports.template_names import load_names, token_fault
from reports.tokens import parse, write_token
from tests.factories import make_village
from tests.reports.world import change_figure, lasting
from workflow.choices import State

pytestmark = pytest.mark.django_db
THRESHOLDS = Thresholds(Decimal("0.34"), Decimal("0.60"), 2, Decimal("10"))
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, with_items=True) as world:
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def binder(world, cutoff=10):
    return Binder(YearBook.load(world.town, 2026), cutoff, THRESHOLDS)


def bind(world, text, **options):
    return binder(world, **options).bind(parse(text)[0])


def set_village(village, code, value, *, month=10):
    rows = Figure.objects.filter(unit=village, indicator__code=code, monthly_return__year=2026, monthly_return__month=month)
    assert rows.update(value=value)


@pytest.mark.parametrize(
    ("text", "scope", "aggregate"),
    [
        ("【甲|目前|次|东村】", "东村", ""),
        ("【甲|目前||东村】", "东村", ""),
        ("【甲|目前|次|月均】", "", "月均"),
        ("【甲|目前|次｜ 全区 ｜ 最高月 】", "全区", "最高月"),
        ("【甲|目前|次】", "", ""),
    ],
)
def test_the_parts_behind_the_format(text, scope, aggregate):
    (token,) = parse(text)
    assert (token.name, token.scope, token.aggregate, token.raw) == ("甲", scope, aggregate, text)
    (again,) = parse(write_token(token.name, token.period, token.format, token.scope, token.aggregate))
    assert (again.scope, again.aggregate, again.format) == (scope, aggregate, token.format)


class TestVillages:
    """A village's own figure, from its own cells."""

    def test_a_village_has_its_own_total(self, world):
        set_village(world.villages[0], "vol_service_hours", 40)
        assert bind(world, "【志愿服务时长|10月|小时|东村】").shown == "40小时"
        assert bind(world, "【志愿服务时长|10月|小时|西村】").shown == "2小时"
        assert bind(world, "【志愿服务时长|10月|小时】").shown == "44小时"
        bound = bind(world, "【志愿服务时长|今年以来|小时|东村】")
        assert (bound.value, bound.name, len(bound.sources)) == (58, "东村·志愿服务时长", 10)

    def test_its_hash_moves_with_its_own_cell_alone(self, world):
        token = "【志愿服务时长|今年以来|小时|东村】"
        before = bind(world, token).source_hash
        set_village(world.villages[1], "vol_service_hours", 40)
        assert bind(world, token).source_hash == before
        set_village(world.villages[0], "vol_service_hours", 40)
        assert bind(world, token).source_hash != before

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("【志愿服务时长|今年以来|小时|北村】", "东村、西村、南社区"),
            ("【志愿服务时长|今年以来|小时|全县】", "全区"),
            ("【志愿服务时长|今年以来|小时|青云镇】", "leave that part out"),
            ("【中心组专题学习|今年以来|次|东村】", "whole township"),
            ("【学习书目|今年以来|列表|东村】", "report's own"),
            ("【志愿服务时长|今年以来|欠佳名单|东村】", "欠佳名单"),
            ("【没有这个|今年以来|次|东村】", "没有这个"),
        ],
    )
    def test_what_no_village_has_is_refused_with_the_way_out(self, world, text, part):
        bound = bind(world, text)
        assert bound.status == REFUSED
        assert part in bound.reason

    def test_an_ended_village_speaks_of_its_own_months_alone(self, world):
        heir = make_village(world.town, "新东村", valid_from=date(2026, 7, 1))
        Unit.objects.filter(pk=world.villages[0].pk).update(valid_to=date(2026, 6, 30), successor=heir)
        rows = Figure.objects.filter(unit=world.villages[0], monthly_return__year=2026, monthly_return__month__gt=6)
        rows.delete()
        assert bind(world, "【志愿服务时长|1—6月|小时|东村】").shown == "12小时"
        late = bind(world, "【志愿服务时长|今年以来|小时|东村】")
        assert (late.status, "2026年6月" in late.reason, "新东村" in late.reason) == (REFUSED, True, True)
        early = bind(world, "【志愿服务时长|1—6月|小时|新东村】")
        assert (early.status, "2026年7月" in early.reason) == (REFUSED, True)

    def test_two_villages_of_one_name_are_refused_where_both_existed(self, world):
        make_village(world.town, "东村", valid_from=date(2026, 7, 1))
        both = bind(world, "【志愿服务时长|今年以来|小时|东村】")
        assert (both.status, "2 villages" in both.reason) == (REFUSED, True)
        assert bind(world, "【志愿服务时长|1—6月|小时|东村】").shown == "12小时"

    def test_a_months_absence_is_no_zero(self, world):
        rows = Figure.objects.filter(unit=world.villages[0], indicator__code="vol_service_hours", monthly_return__month=10)
        rows.update(kind=FigureKind.NOT_APPLICABLE, value=None)
        assert bind(world, "【志愿服务时长|10月|小时|东村】").status == EMPTY
        MonthlyReturn.objects.filter(unit=world.town, year=2026, month=10).update(state=State.IN_REVIEW)
        assert bind(world, "【志愿服务时长|10月|小时|西村】").status == MISSING


class TestDistrict:
    """The townships together, only when every one of them has its months approved."""

    def test_a_total_is_the_sum_of_the_townships(self, world):
        change_figure(world, SESSIONS, 7)
        bound = bind(world, "【中心组专题学习|今年以来|次|全区】")
        assert (bound.status, bound.shown, bound.value) == (OK, "65次", 65)
        assert bound.sources[-1]["value"] == "11"
        assert {row["approved_by"] for row in bound.sources} == {""}

    def test_growth_and_large_numbers_are_of_the_district(self, world):
        change_figure(world, SESSIONS, 29_942)
        assert bind(world, "【中心组专题学习|今年以来|万2|全区】").shown == "3万次"
        change_figure(world, SESSIONS, 2)
        assert bind(world, "【中心组专题学习|今年以来|同比|全区】").shown == "增长100%"

    def test_one_missing_township_blocks_and_is_not_named(self, world):
        other = Unit.objects.townships().exclude(pk=world.town.pk).first()
        MonthlyReturn.objects.filter(unit=other, year=2026, month=9).update(state=State.IN_REVIEW)
        bound = bind(world, "【中心组专题学习|今年以来|次|全区】")
        assert (bound.status, "9月" in bound.reason, other.name in bound.reason) == (MISSING, True, False)
        assert bind(world, "【中心组专题学习|1—8月|次|全区】").shown == "48次"
        MonthlyReturn.objects.filter(unit=other, year=2025, month=2).update(state=State.IN_REVIEW)
        base = bind(world, "【中心组专题学习|1—8月|同比|全区】")
        assert (base.status, "2025, 2月" in base.reason) == (MISSING, True)

    def test_a_township_that_ended_counts_until_then(self, world):
        other = Unit.objects.townships().exclude(pk=world.town.pk).first()
        Unit.objects.filter(pk=other.pk).update(valid_to=date(2026, 6, 30))
        MonthlyReturn.objects.filter(unit=other, year=2026, month__gt=6).delete()
        assert bind(world, "【中心组专题学习|今年以来|次|全区】").shown == "52次"
        assert bind(world, "【文化经营单位|目前|家|全区】").shown == "202家"

    def test_a_rate_is_divided_anew(self, world):
        change_figure(world, "ideology_party_member_total", 1000)
        change_figure(world, "ideology_winter_training_attended", 1000)
        rows = Figure.objects.exclude(unit=world.town).filter(monthly_return__year=2026, monthly_return__month=10)
        rows.filter(indicator__code="ideology_party_member_total").update(value=50)
        rows.filter(indicator__code="ideology_winter_training_attended").update(value=5)
        assert bind(world, "【党员冬训覆盖率|目前|%】").shown == "100%"
        assert bind(world, "【党员冬训覆盖率|目前|%1|全区】").shown == "91.8%"  # 1010 of 1100, not the mean of 100, 10 and 10

    @pytest.mark.parametrize("text", ["【学习强国活跃度|今年以来|%|全区】", "【文明指数|目前|分|全区】"])
    def test_what_is_no_amount_is_refused(self, world, text):
        bound = bind(world, text)
        assert (bound.status, "do not add up" in bound.reason) == (REFUSED, True)

    def test_queries_do_not_grow_with_tokens(self, world):
        names = [row.name for row in binder(world).indicators.values() if row.aggregation == "sum" and row.has_cell][:12]
        assert len(set(names)) > 3
        counts = []
        for chosen in (names[:1], names):
            tokens = [parse(f"【{name}|今年以来|同比|全区】")[0] for name in chosen]
            fresh = binder(world)
            fresh.expect(tokens)
            with CaptureQueriesContext(connection) as caught:
                for token in tokens:
                    fresh.bind(token)
            counts.append(len(caught))
        assert counts[0] == counts[1] > 0

    def test_nobody_asks_nothing_is_read(self, world, django_assert_num_queries):
        fresh = binder(world)
        with django_assert_num_queries(0):
            fresh.bind(parse("【中心组专题学习|今年以来|次】")[0])


class TestAggregates:
    """The mean of months and the highest month."""

    def test_mean_and_highest(self, world):
        change_figure(world, SESSIONS, 5, month=6)
        assert bind(world, "【中心组专题学习|今年以来|次|月均】").shown == "2.3次"
        assert bind(world, "【中心组专题学习|今年以来|次|最高月】").shown == "5次"
        assert bind(world, "【中心组专题学习|今年以来|月份|最高月】").shown == "6月"
        assert bind(world, "【中心组专题学习|今年以来|次|全区|最高月】").shown == "9次"

    def test_a_tie_has_no_highest_month(self, world):
        bound = bind(world, "【中心组专题学习|一季度|月份|最高月】")
        assert (bound.status, "1月、2月、3月" in bound.reason) == (REFUSED, True)

    @pytest.mark.parametrize("text", ["【文化经营单位|目前|家|月均】", "【学习强国覆盖率|目前|%|最高月】"])
    def test_no_sum_no_mean(self, world, text):
        bound = bind(world, text)
        assert (bound.status, "no sum of months" in bound.reason) == (REFUSED, True)

    def test_a_missing_month_blocks(self, world):
        MonthlyReturn.objects.filter(unit=world.town, year=2026, month=4).update(state=State.IN_REVIEW)
        assert bind(world, "【中心组专题学习|今年以来|次|月均】").status == MISSING


class TestReports:
    """In a report: settled, flagged, exported with whose figure it is."""

    def test_scope_and_aggregate_reach_document_and_json(self, world):
        report = services.create_report(by=world.clerk, unit=world.town, year=2026)
        block = report.blocks.filter(kind="paragraph").first()
        text = "东村服务【志愿服务时长|今年以来|小时|东村】，全区学习【中心组专题学习|今年以来|次|全区|月均】。"
        services.save_block(by=world.clerk, block=block, text=text, base_version=block.version)
        document = assemble(Report.objects.get(pk=report.pk)).document
        assert document.from_json(document.to_json()) == document
        assert "东村服务20小时，全区学习6次。" in [row.text for row in document.blocks]
        data = render_json(document).decode()
        assert '"scope": "东村"' in data
        assert '"aggregate": "月均"' in data
        other = Unit.objects.townships().exclude(pk=world.town.pk).first()
        row = Figure.objects.get(unit=other, indicator__code=SESSIONS, monthly_return__year=2026, monthly_return__month=3)
        row.value = 12
        row.save()
        (moved,) = stale_figures(Report.objects.get(pk=report.pk))
        assert (moved.old, moved.new, moved.now.name) == ("6次", "7次", "全区·中心组专题学习")

    def test_templates_take_the_district_and_no_village(self, world):
        names = load_names(template_for(world.town, 2026))
        fault = lambda text: token_fault(parse(text)[0], names)  # noqa: E731
        assert fault("【中心组专题学习|今年以来|次|全区】") == ""
        assert "every township" in fault("【志愿服务时长|今年以来|小时|东村】")
        assert "every township" in fault("【学习书目|今年以来|列表|全区】")
        assert "no sum" in fault("【文化经营单位|目前|家|月均】")
