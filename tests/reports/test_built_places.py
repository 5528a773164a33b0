"""Villages as rows of a table or chart: a figure each, the township's own total below, ended and new ones told apart."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from accounts.models import Unit
from metrics.models import Figure, Indicator, MonthlyReturn
from reports import services
from reports.assembly import assemble, load_binder
from reports.binding import Binder, Thresholds
from reports.built import MOST_BARS, MOST_ROWS, LayoutError, layout_of
from reports.built_forms import form_class
from reports.district_book import DistrictBook
from reports.models import Block, BoundFigure
from reports.queries import stale_figures
from reports.render.pdf import render_pdf
from reports.report_page import load_report_page
from reports.tokens import tokens_of
from reports.trace import load_trace
from reports.unit_words import place_word
from tests.factories import make_village
from tests.reports.pdf_reading import pages_of
from tests.reports.world import cell, lasting

pytestmark = pytest.mark.django_db
HOURS, ACTIVITIES = "vol_service_hours", "vol_village_activity_count"
SHARE, PERSONS = "vol_share_of_population", "vol_qualified_person_count"
TOWNSHIP_ONLY = "ideology_study_session_count"
TABLE = {"rows": "places", "indicators": [HOURS], "columns": ["value"], "period": "今年以来"}
CHART = TABLE | {"chart": "bar"}
INDEX = "civ_civilization_index"
THRESHOLDS = Thresholds(Decimal("0.34"), Decimal("0.60"), 2, Decimal("10"))


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2, with_items=False) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def build(world, report, spec=TABLE, kind="table"):
    after = report.blocks.filter(kind="paragraph").first().key
    block = services.insert_block(by=world.clerk, report=report, kind=kind, after=after)
    return services.save_block(by=world.clerk, block=block, text="各村志愿服务", spec=spec, base_version=block.version)


def printed(report, block):
    return next(row for row in assemble(report).document.blocks if row.key == block.key)


def lines(report, block):
    return [[cell.text for cell in row] for row in printed(report, block).table.rows]


def problems_of(report, block):
    return [row.reason for row in assemble(report).problems if row.block_key == block.key]


def add_villages(world, count):
    """Add villages with a filled cell in every return and for every indicator counted by village."""
    places = [make_village(world.town, f"丙{place}村") for place in range(count)]
    rows = MonthlyReturn.objects.filter(unit=world.town)
    indicators = [row for row in Indicator.objects.filter(source="entered") if row.is_by_village]
    Figure.objects.bulk_create([cell(row, indicator, unit) for row in rows for indicator in indicators for unit in places],
                               batch_size=500)  # fmt: skip
    return places


def end(village, last_day):
    Unit.objects.filter(pk=village.pk).update(valid_to=last_day)
    Figure.objects.filter(unit=village, monthly_return__year=last_day.year, monthly_return__month__gt=last_day.month).delete()


def set_hours(village, month, value):
    rows = Figure.objects.filter(unit=village, indicator__code=HOURS, monthly_return__year=2026, monthly_return__month=month)
    assert rows.update(value=value)


class TestRows:
    """Which villages, what each quotes, and the total."""

    def test_a_row_a_village_and_the_townships_own_total(self, world, report):
        block = build(world, report)
        table = printed(report, block).table
        assert [column.heading for column in table.columns] == [place_word(world.town), Indicator.objects.get(code=HOURS).name]
        assert lines(report, block) == [["东村", "20"], ["西村", "20"], ["南社区", "20"], ["合计", "60"]]
        figures = printed(report, block).figures
        assert [(figure.scope, figure.value) for figure in figures] == [
            ("东村", "20"), ("西村", "20"), ("南社区", "20"), ("", "60"),
        ]  # fmt: skip
        assert all(figure.source_hash and figure.sources for figure in figures)
        assert table.note == "注：数据时段为1—10月。"

    def test_a_share_of_the_total_is_worked_out_anew_and_not_added(self, world, report):
        block = build(world, report, TABLE | {"indicators": [SHARE]})
        *villages, (label, total) = lines(report, block)
        assert label == "全镇"
        binder = load_binder(report)
        period = binder.bind(layout_of("table", block.spec, binder).rows[-1].tokens[0]).value
        assert Decimal(total) == period.quantize(Decimal("0.1"))
        assert Decimal(total) < sum(Decimal(value) for _name, value in villages)

    def test_last_year_and_growth(self, world, report):
        block = build(world, report, TABLE | {"columns": ["value", "previous", "change"]})
        assert lines(report, block)[0] == ["东村", "20", "10", "增长100%"]
        assert lines(report, block)[-1] == ["合计", "60", "30", "增长100%"]

    def test_one_that_ended_is_marked_and_counts_its_flows_until_then(self, world, report):
        end(world.villages[1], date(2026, 6, 30))
        block = build(world, report, TABLE | {"indicators": [HOURS, PERSONS]})
        rows = lines(report, block)
        assert rows[1] == ["西村（已撤并）", "12", "—"]
        assert printed(report, block).table.note == "注：数据时段为1—10月。已撤并的计至撤并前。"
        assert rows[-1][:2] == ["合计", "52"]
        assert problems_of(report, block) == []
        (figure,) = (run for run in printed(report, block).figures if run.scope == "西村")
        assert figure.period == "1—6月"

    def test_one_that_ended_has_last_years_figure_and_no_growth(self, world, report):
        end(world.villages[1], date(2026, 6, 30))
        block = build(world, report, TABLE | {"columns": ["value", "previous", "change"]})
        assert lines(report, block)[1] == ["西村（已撤并）", "12", "10", "—"]
        assert problems_of(report, block) == []

    def test_one_that_ended_before_stands_only_where_last_year_stands_beside(self, world, report):
        end(world.villages[1], date(2025, 12, 31))
        Figure.objects.filter(unit=world.villages[1], monthly_return__year=2026).delete()
        assert len(lines(report, build(world, report))) == 3
        both = lines(report, build(world, report, TABLE | {"columns": ["value", "previous"]}))
        assert both[1] == ["西村（已撤并）", "—", "10"]
        assert both[-1] == ["合计", "40", "30"]

    def test_a_new_one_has_no_last_year(self, world, report):
        village = world.villages[0]
        Unit.objects.filter(pk=village.pk).update(valid_from=date(2026, 3, 1))
        Figure.objects.filter(unit=village, monthly_return__year=2025).delete()
        Figure.objects.filter(unit=village, monthly_return__year=2026, monthly_return__month__lt=3).delete()
        block = build(world, report, TABLE | {"columns": ["value", "previous", "change"]})
        assert lines(report, block)[0] == ["东村", "16", "—", "—"]
        assert problems_of(report, block) == []

    def test_a_changed_figure_of_a_village_flags_its_row_and_the_total(self, world, report):
        block = build(world, report)
        set_hours(world.villages[0], 2, 9)
        flagged = [row for row in stale_figures(report) if row.row.block_id == block.pk]
        assert sorted((row.old, row.new) for row in flagged) == [("20", "27"), ("60", "67")]
        assert lines(report, block)[0] == ["东村", "20"]
        services.update_figures(by=world.clerk, report=report, blocks=[block])
        assert lines(report, block)[0] == ["东村", "27"]

    def test_a_row_opens_the_trace_of_its_village(self, world, report):
        block = build(world, report)
        row = report.bound_figures.get(block=block, token=f"【{HOURS}|今年以来|纯数|东村】")
        trace = load_trace(load_report_page(report), row)
        assert trace.scope == "东村"
        assert [month.shown for month in trace.inputs[0].months] == ["2.0小时"] * 10


def test_a_month_that_is_lacking_is_told_once_for_all_villages(world, report):
    MonthlyReturn.objects.filter(unit=world.town, year=2026, month=3).update(state="submitted")
    block = build(world, report)
    (reason,) = problems_of(report, block)
    assert Indicator.objects.get(code=HOURS).name in reason
    assert "3月" in reason


class TestRefused:
    """What cannot be drawn is said, in the form too."""

    def test_what_is_not_counted_by_village_is_named(self, world, report):
        block = build(world, report, {})
        name = Indicator.objects.get(code=TOWNSHIP_ONLY).name
        with pytest.raises(LayoutError, match=name):
            layout_of("table", TABLE | {"indicators": [HOURS, TOWNSHIP_ONLY]}, load_binder(report))
        typed = {"text": "题", "indicators": name, "rows": "places", "columns": "value", "period": "今年以来", "version": 2}
        form = form_class(block)(typed, block=block, binder=load_binder(report))
        assert not form.is_valid()
        assert name in str(form.non_field_errors())

    @pytest.mark.parametrize("kind", ["line", "pie"])
    def test_only_bars(self, report, kind):
        with pytest.raises(LayoutError):
            layout_of("chart", CHART | {"chart": kind}, load_binder(report))

    def test_rows_at_the_limit_and_beyond(self, world, report):
        add_villages(world, MOST_ROWS - 4)  # with the three and the total exactly the limit
        assert len(layout_of("table", TABLE, load_binder(report)).rows) == MOST_ROWS
        make_village(world.town, "多村")
        with pytest.raises(LayoutError, match=str(MOST_ROWS + 1)):
            layout_of("table", TABLE, load_binder(report))

    def test_bars_at_the_limit_and_beyond(self, world, report):
        add_villages(world, MOST_BARS // 2 - 3)
        two = CHART | {"columns": ["value", "previous"]}
        assert len(layout_of("chart", two, load_binder(report)).rows) == MOST_BARS // 2
        make_village(world.town, "多村")
        with pytest.raises(LayoutError, match=str(MOST_BARS + 2)):
            layout_of("chart", two, load_binder(report))

    @pytest.mark.parametrize("name", ["甲|乙村", "月均", "丙】村"])
    def test_a_name_that_no_token_can_hold(self, world, report, name):
        Unit.objects.filter(pk=world.villages[0].pk).update(name=name)
        with pytest.raises(LayoutError, match="quoted|引用"):
            layout_of("table", TABLE, load_binder(report))


class TestDistrict:
    """In the district's own report the places are its townships."""

    @pytest.fixture
    def binder(self, world):
        return Binder(DistrictBook.load(world.district, 2026), 10, THRESHOLDS)

    def test_a_row_a_township_and_the_districts_total(self, world, binder):
        layout = layout_of("table", TABLE | {"indicators": [TOWNSHIP_ONLY, INDEX]}, binder)
        *rows, total = [[token and binder.bind(token).value for token in row.tokens] for row in layout.rows]
        names = [unit.name for unit in binder.book.villages]
        assert [row.words[0] for row in layout.rows] == [*names, "合计"]
        assert layout.word_headings == (place_word(world.district),) != (place_word(world.town),)
        assert len(names) == 2
        assert all(value for row in rows for value in row)
        assert total == [sum(row[0] for row in rows), None]  # points of an index make none of the district

    def test_the_form_calls_them_so(self, world, binder):
        rows = dict(form_class(Block(kind="table"))(block=Block(kind="table"), binder=binder).fields["rows"].choices)
        assert rows["places"] == gettext("Townships as rows")


def test_a_chart_has_a_bar_a_village_and_no_total(world, report):
    chart = printed(report, build(world, report, CHART, "chart")).chart
    assert chart.categories == ("东村", "西村", "南社区")
    assert [series.values for series in chart.series] == [("20", "20", "20")]


def test_a_bar_of_one_that_ended_is_marked_and_the_note_says_so(world, report):
    end(world.villages[1], date(2026, 6, 30))
    chart = printed(report, build(world, report, CHART, "chart")).chart
    assert chart.categories == ("东村", "西村*", "南社区")
    assert chart.series[0].values == ("20", "12", "20")
    assert chart.note == "注：数据时段为1—10月。带*的已撤并，计至撤并前。"


def test_thirty_villages_cost_as_many_queries_as_three_and_their_head_repeats(world, report):
    def costs():
        with CaptureQueriesContext(connection) as saving:
            block = build(world, report, TABLE | {"indicators": [HOURS, ACTIVITIES, SHARE], "columns": ["value"]})
        with CaptureQueriesContext(connection) as reading:
            load_report_page(report)
        # SQLite takes so many values a statement: the figures go in by one INSERT or two.
        more_inserts = sum(query["sql"].startswith('INSERT INTO "reports_boundfigure"') for query in saving) - 1
        return block, len(saving) - more_inserts, len(reading), more_inserts

    for _round in ("the first one fills what is kept", "this one counts"):
        few, *cost, _none = costs()
        services.delete_block(by=world.clerk, block=few, base_version=few.version)
    add_villages(world, 27)
    block, *cost_of_many, more_inserts = costs()
    assert cost_of_many == cost
    assert more_inserts <= 1
    assert len(lines(report, block)) == 31


def test_the_head_of_a_long_table_repeats_on_the_next_page(world, report):
    add_villages(world, 27)
    block = build(world, report)
    document = assemble(report).document
    alone = replace(document, blocks=tuple(row for row in document.blocks if row.key == block.key), annexes=())
    pages = ["".join(page.extract_text().split()) for page in pages_of(render_pdf(alone).data)]
    holding = [text for text in pages if "丙" in text]
    assert len(holding) == 2
    assert all(place_word(world.town) in text for text in holding)


class TestUses:
    """Where else the figure of a cell is used: its own place's uses, those of an annex's column among them."""

    def uses_of(self, world, report, scope):
        rows = BoundFigure.objects.filter(report=report, block__kind="table")
        (row,) = [row for row in rows if tokens_of(row.token)[0].scope == scope]
        return list(load_trace(load_report_page(report), row, world.clerk).uses)

    def test_a_village_has_its_own_and_its_cell_in_the_annex(self, world, report):
        build(world, report)
        village, other = world.villages[:2]
        paragraph = report.blocks.filter(kind="paragraph").first()
        text = "".join(f"共【志愿服务时长|今年以来|小时{scope}】。" for scope in ("", f"|{village.name}", f"|{other.name}"))
        services.save_block(by=world.clerk, block=paragraph, text=text, base_version=paragraph.version)
        report.refresh_from_db()
        annexes = {annex.number: annex for annex in assemble(report).document.annexes}
        (column,) = [place for place, head in enumerate(annexes[2].tables[0].columns) if head.heading.startswith("志愿服务时长")]
        cells = {row[0].text: row[column].text for row in annexes[2].tables[0].rows}
        for scope in (village.name, other.name):
            uses = self.uses_of(world, report, scope)
            assert [tokens_of(use.token)[0].scope for use in uses if use.kind == "text"] == [scope]
            assert [use.shown for use in uses if use.kind == "annex"] == [cells[scope]]
        uses = self.uses_of(world, report, "")
        assert {tokens_of(use.token)[0].scope for use in uses if use.kind == "text"} == {""}
        assert [use.shown for use in uses if use.kind == "annex"][1:] == [cells["合计"]]
