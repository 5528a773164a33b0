"""What an approved version says in every format, and that it says the same after figures, names, lists and template moved on."""

import json
import re
from functools import cache

import pytest

from accounts.models import Unit, User
from metrics.models import Figure, Highlight, Indicator, NamedList
from reports import services
from reports.assembly import assemble
from reports.document import ReportDocument
from reports.exports import document_to_export
from reports.models import PlanItem, Report, ReportTemplate
from reports.render import files, html
from reports.render.charts import describe
from reports.render.plain_text import clean_text
from reports.render.xlsx import number_in
from tests.reports.digit_audit import untraced_digits
from tests.reports.full_report import make_full_report
from tests.reports.office_reading import book_of, book_texts, json_words, sources_of, squeezed, word_of, word_text
from tests.reports.pdf_reading import pages_of, text_without_charts
from tests.reports.world import lasting

pytestmark = [pytest.mark.django_db, pytest.mark.pdf, pytest.mark.slow]
NAMES = ((Indicator, "name"), (Indicator, "measure"), (NamedList, "name"), (Unit, "name"), (User, "display_name"))
FORMATS = ("pdf", "docx", "xlsx", "json")


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    """A world with one township's full report of 2025, approved."""
    with lasting(django_db_blocker, townships=1) as world:
        report = make_full_report(world)
        services.submit_report(by=world.head, report=report)
        services.start_review(by=world.reviewer, report=now(world))
        services.approve_report(by=world.reviewer, report=now(world))
        yield world


def now(world) -> Report:
    return Report.objects.select_related("unit__parent").get(unit=world.town, year=2025)


@pytest.fixture
def version(world):
    return now(world).versions.get()


@cache
def file_of(document: str, file_format: str) -> bytes:
    """Render a frozen document, once for the tests of this file."""
    return files.render(ReportDocument.from_json(document), file_format).data


def said(made: dict[str, bytes]) -> dict[str, object]:
    """Return what a reader finds in each file: text, cells, data."""
    cells = [[cell.value for cell in row] for sheet in book_of(made["xlsx"]) for row in sheet.iter_rows()]
    return {
        "pdf": "".join(char["text"] for page in pages_of(made["pdf"]) for char in page.chars),
        "docx": word_text(made["docx"]), "xlsx": cells, "json": json.loads(made["json"]),
    }  # fmt: skip


def move_everything(world) -> None:
    """Let figures, names of indicators, lists, units and people, list items, template, head and words move on."""
    services.reopen_report(by=world.admin, report=now(world), reason="更正")
    Figure.objects.filter(monthly_return__unit=world.town, value__isnull=False).update(value=7)
    Highlight.objects.filter(unit=world.town).first().delete()
    Highlight.objects.filter(unit=world.town).update(name="另一项")
    PlanItem.objects.update(measure="另一措施", amount=99)
    _publish_another_template(world)
    services.update_figures(by=world.clerk, report=now(world))
    for block in now(world).blocks.filter(kind__in=("table", "chart", "list", "annex")):
        services.save_block(by=world.clerk, block=block, text="另一题", spec=block.spec or None, base_version=block.version)
    head = {"title": "另一标题", "addressee": "另一机关：", "signature": "另一署名", "issue_date": None}
    services.save_head(by=world.clerk, report=now(world), **head)
    for model, field in NAMES:
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{field: f"新{getattr(row, field)}"[:20]})


def _publish_another_template(world) -> None:
    old = ReportTemplate.objects.get(district=world.district, year=2025, unit_class="")
    draft = services.copy_template(by=world.admin, template=old, year=2025, unit_class="")
    first = draft.content["blocks"][0]
    services.save_template_block(by=world.admin, template=draft, block={**first, "text": "{unit_name}的新导语。"})
    draft.refresh_from_db()
    services.publish_template(by=world.admin, template=draft, base_version=draft.version)


def test_every_format_says_the_same_after_everything_moved(world, version):
    before = {name: file_of(version.document, name) for name in FORMATS}
    move_everything(world)
    draft = assemble(now(world)).document
    fresh = document_to_export(now(world), version=1)
    assert (fresh.sha256, fresh.to_json()) == (version.sha256, version.document)
    assert now(world).versions.get().sha256 == version.sha256
    after = {name: files.render(fresh, name).data for name in FORMATS}
    assert said(after) == said(before)
    assert after == before
    for place, (was, is_now) in parts(fresh, draft).items():
        assert was != is_now, f"{place} did not move, so nothing was shown"


def parts(old: ReportDocument, new: ReportDocument) -> dict[str, tuple]:
    """Return the parts of two documents side by side, so that a test can say that each has moved."""

    def of(document: ReportDocument) -> dict[str, object]:
        kinds = ("paragraph", "table", "chart", "list")
        found = {kind: [block for block in document.blocks if block.kind == kind] for kind in kinds}
        numbers = [figure.text for block in document.blocks for figure in block.figures]
        tables = [annex.tables for annex in document.annexes]
        head = (document.title, document.addressee, document.signature, document.unit_name)
        return {**found, "numbers": numbers, "annexes": tables, "head": head, "facts": document.facts}

    before, after = of(old), of(new)
    return {name: (before[name], after[name]) for name in before}


# --- one version, four files, the same words and numbers


def printed_blocks(document: ReportDocument) -> list[str]:
    return [squeezed(clean_text(block.text)) for block in document.blocks if not (block.table or block.chart)]


def test_the_version_has_a_block_of_every_kind(version):
    document = ReportDocument.from_json(version.document)
    assert {block.kind for block in document.blocks} == {"heading", "paragraph", "item", "plan", "list", "table", "chart"}
    assert {block.chart.kind for block in document.blocks if block.chart} == {"bar", "line", "pie"}
    assert [annex.number for annex in document.annexes] == [1, 2, 3, 4, 5]
    assert untraced_digits(document) == []


def test_the_words_are_the_same_and_in_the_same_order(version):
    document = ReportDocument.from_json(version.document)
    printed, typed = text_without_charts(file_of(version.document, "pdf")), word_text(file_of(version.document, "docx"))
    sheet = book_of(file_of(version.document, "xlsx"))["正文"]
    rows = [squeezed(str(row[2].value or "")) for row in sheet.iter_rows()]
    texts = printed_blocks(document)
    assert json_of_words(file_of(version.document, "json")) == texts
    assert [row for row in rows if row in set(texts)] == texts
    for shown in (printed, typed):
        place = 0
        for text in texts:
            place = shown.index(text, place) + len(text)


def json_of_words(data: bytes) -> list[str]:
    rows = json.loads(data)["blocks"]
    return [text for row, text in zip(rows, json_words(data), strict=True) if "table" not in row and "chart" not in row]


def test_the_cells_of_every_table_are_the_same(version):
    document = ReportDocument.from_json(version.document)
    printed, typed = text_without_charts(file_of(version.document, "pdf")), word_of(file_of(version.document, "docx"))
    data = json.loads(file_of(version.document, "json"))
    told = [row["table"] for row in data["blocks"] if "table" in row] + [one for row in data["annexes"] for one in row["tables"]]
    values = book_texts(file_of(version.document, "xlsx"))
    numbers = {float(text) for text in values if re.fullmatch(r"-?[0-9.]+", text)}
    tables = html.tables_of(document)
    assert len(tables) == len(typed.tables) == len(told) == 7
    for table, in_word, in_json in zip(tables, typed.tables, told, strict=True):
        cells = [[squeezed(clean_text(cell.text)) for cell in row] for row in table.rows]
        assert [[squeezed(cell.text) for cell in row.cells] for row in in_word.rows][1:] == [spread(row) for row in cells]
        assert [[squeezed(cell_text(cell)) for cell in row] for row in in_json["rows"]] == cells
        assert squeezed("".join(cells[0])) in printed
        for row, texts in zip(table.rows, cells, strict=True):
            for cell, text in zip(row, texts, strict=True):
                assert text in printed
                assert not text or text in values or float(number_in(cell.text)) in numbers


def spread(row: list[str]) -> list[str]:
    """Return a row as Word has it: the words of a group stand in one cell over all columns."""
    return [row[0]] * len(row) if len(row) > 1 and row[0] and not any(row[1:]) else row


def cell_text(cell: dict) -> str:
    return cell["figure"]["shown"] if "figure" in cell else cell["text"]


def test_the_values_of_every_chart_are_the_same(version):
    document = ReportDocument.from_json(version.document)
    data = json.loads(file_of(version.document, "json"))
    book, word = book_of(file_of(version.document, "xlsx")), word_of(file_of(version.document, "docx"))
    described = [node.get("descr") for node in word.element.body.iter() if node.tag.endswith("}docPr")]
    pictures = squeezed("".join(char["text"] for page in pages_of(file_of(version.document, "pdf")) for char in page.chars))
    charts = [(block.number, block.chart) for block in document.blocks if block.chart]
    assert len(charts) == len(described) == 3
    for (number, chart), words, told in zip(charts, described, [row for row in data["blocks"] if "chart" in row], strict=True):
        values = list(chart.series[0].values)
        assert told["chart"]["series"][0]["values"] == values
        assert [figure["value"] for figure in told["chart"]["series"][0]["figures"]] == values
        rows = {row[0].value: row[1].value for row in book[number].iter_rows() if len(row) > 1}
        assert [str(rows[name]) for name in chart.categories] == values
        assert words == clean_text(describe(chart))
        assert squeezed(html.caption_of(next(row for row in document.blocks if row.chart == chart))) in pictures


def test_every_number_has_its_source_in_the_workbook_and_its_trace_in_the_json(version):
    document = ReportDocument.from_json(version.document)
    figures = [figure for block in document.blocks for figure in block.figures]
    assert [row["所示"] for row in sources_of(file_of(version.document, "xlsx"))] == [figure.text for figure in figures]
    data = json.loads(file_of(version.document, "json"))
    assert [figure["shown"] for figure in json_figures(data)] == [figure.text for figure in figures]
    assert [figure for figure in json_figures(data) if figure["value"] is not None and not figure["sources"]] == []
    assert {figure["scope"] for figure in json_figures(data)} == {"青云镇", "东村"}


def json_figures(data: dict) -> list[dict]:
    found = []
    for block in data["blocks"]:
        found += [run["figure"] for run in block["runs"] if "figure" in run]
        found += [cell["figure"] for row in block.get("table", {}).get("rows", ()) for cell in row if "figure" in cell]
        found += [figure for row in block.get("chart", {}).get("series", ()) for figure in row["figures"] if figure]
    return found


def test_a_rank_and_a_set_standard_say_what_they_rest_on(version):
    data = json.loads(file_of(version.document, "json"))
    rank, standard = (
        [row for row in json_figures(data) if row["indicator"] == name][0]["sources"] for name in ("活跃度排名", "人均达标时长")
    )
    assert [(row["ranked"], row["period"], row["value"]) for row in rank] == [("学习强国活跃度", "2025-12", "90")]
    assert rank[0]["approved_by"]
    assert standard == [{"set_for": "2025年", "value": "25"}]
    told = {row["指标"]: row["来源"] for row in sources_of(file_of(version.document, "xlsx"))}
    assert told["活跃度排名"].startswith("排名依据：学习强国活跃度 2025-12 90 审核：")
    assert told["人均达标时长"] == "区里设定：2025年 25"
