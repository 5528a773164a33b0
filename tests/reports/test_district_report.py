"""A whole report of the district: drafted from the shipped template, settled, traced, moved on, frozen, printed."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Unit
from metrics.models import DistrictYear, Figure, MonthlyReturn, NamedList, Target
from reports.assembly import assemble, load_binder
from reports.binding import EMPTY, MISSING
from reports.choices import UnitClass
from reports.document import ReportDocument
from reports.drafting import draft_report
from reports.models import Block, BoundFigure, PlanItem, Report, ReportTemplate, ReportVersion
from reports.picker import load_picker
from reports.plan_book import PlanBook
from reports.plan_items import PlanInput, item_faults
from reports.plan_page import plan_choices
from reports.queries import months_moved_since_approval, returns_moved_since, stale_figures, template_for
from reports.render.docx import render_docx
from reports.render.json import render_json
from reports.render.pdf import render_pdf
from reports.render.xlsx import render_xlsx
from reports.report_page import load_report_page
from reports.services.plan import adopt_plan
from reports.services.settling import settle_blocks
from reports.template_names import content_faults
from reports.tokens import parse
from reports.trace import load_trace
from reports.trial import load_trial, trial_years
from reports.views.structure import choices_for
from tests.factories import make_item, make_township
from tests.reports.world import lasting
from workflow.choices import State

pytestmark = pytest.mark.django_db
SESSIONS = "ideology_study_session_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, villages_each=2) as world:
        world.report = district_report(world)
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def district_report(world, year=2026, cutoff=10) -> Report:
    """Create and settle it as services.creating does, whoever may do so."""
    settings = DistrictYear.objects.get(district=world.district, year=year)
    template = template_for(world.district, year)
    draft = draft_report(world.district, year, template, settings=settings, cutoff_month=cutoff)
    draft.report.created_by = world.reviewer
    draft.report.save()
    for block in draft.blocks:
        block.report = draft.report
    settle_blocks(Block.objects.bulk_create(draft.blocks), draft.binder)
    return Report.objects.select_related("unit").get(pk=draft.report.pk)


def townships(world):
    return list(Unit.objects.townships().filter(parent=world.district).order_by("order", "code"))


def text_of(document):
    return "\n".join(block.lead + "".join(run.text for run in block.runs) for block in document.blocks)


def with_paragraph(world, text) -> Block:
    """Give the report one more paragraph."""
    block = Block.objects.create(report=world.report, key="extra", order=15, kind="paragraph", text=text)
    settle_blocks([block], load_binder(world.report))
    return block


def bound(world, text):
    block = with_paragraph(world, text)
    return BoundFigure.objects.get(block=block)


class TestTemplate:
    """The shipped template can be used as it is."""

    @pytest.mark.parametrize("year", [2025, 2026])
    def test_it_has_no_fault(self, world, year):
        template = ReportTemplate.objects.get(district=world.district, year=year, unit_class=UnitClass.DISTRICT)
        assert content_faults(template) == []

    def test_a_township_and_an_index_without_a_township_are_faults(self, world):
        template = template_for(world.district, 2026)
        text = f"【中心组专题学习|今年以来|次|{world.town.name}】。【文明指数|目前|分】。【中心组专题学习|今年以来|次|全区】。"
        template.content = {**template.content, "blocks": [{"key": "a", "kind": "paragraph", "text": text}]}
        faults = content_faults(template)
        assert len(faults) == 3
        assert any("no amount" in fault for fault in faults)

    def test_it_is_tried_on_the_district(self, world):
        template = template_for(world.district, 2026)
        assert trial_years(world.district, template) == [2026, 2025]
        document = load_trial(template, world.district, 2026).document
        assert document.unit_name == world.district.name
        assert "中心组开展专题学习60次" in text_of(document)


class TestReport:
    """What it says."""

    def test_it_has_nothing_in_the_way_and_says_the_sums(self, world):
        made = assemble(world.report)
        assert made.problems == ()
        words = text_of(made.document)
        assert "理论学习中心组开展专题学习60次" in words
        assert "〔待补〕" not in words
        assert made.document.title_lines[0] == "云浦区"
        assert (made.document.addressee, made.document.signature) == ("云浦区委：", "云浦区委宣传部")
        assert world.report.file_stem == "云浦区_2026年度宣传思想文化工作总结和2027年工作计划"

    def test_its_tables_have_a_row_a_township_and_end_with_the_whole(self, world):
        annexes = assemble(world.report).document.annexes
        assert [annex.number for annex in annexes] == [1, 2, 3, 4]
        names = [unit.name for unit in townships(world)]
        for table in (*annexes[0].tables, *annexes[1].tables):
            assert [row[0].text for row in table.rows] == [*names, "合计"]
        assert len(annexes[0].tables) == 5
        first = annexes[0].tables[0]
        assert [row[1].text for row in first.rows] == ["20", "20", "20", "60"]
        activity = [column.heading for column in first.columns].index("学习强国活跃度（%）")
        assert first.rows[-1][activity].text == "—"
        shares = [row[-1].text for row in annexes[1].tables[0].rows]
        assert shares == ["10.9"] * 4

    def test_an_ended_township_says_so_in_its_row(self, world):
        gone = townships(world)[1]
        Unit.objects.filter(pk=gone.pk).update(valid_to=date(2026, 6, 30), successor=world.town)
        rows = assemble(world.report).document.annexes[0].tables[0].rows
        assert rows[1][0].text == f"{gone.name}（已撤并）"
        assert (rows[1][1].text, rows[-1][1].text) == ("12", "52")

    def test_the_table_of_townships_is_left_out_of_a_townships_report(self, world):
        draft = draft_report(
            world.town, 2026, template_for(world.town, 2026), settings=DistrictYear.objects.get(year=2026), cutoff_month=10
        )
        draft.report.created_by = world.clerk
        draft.report.save()
        Block.objects.create(report=draft.report, key="u", order=1, kind="annex", lead="unit_figures", text="各乡镇")
        Block.objects.create(report=draft.report, key="v", order=2, kind="annex", lead="village_volunteers", text="各村")
        annexes = assemble(draft.report).document.annexes
        assert [(row.number, row.title) for row in annexes] == [(1, "青云镇2026年各村")]

    def test_the_picker_offers_the_townships(self, world):
        picker = load_picker(load_binder(world.report))
        assert picker.scopes == tuple(unit.name for unit in townships(world))

    def test_the_number_of_queries_does_not_grow_with_the_townships(self, world):
        def cost():
            with CaptureQueriesContext(connection) as caught:
                assemble(Report.objects.get(pk=world.report.pk))
            return len(caught)

        few = cost()
        for number in range(6):
            unit = make_township(world.district, f"新设{number}镇", valid_from=date(2026, 9, 1))
            for month in (9, 10):
                MonthlyReturn.objects.create(unit=unit, year=2026, month=month, due_at="2026-11-05T00:00Z")
        assert cost() == few


class TestLists:
    """Named things of all townships, with whose they are."""

    def test_one_name_of_several_townships_is_one_thing_with_its_owners(self, world):
        second, third = townships(world)[1:]
        brands = NamedList.objects.get(code="list_vol_brand")
        for unit in (second, third):
            make_item(unit, brands, "红马甲", 2026, date_from=date(2026, 3, 1))
        row = bound(world, "【志愿服务品牌|今年以来|属地列表】")
        assert row.shown == f"青云镇“甲项”、“红马甲”（{second.name}、{third.name}）、青云镇《乙项》、青云镇《丙项》"
        assert [source["item"] for source in row.sources] == ["甲项", "红马甲", "红马甲", "《乙项》", "《丙项》"]
        assert [source["unit"] for source in row.sources[1:3]] == [second.name, third.name]

    def test_counts_and_details(self, world):
        second = townships(world)[1]
        honours = NamedList.objects.get(code="list_honour")
        make_item(second, honours, "文明村", 2026, date_from=date(2026, 3, 1), recipient="柳塘村")
        assert bound(world, "【荣誉|今年以来|列表详2】").shown == f"甲项（青云镇）、文明村（{second.name}柳塘村）等"

    def test_the_number_of_things_counts_each_name_once(self, world):
        make_item(townships(world)[1], NamedList.objects.get(code="list_honour"), "甲项", 2026, date_from=date(2026, 3, 1))
        assert bound(world, "【荣誉|今年以来|项数】").shown == "3个"


class TestOrder:
    """Who leads and who comes last, once everybody's figure is there."""

    def order(self, world, *values):
        for unit, value in zip(townships(world), values, strict=True):
            rows = Figure.objects.filter(unit=unit, indicator__code=SESSIONS, monthly_return__year=2026)
            assert rows.filter(monthly_return__month=10).update(value=value)

    @pytest.mark.parametrize(
        ("values", "name", "places"),
        [((9, 30, 20), "前列名单2", (1, 2)), ((9, 30, 20), "后列名单1", (0,)), ((20, 20, 5), "前列名单2", (0, 1)),
         ((30, 20, 20), "前列名单2", (0,))],
    )  # fmt: skip
    def test_names_in_order(self, world, values, name, places):
        self.order(world, *values)
        names = [unit.name for unit in townships(world)]
        assert bound(world, f"【中心组专题学习|10月|{name}】").shown == "、".join(names[place] for place in places)

    @pytest.mark.parametrize(("values", "name"), [((5, 5, 5), "前列名单2"), ((0, 0, 0), "前列名单1"), ((1, 2, 3), "前列名单3")])
    def test_no_order_drops_the_sentence(self, world, values, name):
        self.order(world, *values)
        assert bound(world, f"【中心组专题学习|10月|{name}】").status == EMPTY

    def test_it_needs_every_township(self, world):
        self.order(world, 1, 2, 3)
        late = townships(world)[2]
        MonthlyReturn.objects.filter(unit=late, year=2026, month=10).update(state=State.SUBMITTED)
        row = bound(world, "【中心组专题学习|今年以来|前列名单2】")
        assert (row.status, f"{late.name}10月" in row.reason) == (MISSING, True)

    def test_what_does_not_add_up_may_be_put_in_order(self, world):
        Figure.objects.filter(unit=world.town, indicator__code="civ_civilization_index").update(value=Decimal(999))
        assert bound(world, "【文明指数|目前|前列名单1】").shown == "青云镇"

    def test_villages_of_a_township_too(self, world):
        Figure.objects.filter(unit=world.villages[1], indicator__code="vol_service_hours").update(value=50)
        draft = draft_report(
            world.town, 2026, template_for(world.town, 2026), settings=DistrictYear.objects.get(year=2026), cutoff_month=10
        )
        leading = draft.binder.bind(parse("【志愿服务时长|今年以来|前列名单1】")[0])
        assert (leading.reason, leading.shown) == ("", "西村")
        assert draft.binder.bind(parse("【中心组专题学习|今年以来|前列名单1】")[0]).status == "refused"


class TestTrace:
    """From a number of the district to each township's return."""

    def trace(self, world, text):
        row = bound(world, text)
        return load_trace(load_report_page(world.report), row, world.reviewer)

    def test_it_opens_to_the_townships_and_their_returns(self, world):
        trace = self.trace(world, "【中心组专题学习|今年以来|次】")
        (table,) = trace.townships
        assert [line.name for line in table.lines] == [unit.name for unit in townships(world)]
        assert [line.shown for line in table.lines] == ["20", "20", "20"]
        line = table.lines[1]
        returns = MonthlyReturn.objects.filter(unit=townships(world)[1], year=2026).order_by("month")
        assert [month.return_pk for month in line.months] == [row.pk for row in returns]
        assert (line.counted, line.approved_by, line.waiting) == (10, str(world.reviewer), ())
        assert line.approved_at is not None
        assert (table.cell, trace.inputs) == (SESSIONS, ())

    def test_a_comparison_has_both_years(self, world):
        trace = self.trace(world, "【中心组专题学习|今年以来|同比】")
        assert [table.period[:4] for table in trace.townships] == ["2026", "2025"]

    def test_a_month_that_is_not_there_is_seen(self, world):
        late = townships(world)[1]
        MonthlyReturn.objects.filter(unit=late, year=2026, month=10).update(state=State.SUBMITTED)
        trace = self.trace(world, "【中心组专题学习|今年以来|次】")
        assert trace.townships[0].lines[1].waiting == ("10月",)
        assert trace.townships[0].lines[1].shown == "—"

    def test_a_townships_own_number_opens_its_months(self, world):
        unit = townships(world)[2]
        trace = self.trace(world, f"【中心组专题学习|今年以来|次|{unit.name}】")
        assert trace.townships == ()
        returns = set(MonthlyReturn.objects.filter(unit=unit, year=2026).values_list("pk", flat=True))
        assert {month.return_pk for month in trace.inputs[0].months} == returns

    def test_its_cost_does_not_grow_with_the_months_nor_a_rank_break_it(self, world):
        for text in ("【达标志愿者占比|目前|%1】", "【主流媒体录用|今年以来|篇】", f"【活跃度排名|目前|名次|{world.town.name}】"):
            Block.objects.filter(key="extra").delete()
            assert self.trace(world, text).formula


class TestMoving:
    """Nothing changes by itself; what moved under it is told with its township."""

    def test_a_correction_in_one_township_flags_the_number(self, world):
        assert stale_figures(world.report) == []
        rows = Figure.objects.filter(unit=townships(world)[1], indicator__code=SESSIONS, monthly_return__month=3)
        rows.filter(monthly_return__year=2026).update(value=7)
        stale = stale_figures(world.report)
        assert "60次" in {row.old for row in stale}
        assert "65次" in {row.new for row in stale}

    def test_a_month_approved_anew_under_an_approved_report_is_named_with_its_township(self, world):
        now = MonthlyReturn.objects.latest("approved_at").approved_at
        report = world.report
        Report.objects.filter(pk=report.pk).update(state=State.APPROVED, approved_at=now)
        report = Report.objects.select_related("unit").get(pk=report.pk)
        assert months_moved_since_approval(report, load_binder(report)) == []
        unit = townships(world)[2]
        MonthlyReturn.objects.filter(unit=unit, year=2026, month=4).update(state=State.RETURNED, approved_at=None)
        (moved,) = months_moved_since_approval(report, load_binder(report))
        assert moved.label == f"{unit.name}2026年4月"
        assert returns_moved_since(world.district, [report]) == {report.pk: 1}


@pytest.mark.pdf
def test_it_is_frozen_and_printed_in_all_four_formats(world):
    document = replace(assemble(world.report).document, version=1)
    frozen = ReportDocument.from_json(document.to_json())
    assert frozen.sha256 == document.sha256
    assert render_pdf(frozen).data.startswith(b"%PDF")
    for data in (render_docx(frozen)[0], render_xlsx(frozen)):
        assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    facts = json.loads(render_json(frozen))
    figures = [run["figure"] for block in facts["blocks"] for run in block["runs"] if "figure" in run]
    sessions = next(figure for figure in figures if figure["indicator"] == "中心组专题学习" and figure["shown"] == "60次")
    assert {source["unit"] for source in sessions["sources"] if "unit" in source} == {unit.name for unit in townships(world)}


def test_a_district_plan_is_judged_by_what_its_report_planned_and_sets_no_target(world):
    before = district_report(world, 2025, 12)
    PlanItem.objects.create(report=before, order=1, measure="专题学习", code=SESSIONS, amount=60, updated_by=world.reviewer)
    document = assemble(Report.objects.select_related("unit").get(pk=before.pk)).document
    version = ReportVersion.objects.create(
        report=before, number=1, document=document.to_json(), sha256=document.sha256, approved_by=world.admin,
        approved_at=timezone.now(),
    )  # fmt: skip
    adopt_plan(by=world.admin, report=before, version=version)
    assert not Target.objects.exists()
    assert bound(world, "【年度目标|今年以来|完成情况】").shown == "年初确定的1项目标任务，完成1项"
    Block.objects.filter(key="extra").delete()
    row = bound(world, "【中心组专题学习|今年以来|完成率】")
    assert (row.shown, row.sources[0]["plan_item"], row.sources[0]["version"]) == ("100%", "专题学习", 1)
    trace = load_trace(load_report_page(world.report), row, world.reviewer)
    assert trace.plan.version == version


def test_an_item_of_the_districts_plan_needs_an_indicator_that_adds_up(world):
    plan = PlanBook(world.report)
    typed = {"measure": "提升文明指数", "amount": Decimal(95)}
    (fault,) = item_faults(PlanInput(**typed, code="civ_civilization_index"), others={}, **plan.rules)
    assert (fault.field, "no amount" in fault.reason) == ("code", True)
    assert item_faults(PlanInput(**typed, code=SESSIONS), others={}, **plan.rules) == []
    assert SESSIONS in {row.code for row in plan_choices(plan)}
    assert "civ_civilization_index" not in {row.code for row in plan_choices(plan)}
    own = PlanBook(Report(unit=world.town, year=2026))
    assert item_faults(PlanInput(**typed, code="civ_civilization_index"), others={}, **own.rules) == []


class TestPages:
    """The pages that show it to the district."""

    def test_the_template_is_tried_on_the_district_alone(self, world, client):
        client.force_login(world.admin)
        template = template_for(world.district, 2026)
        page = client.get(reverse("reports:template_trial", args=[template.pk]))
        assert page.status_code == 200
        assert page.context["townships"] == [world.district]
        assert page.context["report"].unit == world.district
        whole = client.get(reverse("reports:template_trial", args=[template_for(world.town, 2026).pk]))
        assert world.district not in whole.context["townships"]

    def test_a_traced_number_links_to_every_townships_returns(self, world, client):
        client.force_login(world.reviewer)
        row = bound(world, "【中心组专题学习|今年以来|次】")
        page = client.get(reverse("reports:figure_trace", args=[world.report.pk, row.pk]), headers={"X-Requested-With": "fetch"})
        words = page.content.decode()
        for unit in townships(world):
            monthly_return = MonthlyReturn.objects.get(unit=unit, year=2026, month=3)
            assert f"{reverse('metrics:return_detail', args=[monthly_return.pk])}?cell={SESSIONS}" in words

    def test_its_annex_of_townships_is_offered_to_the_district_alone(self, world):
        block = world.report.blocks.get(key="annex.units")
        assert "annex-unit_figures" in dict(choices_for(block))
        own = Block(report=Report(unit=world.town, year=2026), kind="annex", lead="media_matrix")
        assert "annex-unit_figures" not in dict(choices_for(own))
        assert "annex-media_matrix" in dict(choices_for(own))
