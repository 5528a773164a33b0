"""Every format says the same: texts, numbers, tables; hostile texts stay texts; a frozen version stays as it is."""

import io
import json
import re
import zipfile
from dataclasses import replace
from functools import cache

import pikepdf
import pytest

from reports.document import Annex, Block, Chart, Column, Letterhead, Series, Table
from reports.render import files, html
from reports.render.plain_text import clean_text
from reports.render.xlsx import source_in_words
from reports.verification import mark_of
from tests.reports.hostile_texts import HOSTILE, hostile_document
from tests.reports.office_reading import (
    book_of,
    book_texts,
    json_words,
    sources_of,
    squeezed,
    word_of,
    word_text,
)
from tests.reports.pdf_reading import pages_of, text_without_charts
from tests.reports.rich_document import rich_document

pytestmark = pytest.mark.pdf


@cache
def rich(file_format: str) -> bytes:
    return files.render(rich_document(), file_format).data


@cache
def hostile(file_format: str) -> bytes:
    return files.render(hostile_document(), file_format).data


def words(document) -> list[str]:
    """The text's paragraphs as they print."""
    blocks = [block for block in document.blocks if not (block.table or block.chart)]
    return [text for block in blocks if (text := squeezed(clean_text(block.text)))]


def cells(document) -> list[str]:
    tables = html.tables_of(document)
    return [text for table in tables for row in table.rows for cell in row if (text := squeezed(clean_text(cell.text)))]


def test_the_texts_are_the_same_in_every_format():
    document = rich_document()
    printed, typed, book = text_without_charts(rich("pdf")), word_text(rich("docx")), book_texts(rich("xlsx"))
    told = json_words(rich("json"))
    for text in words(document):
        assert text in printed
        assert text in typed
        assert text in book
        assert text in told
    for text in (*document.title_lines, document.addressee, document.signature, document.issue_date):
        assert text in printed
        assert text in typed
    assert {document.title, document.addressee, document.signature, document.issue_date} <= book


def test_the_words_of_word_are_in_the_order_of_the_pdf():
    document = rich_document()
    printed, typed = text_without_charts(rich("pdf")), word_text(rich("docx"))
    places = [typed.index(text) for text in words(document)]
    assert places == sorted(places)
    places = [printed.index(text) for text in words(document)]
    assert places == sorted(places)


def test_the_cells_are_the_same_in_every_format():
    document = rich_document()
    printed, typed, book = text_without_charts(rich("pdf")), word_text(rich("docx")), book_texts(rich("xlsx"))
    numbers = {float(text) for text in book if re.fullmatch(r"-?[0-9.]+", text)}
    data = json.loads(rich("json"))
    told = [row["table"] for row in data["blocks"] if "table" in row] + [t for a in data["annexes"] for t in a["tables"]]
    shown = [cell["figure"]["shown"] if "figure" in cell else cell["text"] for t in told for row in t["rows"] for cell in row]
    assert [squeezed(text) for text in shown if squeezed(text)] == cells(document)
    for text in cells(document):
        assert text in printed
        assert text in typed
        assert text in book or float(text) in numbers


def test_every_bound_number_is_in_the_sheet_of_sources():
    found = [(run.text, run.value) for block in rich_document().blocks for run in block.figures]
    rows = sources_of(rich("xlsx"))
    assert [row["所示"] for row in rows] == [text for text, _value in found]
    assert [str(row["数值"]) for row in rows] == [value for _text, value in found]
    traced = next(row for row in rows if row["指标"] == "media_adopted_city")
    assert traced["来源"] == "2025-03 104 审核：区委宣传部 李审核 2025-04-08"
    figures = [run["figure"] for row in json.loads(rich("json"))["blocks"] for run in row["runs"] if "figure" in run]
    assert {figure["shown"] for figure in figures} <= {row["所示"] for row in rows}


@pytest.mark.parametrize("file_format", files.FORMATS)
def test_equal_documents_are_equal_bytes(file_format):
    assert files.render(rich_document(), file_format).data == rich(file_format)


def test_every_format_of_an_approved_version_carries_its_code():
    mark = mark_of(rich_document())
    assert mark.startswith("第1版")
    first = "".join(char["text"] for char in pages_of(rich("pdf"))[0].chars)
    second = "".join(char["text"] for char in pages_of(rich("pdf"))[1].chars)
    assert squeezed(mark) in squeezed(first)
    assert squeezed(mark) not in squeezed(second)
    assert mark in word_of(rich("docx")).sections[0].first_page_footer.paragraphs[0].text
    assert squeezed(mark) in book_texts(rich("xlsx"))
    assert json.loads(rich("json"))["verification_code"] in mark
    draft = replace(rich_document(), status_mark="未经审核")
    assert "校验码" not in "".join(char["text"] for char in pages_of(files.render(draft, "pdf").data)[0].chars)
    assert "校验码" not in word_of(files.render(draft, "docx").data).sections[0].first_page_footer.paragraphs[0].text


def test_a_source_reads_as_words():
    absent = {"period": "2025-03", "value": None, "kind": "not_applicable", "approved_by": "甲", "approved_at": "2025-04-08"}
    assert source_in_words(absent) == "2025-03 不适用 审核：甲 2025-04-08"
    assert source_in_words({"item": "《意见》", "id": 7, "evidence": "青宣〔2025〕3号"}) == "《意见》 佐证：青宣〔2025〕3号"
    assert source_in_words({"period": "2025-03", "value": "0", "kind": "value", "village": "东村"}) == "2025-03 0 village：东村"


# --- fifty hostile texts in every kind of block


def test_there_are_fifty():
    assert len(set(HOSTILE)) == 50


def told_by(place: int) -> str:
    return squeezed(clean_text(HOSTILE[place]))


def test_hostile_texts_print_as_texts():
    data = hostile("pdf")
    shown = squeezed("".join(char["text"] for page in pages_of(data) for char in page.chars))
    for place, text in enumerate(HOSTILE):
        plain = told_by(place)
        if plain.isascii() and len(plain) < 100:
            assert plain in shown, text
    assert b"EmbeddedFile" not in data
    assert b"/JavaScript" not in data
    assert b"/URI" not in data


def test_hostile_texts_stay_texts_in_word():
    data = hostile("docx")
    typed = word_text(data)
    for place in range(len(HOSTILE)):
        assert typed.count(told_by(place)) >= 7, HOSTILE[place]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist() if not name.endswith(".png")}
    assert not [name for name, text in parts.items() if 'TargetMode="External"' in text]
    xml = parts["word/document.xml"]
    assert "<w:instrText" not in xml
    assert "<w:fldSimple" not in xml
    assert "altChunk" not in xml.replace("&lt;w:altChunk", "")
    assert {name.rpartition(".")[2] for name in parts} <= {"xml", "rels", "jpeg"}


def test_hostile_texts_stay_texts_in_excel():
    data = hostile("xlsx")
    book = book_of(data)
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]
    assert not [cell.coordinate for cell in found if cell.hyperlink]
    values = {squeezed(str(cell.value)) for cell in found}
    for place in range(len(HOSTILE)):
        assert "1." + told_by(place) * 2 in values, HOSTILE[place]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        texts = {name: package.read(name).decode() for name in package.namelist()}
    assert not [name for name, text in texts.items() if 'TargetMode="External"' in text]
    assert not [name for name in texts if "externalLink" in name or "connections" in name]
    charts = [text for name, text in texts.items() if name.startswith("xl/charts/chart")]
    assert len(charts) == len(HOSTILE)


def test_hostile_texts_stay_texts_in_json():
    data = json.loads(hostile("json"))
    leads = [row["runs"][0]["text"] for row in data["blocks"] if row["kind"] == "item"]
    assert leads == [clean_text(text) for text in HOSTILE]
    fixed = [row["runs"][0]["fixed"] for row in data["blocks"] if row["kind"] == "list"]
    assert fixed == leads


def test_hostile_texts_are_enclosed_in_an_archive_without_harm():
    with pikepdf.open(io.BytesIO(hostile("pdfa"))) as file:
        assert set(file.attachments) == {"figures.xlsx", "report.json"}
        assert file.attachments["report.json"].get_file().read_bytes() == hostile("json")


@pytest.mark.parametrize("file_format", files.FORMATS)
def test_empty_tables_charts_and_annexes_are_no_fault(file_format):
    blocks = (
        Block("t1", "table", table=Table("", (), ())),
        Block("t2", "table", table=Table("", (Column(""),), ())),
        *(Block(f"c{kind}", "chart", chart=Chart(kind, "", "", (), ())) for kind in ("bar", "line", "pie")),
        *(Block(f"d{kind}", "chart", chart=Chart(kind, "", "", ("甲",), (Series("", ()),))) for kind in ("bar", "line", "pie")),
    )
    empty = replace(rich_document(), blocks=blocks, annexes=(Annex(1, "", ()), Annex(2, "", (Table("", (), ()),))))
    assert len(files.render(empty, file_format).data) > 500


def test_a_red_head_and_its_colophon_are_in_every_format():
    head = Letterhead("青云镇人民政府文件", "青政〔2026〕3号", "王一", "区委办公室", "青云镇党政办公室", "2026年1月8日")
    document = replace(rich_document(), letterhead=head)
    typed, book = word_text(files.render(document, "docx").data), book_texts(files.render(document, "xlsx").data)
    assert json.loads(files.render(document, "json").data)["letterhead"]["number"] == head.number
    printed = text_without_charts(files.render(document, "pdf").data)
    for text in vars(head).values():
        assert text in typed
        assert text in book
        assert text in printed
    assert json.loads(rich("json"))["letterhead"] is None
