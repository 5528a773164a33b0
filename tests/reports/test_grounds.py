"""What a number says that it rests on: every item with its own papers, shares that add up to it once, both sides of a ratio."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.models import Figure, Indicator, NamedList
from metrics.periods import Period
from reports.annexes import PARTIAL_NOTE, build_annexes
from reports.assembly import assemble, load_binder
from reports.checks.lengths import ITEM, _shown
from reports.differences import compare_documents
from reports.district_book import DistrictBook
from reports.grounds import shares_of, things_of
from reports.models import Block, BoundFigure
from reports.render.json import render_json
from reports.render.xlsx import source_in_words
from reports.report_page import load_report_page
from reports.services.settling import settle_blocks
from reports.tokens import parse
from reports.trace import load_trace
from tests.factories import make_item
from tests.reports.test_district_report import district_report
from tests.reports.world import lasting

pytestmark = pytest.mark.django_db
SESSIONS, SHARE = "ideology_study_session_count", "vol_share_of_population"
QUALIFIED = "vol_qualified_person_count"


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, villages_each=2) as world:
        world.report = district_report(world)
        yield world


@pytest.fixture
def world(db, lasting_world):
    with translation.override("en"):
        yield lasting_world


def townships(world):
    return list(Unit.objects.townships().filter(parent=world.district).order_by("order", "code"))


def settled(world, text, **options):
    block = Block(report=world.report, key="extra", order=15, kind="paragraph", text=text)
    for name, value in options.items():
        setattr(block, name, value)
    block.save()
    settle_blocks([block], load_binder(world.report))
    return BoundFigure.objects.get(block=block)


def brands(world):
    """Give one brand of the same name to two townships, each with its own paper."""
    rows = NamedList.objects.get(code="list_vol_brand")
    return [make_item(unit, rows, "红马甲", 2026, evidence_ref=f"卷{unit.name}") for unit in townships(world)[1:]]


def set_month(unit, month, value, code=SESSIONS):
    rows = Figure.objects.filter(monthly_return__unit=unit, indicator__code=code, monthly_return__year=2026)
    assert rows.filter(monthly_return__month=month).update(value=value)


class TestItems:
    """One name of several townships is one thing in words and several in the trace."""

    def test_every_item_has_its_own_township_id_and_paper(self, world):
        made = brands(world)
        row = settled(world, "【志愿服务品牌|今年以来|属地列表】")
        shared = [source for source in row.sources if source["item"] == "红马甲"]
        assert [(source["unit"], source["id"], source["evidence"]) for source in shared] == [
            (item.unit.name, item.pk, item.evidence_ref) for item in made
        ]
        assert len(things_of(row.sources)) == len(row.sources) - 1

    def test_a_numbered_list_names_it_once_and_exports_both(self, world):
        made = brands(world)
        spec = {"list": "志愿服务品牌", "period": "今年以来", "style": "numbered"}
        settled(world, "", kind="list", spec=spec)
        document = assemble(world.report).document
        runs = [run for block in json.loads(render_json(document))["blocks"] for run in block["runs"] if "figure" in run]
        (entry,) = [run["figure"] for run in runs if run["figure"]["shown"].startswith("红马甲")]
        assert entry["shown"] == f"红马甲（{made[0].unit.name}、{made[1].unit.name}）"
        assert [source["id"] for source in entry["sources"]] == [item.pk for item in made]

    def test_a_list_is_as_long_as_its_names(self, world):
        brands(world)
        row = settled(world, "【志愿服务品牌|今年以来|列表】")
        assert _shown(row).count(ITEM) == len(row.sources) - 1

    def test_a_list_that_was_kept_with_one_source_a_name_reads_as_before(self):
        kept = [{"item": "红马甲", "id": 1, "unit": "甲镇、乙镇"}, {"item": "河长", "id": 2, "unit": "丙镇"}]
        assert [[row["id"] for row in thing] for thing in things_of(kept)] == [[1], [2]]

    def test_a_townships_items_of_one_name_stay_two(self):
        assert len(things_of([{"item": "同名", "id": 1}, {"item": "同名", "id": 2}])) == 2


class TestShares:
    """Whoever adds the sources of a number gets the number."""

    def test_townships_add_up_to_it_once_with_who_approved_them(self, world):
        set_month(townships(world)[1], 3, 7)
        row = settled(world, "【中心组专题学习|今年以来|次】")
        assert {source["by"] for source in row.sources} == {"unit"}
        assert sum(Decimal(source["value"]) for source in row.sources) == row.value == 65
        assert {source["approved_by"] for source in row.sources} == {str(world.reviewer)}
        assert [sum(map(Decimal, source["by_month"].values())) for source in row.sources] == [20, 25, 20]
        assert all(source["approved_at"] for source in row.sources)

    def test_items_behind_a_count_have_their_township(self, world):
        counted = Indicator.objects.filter(source="list", formula__has_key="list").first()
        made = make_item(townships(world)[2], NamedList.objects.get(code=counted.formula["list"]), "河长", 2026,
                         date_from=date(2026, 3, 1))  # fmt: skip
        row = settled(world, f"【{counted.name}|今年以来|{counted.measure}】")
        items = [source for source in row.sources if "item" in source]
        assert made.unit.name in {source["unit"] for source in items if source["id"] == made.pk}
        assert all(source["unit"] for source in items)

    def sides(self, sources):
        return [sum(Decimal(row["value"]) for row in sources if row.get("part") == side) for side in ("numerator", "denominator")]

    def test_a_ratio_of_the_district_can_be_worked_out_from_its_sources(self, world):
        Figure.objects.filter(unit=world.villages[0], indicator__code=QUALIFIED).update(value=91)
        row = settled(world, "【达标志愿者占比|目前|%1】")
        above, below = self.sides(row.sources)
        assert abs(above * 100 / below - row.value) < Decimal("0.00000001")
        assert len(row.sources) == 2 * len(townships(world))
        assert len({source["indicator"] for source in row.sources}) == 2

    @pytest.mark.parametrize("scope", ["township", "own", "village"])
    def test_so_can_one_of_a_township_and_of_a_village(self, world, scope):
        Figure.objects.filter(unit=world.villages[0], indicator__code=QUALIFIED).update(value=91)
        binder = load_binder(world.report)
        text = f"【达标志愿者占比|目前|%1|{world.town.name}】"
        if scope != "township":
            report = replace_unit(world)
            binder, text = (
                load_binder(report),
                "【达标志愿者占比|目前|%1】" if scope == "own" else "【达标志愿者占比|目前|%1|东村】",
            )
        row = binder.bind(parse(text)[0])
        above, below = self.sides(row.sources)
        assert above * 100 / below == row.value
        assert all(source["approved_by"] for source in row.sources)

    def test_a_quotient_is_kept_with_a_few_decimals(self, world):
        Figure.objects.filter(unit=world.villages[0], indicator__code=QUALIFIED).update(value=91)
        row = settled(world, "【达标志愿者占比|目前|前列名单1】")
        assert row.sources
        assert max(len(source["value"].partition(".")[2]) for source in row.sources) == 4

    def test_words_of_the_workbook(self):
        source = {
            "part": "denominator",
            "indicator": "常住人口",
            "by": "unit",
            "unit": "青云镇",
            "value": "8",
            "by_month": {"a": "8"},
        }
        assert source_in_words(source) == "分母 常住人口 青云镇 8"


def replace_unit(world):
    """Return an unsaved report of the township."""
    report = world.report
    other = type(report)(unit=world.town, year=2026, settings_copy=report.settings_copy, cutoff_month=10, created_by=world.clerk)
    other.save()
    return other


class TestMoved:
    """A changed number says whose share changed."""

    def trace(self, world, row):
        return load_trace(load_report_page(world.report), row, world.reviewer)

    def test_the_township_and_its_month(self, world):
        row = settled(world, "【中心组专题学习|今年以来|次】")
        assert [line.is_moved for line in self.trace(world, row).townships[0].lines] == [False] * 3
        set_month(townships(world)[1], 3, 7)
        lines = self.trace(world, row).townships[0].lines
        assert [line.is_moved for line in lines] == [False, True, False]
        assert (lines[1].was, lines[1].shown) == ("20", "25")
        assert [(month.label, month.old, month.new) for month in lines[1].moved] == [("3月", "2", "7")]

    def test_the_page_marks_it(self, client, world):
        row = settled(world, "【中心组专题学习|今年以来|次】")
        client.force_login(world.reviewer)
        address = reverse("reports:figure_trace", args=[world.report.pk, row.pk])
        assert "rp-moved" not in client.get(address).content.decode()
        set_month(townships(world)[1], 3, 7)
        text = client.get(address).content.decode()
        assert text.count("rp-moved") == 1
        assert "<del>20</del>" in text
        assert "3月 2 → 7" in text

    def test_two_that_cancel_out_are_both_marked(self, world):
        row = settled(world, "【中心组专题学习|今年以来|次】")
        set_month(townships(world)[0], 10, 3)
        set_month(townships(world)[2], 10, 1)
        assert [line.is_moved for line in self.trace(world, row).townships[0].lines] == [True, False, True]

    def test_a_ratio_whose_numerator_moved(self, world):
        row = settled(world, "【达标志愿者占比|目前|%1】")
        Figure.objects.filter(unit=world.villages[0], indicator__code=QUALIFIED).update(value=91)
        lines = self.trace(world, row).townships[0].lines
        assert [line.is_moved for line in lines] == [True, False, False]
        assert lines[0].moved

    def test_what_was_kept_without_months_still_tells_the_township(self, world):
        row = settled(world, "【中心组专题学习|今年以来|次】")
        row.sources = [{"period": "2026-03", "value": "6"}, *({"unit": unit.name, "value": "20"} for unit in townships(world))]
        row.save()
        set_month(townships(world)[1], 3, 7)
        lines = self.trace(world, row).townships[0].lines
        assert [(line.was, line.moved) for line in lines] == [("", ()), ("20", ()), ("", ())]

    def test_two_versions_tell_it_too(self, world):
        row = settled(world, "【中心组专题学习|1—9月|次】")
        before = assemble(world.report).document
        set_month(townships(world)[1], 3, 7)
        settle_blocks([row.block], load_binder(world.report), renew=True)
        found = compare_documents(before, assemble(world.report).document).figures
        (change,) = found
        assert [(month.whose, month.period, month.old, month.new) for month in change.months] == [
            (townships(world)[1].name, "2026-03", "2", "7")
        ]

    def test_sides_that_an_older_version_did_not_tell_are_no_change(self):
        old = [{"period": "2026-03", "value": "6"}]
        new = [
            {"part": "numerator", "period": "2026-03", "value": "6"},
            {"part": "denominator", "period": "2026-03", "value": "9"},
        ]
        before, after = shares_of(old), shares_of(new)
        assert [after[key].value for key in before] == ["6"]


class TestWords:
    """Formula, last row and note say what is so."""

    def formula(self, world, text):
        return load_trace(load_report_page(world.report), settled(world, text), world.reviewer).formula

    def test_an_order_adds_nothing_up(self, world):
        together, each = _("The townships together: "), _("Each township by its own figure: ")
        ordered = self.formula(world, "【文明指数|目前|前列名单1】")
        assert (together in ordered, each in ordered) == (False, True)
        Block.objects.filter(key="extra").delete()
        summed = self.formula(world, "【中心组专题学习|今年以来|次】")
        assert (together in summed, each in summed) == (True, False)

    def test_a_sign_in_a_table_has_its_note_and_none_without(self, world):
        def notes():
            book = DistrictBook.load(world.district, 2026)
            wanted = [("unit_figures", "各地"), ("village_volunteers", "志愿")]
            annexes = build_annexes(book, 2026, 10, wanted)
            return [annex.tables[-1].note.count(PARTIAL_NOTE) for annex in annexes]

        assert notes() == [0, 0]
        rows = Figure.objects.filter(monthly_return__unit=townships(world)[0], monthly_return__month=3, monthly_return__year=2026)
        rows.filter(indicator__code__in=[SESSIONS, "vol_service_hours"]).update(value=None, kind="not_collected")
        assert notes() == [1, 1]
        book = DistrictBook.load(world.district, 2026)
        assert book.total(SESSIONS, Period(2026, 1, 10)).status == "partial"
