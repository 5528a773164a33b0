"""Tables, charts and named lists: chosen, never typed; bound, stale, traced and frozen like the numbers of the text."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.models import Indicator, NamedList
from reports import services
from reports.assembly import assemble, load_binder
from reports.built import LayoutError, layout_of
from reports.document import ReportDocument
from reports.queries import stale_figures
from reports.report_page import load_report_page
from reports.rounds import kept_in
from reports.trace import load_trace
from tests.reports.world import change_figure, lasting

pytestmark = pytest.mark.django_db
FETCH = {"headers": {"X-Requested-With": "fetch"}}
SESSIONS, BOOKS = "ideology_study_session_count", "ideology_study_book_count"
TABLE = {"rows": "months", "indicators": [SESSIONS], "columns": ["value", "previous", "change"], "period": "一季度"}
CHART = {"rows": "months", "indicators": [SESSIONS], "columns": ["value"], "period": "一季度", "chart": "bar"}


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=2) as world:
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


def insert(world, report, kind):
    after = report.blocks.filter(kind="paragraph").first().key
    return services.insert_block(by=world.clerk, report=report, kind=kind, after=after)


def build(world, report, kind, spec, text="一季度学习情况"):
    block = insert(world, report, kind)
    return services.save_block(by=world.clerk, block=block, text=text, spec=spec, base_version=block.version)


def printed(report, block, **options):
    document = assemble(report, **options).document
    return [row for row in document.blocks if row.key.partition("~")[0] == block.key]


class TestTable:
    """Rows, columns and cells; each cell is a figure of its own."""

    def test_months_with_last_year_and_growth(self, world, report):
        block = build(world, report, "table", TABLE)
        (row,) = printed(report, block)
        assert row.number == "表1"
        assert [column.heading for column in row.table.columns][1:] == [
            Indicator.objects.get(code=SESSIONS).name, "上年同期", "同比",
        ]  # fmt: skip
        assert [[cell.text for cell in line] for line in row.table.rows] == [
            ["1月", "2", "1", "增长100%"], ["2月", "2", "1", "增长100%"], ["3月", "2", "1", "增长100%"],
            ["1—3月", "6", "3", "增长100%"],
        ]  # fmt: skip
        figures = row.figures
        assert len(figures) == 12
        assert all(figure.source_hash and figure.sources for figure in figures)
        assert figures[0].value == "2"
        assert figures[1].period == "上年1月"

    def test_indicators_as_rows_with_their_measures(self, world, report):
        spec = {"rows": "indicators", "indicators": [SESSIONS, BOOKS], "columns": ["value", "change"], "period": "今年以来"}
        table = printed(report, build(world, report, "table", spec))[0].table
        names = list(Indicator.objects.filter(code__in=(SESSIONS, BOOKS)).values_list("name", "measure"))
        assert sorted((line[0].text, line[1].text) for line in table.rows) == sorted(names)
        assert [column.heading for column in table.columns] == ["指标", "单位", "1—10月", "同比"]

    def test_what_cannot_be_compared_is_a_dash_and_no_fault(self, world, report):
        change_figure(world, SESSIONS, 0, year=2025, month=1)
        spec = TABLE | {"columns": ["value", "change"]}
        block = build(world, report, "table", spec)
        assert printed(report, block)[0].table.rows[0][2].text == "—"
        assert not [fault for fault in assemble(report).problems if fault.block_key == block.key]

    def test_nothing_chosen_is_a_problem_and_prints_nothing(self, world, report):
        block = insert(world, report, "table")
        assert printed(report, block) == []
        assert [fault.block_key for fault in assemble(report).problems] == [block.key]

    def test_a_changed_source_flags_the_cell_and_the_total_and_updating_takes_it_in(self, world, report):
        block = build(world, report, "table", TABLE)
        change_figure(world, SESSIONS, 9, year=2026, month=2)
        flagged = [row for row in stale_figures(report) if row.row.block_id == block.pk]
        values = [row for row in flagged if "纯数" in row.row.token]
        assert [(row.old, row.new) for row in values] == [("2", "9"), ("6", "13")]
        assert printed(report, block)[0].table.rows[1][1].text == "2"
        services.update_figures(by=world.clerk, report=report, blocks=[block])
        assert printed(report, block)[0].table.rows[1][1].text == "9"

    def test_a_cell_that_is_kept_says_so_in_the_document_like_a_number_of_the_text(self, world, report):
        block = build(world, report, "table", TABLE)
        change_figure(world, SESSIONS, 9, year=2026, month=2)
        (flagged,) = (row for row in stale_figures(report) if row.row.block_id == block.pk and (row.old, row.new) == ("2", "9"))
        services.keep_figure(by=world.clerk, figure=flagged.row, note="与公开稿一致")
        report = type(report).objects.get(pk=report.pk)
        services.update_figures(by=world.clerk, report=report, blocks=[block])
        assert printed(report, block)[0].table.rows[1][1].text == "2"
        (kept,) = kept_in(assemble(report).document)
        assert (kept.shown, kept.instead_of, kept.note) == ("2", "9", "与公开稿一致")

    def test_a_cell_opens_its_trace(self, client, world, report):
        block = build(world, report, "table", TABLE)
        row = report.bound_figures.get(block=block, token=f"【{SESSIONS}|3月|纯数】")
        trace = load_trace(load_report_page(report), row)
        assert [month.label for month in trace.inputs[0].months] == ["2026年3月"]
        client.force_login(world.clerk)
        assert client.get(url("figure_trace", report.pk, row.pk), **FETCH).status_code == 200
        assert url("figure_trace", report.pk, row.pk) in client.get(url("report_detail", report.pk)).content.decode()

    def test_it_freezes_with_its_figures(self, world, report):
        block = build(world, report, "table", TABLE)
        document = assemble(report).document
        again = ReportDocument.from_json(document.to_json())
        assert again == document
        assert [len(row.figures) for row in again.blocks if row.key == block.key] == [12]


class TestLayout:
    """What cannot be drawn up is said with the way out."""

    @pytest.mark.parametrize(
        ("kind", "change"),
        [("table", {"period": "全年"}), ("table", {"indicators": ["no_such"]}), ("chart", {"indicators": [SESSIONS, BOOKS]}),
         ("chart", {"chart": "pie", "columns": ["value", "previous"]})],
    )  # fmt: skip
    def test_refused(self, report, kind, change):
        with pytest.raises(LayoutError):
            layout_of(kind, (CHART if kind == "chart" else TABLE) | change, load_binder(report))

    def test_columns_at_the_limit_and_beyond(self, report):
        codes = list(Indicator.objects.filter(aggregation="sum").values_list("code", flat=True)[:4])
        spec = TABLE | {"indicators": codes[:3]}
        assert len(layout_of("table", spec, load_binder(report)).headings) == 9
        with pytest.raises(LayoutError):
            layout_of("table", spec | {"indicators": codes}, load_binder(report))


class TestChart:
    """The values are the bound figures'."""

    @pytest.mark.parametrize("kind", ["bar", "line", "pie"])
    def test_values_and_the_same_drawing_on_the_page(self, client, world, report, kind):
        block = build(world, report, "chart", CHART | {"chart": kind})
        (row,) = printed(report, block)
        assert (row.number, row.chart.kind, row.chart.categories) == ("图1", kind, ("1月", "2月", "3月"))
        assert row.chart.series[0].values == ("2", "2", "2")
        assert len(row.figures) == 3
        client.force_login(world.clerk)
        assert client.get(url("report_detail", report.pk)).content.decode().count("<svg xmlns") == 2  # block and sheet

    def test_last_year_stands_beside(self, world, report):
        row = printed(report, build(world, report, "chart", CHART | {"columns": ["value", "previous"]}))[0]
        assert [series.values for series in row.chart.series] == [("2", "2", "2"), ("1", "1", "1")]


class TestList:
    """A list in one sentence, or an entry a line."""

    def spec(self, style):
        code = NamedList.objects.get(code="list_honour").code if NamedList.objects.filter(code="list_honour") else None
        return {"list": code or NamedList.objects.first().code, "period": "今年以来", "style": style}

    def test_one_sentence(self, world, report):
        (row,) = printed(report, build(world, report, "list", self.spec("names"), "培育了"))
        assert row.kind == "paragraph"
        assert row.text == "培育了甲项、《乙项》《丙项》。"
        assert len(row.figures) == 1

    def test_an_entry_a_line(self, world, report):
        rows = printed(report, build(world, report, "list", self.spec("numbered"), "培育了下列项目："))
        assert [row.text for row in rows] == ["培育了下列项目：", "1.甲项；", "2.《乙项》；", "3.《丙项》。"]
        assert all(len(row.figures) == 1 and row.figures[0].source_hash for row in rows[1:])

    def test_an_empty_list_prints_nothing_of_its_words(self, world, report):
        for style in ("names", "numbered"):
            spec = self.spec(style)
            world.town.highlights.filter(named_list__code=spec["list"]).delete()
            assert printed(report, build(world, report, "list", spec, "培育了：")) == []


class TestEditor:
    """The form: choices by name, what is wrong is told and kept."""

    def values(self, report, block, **changes):
        name = Indicator.objects.get(code=SESSIONS).name
        return {"text": "学习情况", "indicators": name, "rows": "months", "columns": "value", "period": "一季度",
                "version": block.version, **changes}  # fmt: skip

    def test_saving_and_undoing(self, client, world, report):
        block = insert(world, report, "table")
        client.force_login(world.clerk)
        address = url("block_edit", report.pk, block.key)
        assert client.get(address, **FETCH).status_code == 200
        assert client.post(address, self.values(report, block), **FETCH).status_code == 200
        block.refresh_from_db()
        assert block.spec == {"rows": "months", "indicators": [SESSIONS], "columns": ["value"], "period": "一季度"}
        assert report.bound_figures.filter(block=block).count() == 4
        from reports.undoing import newest_undoable

        services.undo_deed(by=world.clerk, report=report, event=newest_undoable(report, world.clerk).pk)
        block.refresh_from_db()
        assert block.spec == {}
        assert not report.bound_figures.filter(block=block).exists()

    @pytest.mark.parametrize(
        "changes", [{"text": ""}, {"text": "共【购发学习书籍|今年以来|】"}, {"indicators": "没有的指标"}, {"indicators": ""},
                    {"rows": "villages_of_mars"}, {"period": "全年"}, {"columns": "all"}],
    )  # fmt: skip
    def test_what_cannot_stand_comes_back_as_typed(self, client, world, report, changes):
        block = insert(world, report, "table")
        client.force_login(world.clerk)
        answer = client.post(url("block_edit", report.pk, block.key), self.values(report, block, **changes), **FETCH)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
        assert (changes.get("indicators") or "学习") in answer.content.decode()
        block.refresh_from_db()
        assert block.spec == {}

    def test_two_editors_are_both_shown(self, client, world, report):
        block = build(world, report, "table", TABLE, "原来的标题")
        client.force_login(world.head)
        answer = client.post(
            url("block_edit", report.pk, block.key), self.values(report, block, version=1, text="另一个标题"), **FETCH
        )
        assert answer.status_code == 409
        assert "原来的标题" in answer.content.decode()
        assert "另一个标题" in answer.content.decode()


def test_last_years_months_can_be_named(report):
    binder = load_binder(report)
    from reports.picker import bind_words

    assert bind_words(binder, f"【{SESSIONS}|上年3月|纯数】").value == Decimal(1)
    assert bind_words(binder, f"【{SESSIONS}|上年一季度|纯数】").value == Decimal(3)
    assert bind_words(binder, f"【{SESSIONS}|上年全年|纯数】").value == Decimal(12)
    assert bind_words(binder, f"【{SESSIONS}|上年13月|纯数】").status == "refused"


def test_reading_many_tables_takes_as_many_queries_as_one(world, report):
    build(world, report, "table", TABLE)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            load_report_page(report)
        return len(found)

    few = queries()
    for kind in ("chart", "table", "chart", "table"):
        build(world, report, kind, CHART if kind == "chart" else TABLE)
    assert queries() == few
