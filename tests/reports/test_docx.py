"""The Word file: styles, faces, pages, order of properties; and what LibreOffice makes of it."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reports.render import docx_styles, files, html
from reports.render.docx import render_docx
from reports.verification import mark_of
from tests.reports.office_reading import OFFICE, converted, squeezed, word_of, word_sections, word_text
from tests.reports.pdf_reading import is_portrait, pages_of, short_report
from tests.reports.rich_document import rich_document

pytestmark = pytest.mark.pdf


@pytest.fixture(scope="module")
def data():
    return render_docx(rich_document())[0]


@pytest.fixture(scope="module")
def word(data):
    return word_of(data)


def paragraphs(word, style):
    return [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == style]


def test_headings_are_headings_and_numbering_is_text(word):
    assert paragraphs(word, "Title") == ["岚桥镇2025年度宣传工作总结和\n2026年工作计划"]
    assert paragraphs(word, "Heading 1") == ["一、2025年工作推进情况", "二、2026年主要工作计划"]
    assert paragraphs(word, "Heading 2")[0].startswith("（一）意识形态责任")
    assert not list(word.element.body.iter(qn("w:numPr")))
    assert all(
        paragraph.style.paragraph_format.keep_with_next for paragraph in word.paragraphs if "Heading" in paragraph.style.name
    )


@pytest.mark.parametrize(
    ("style", "face", "size"),
    [("Title", "方正小标宋简体", 22), ("Heading 1", "黑体", 16), ("Heading 2", "楷体_GB2312", 16), ("Normal", "仿宋_GB2312", 16)],
)
def test_styles_name_the_official_faces(word, style, face, size):
    properties = word.styles[style].element.rPr
    fonts = properties.find(qn("w:rFonts"))
    assert {fonts.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "eastAsia")} == {face}
    assert not [key for key in fonts.attrib if "Theme" in key]
    assert word.styles[style].font.size == Pt(size)


def test_pages_are_the_standards(word):
    body, first, second = word.sections
    near = [(body.top_margin, 37), (body.left_margin, 28), (body.right_margin, 26), (body.bottom_margin, 35)]
    near += [(body.page_width, 210), (body.page_height, 297), (first.page_width, 297), (first.top_margin, 28)]
    assert all(abs(have - Mm(wanted)) < Mm(0.05) for have, wanted in near)
    assert is_portrait_section(second)
    grids = [section._sectPr.find(qn("w:docGrid")) for section in word.sections]
    assert [(grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) for grid in grids] == [("lines", "579")] * 3


def is_portrait_section(section) -> bool:
    return section.page_width < section.page_height


def test_page_numbers_stand_outside_on_odd_and_even_pages(word):
    section = word.sections[0]
    assert word.settings.odd_and_even_pages_header_footer
    sides = [footer.paragraphs[0].alignment for footer in (section.footer, section.even_page_footer)]
    assert sides == [docx_styles.ALIGN.RIGHT, docx_styles.ALIGN.LEFT]
    assert "PAGE" in [node.text for node in section.footer._element.iter(qn("w:instrText"))]
    assert word.sections[1].footer.is_linked_to_previous
    assert not word.sections[1].different_first_page_header_footer


def test_tables_repeat_their_heads_and_tear_no_row(word):
    tables = word.element.body.findall(qn("w:tbl"))
    assert len(tables) == len(html.tables_of(rich_document()))
    for table in tables:
        rows = table.findall(qn("w:tr"))
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        grid = [int(column.get(qn("w:w"))) for column in table.iter(qn("w:gridCol"))]
        assert sum(grid) <= 225 * 56.7 + len(grid)


def test_charts_are_pictures_with_their_values_as_words(data, word):
    described = [node.get("descr") for node in word.element.body.iter(qn("wp:docPr"))]
    assert len(described) == 3
    assert "省级27" in described[0]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        pictures = [package.read(name) for name in package.namelist() if name.endswith(".png")]
    assert len(pictures) == 3
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_properties_name_the_unit_and_the_day(word):
    properties = word.core_properties
    assert (properties.title, properties.author, properties.last_modified_by) == (rich_document().title, "岚桥镇", "")
    assert properties.modified.date().isoformat() == "2025-12-18"
    assert properties.keywords.startswith("第1版")


def test_paragraph_properties_stand_in_the_order_of_the_schema(data):
    """Word repairs, or refuses, a file whose properties stand in another order; LibreOffice does not mind."""
    order = {qn(f"w:{name}"): place for place, name in enumerate(docx_styles.PROPERTY_ORDER)}
    runs = (
        "rStyle",
        "rFonts",
        "b",
        "bCs",
        "i",
        "iCs",
        "caps",
        "color",
        "spacing",
        "w",
        "kern",
        "position",
        "sz",
        "szCs",
        "u",
        "lang",
    )
    run_order = {qn(f"w:{name}"): place for place, name in enumerate(runs)}
    word = word_of(data)
    roots = [word.element, word.styles.element, word.sections[0].footer._element, word.sections[0].first_page_footer._element]
    seen = 0
    for root in roots:
        for tag, places in (("w:pPr", order), ("w:rPr", run_order)):
            for properties in root.iter(qn(tag)):
                have = [places[child.tag] for child in properties if child.tag in places]
                assert have == sorted(have), [child.tag for child in properties]
                seen += len(have)
    assert seen > 300


def test_a_draft_wears_its_mark_on_every_page():
    word = word_of(render_docx(short_report("工作正常。", status_mark="未经审核"))[0])
    section = word.sections[0]
    headers = (section.header, section.even_page_header)
    assert [header.paragraphs[0].text for header in headers] == ["未经审核"] * 2


def test_an_empty_report_is_a_file_too():
    empty = replace(short_report(), title_lines=(), addressee="", signature="", issue_date="", unit_name="")
    assert word_text(render_docx(empty)[0]) == ""


@dataclass
class Section:
    """Pages that belong together: the body, or an annex, which begins on a page of its own."""

    first_line: str
    is_portrait: bool
    pages: list[str]


def sections_of(pages) -> list[Section]:
    """Return the sections of a PDF; page numbers are no words of it."""
    found: list[Section] = []
    for page in pages:
        shown = page.extract_text()
        first_line = squeezed(shown.partition("\n")[0])
        if not found or re.fullmatch("附件[0-9]+", first_line):
            found.append(Section(first_line, is_portrait(page), []))
        assert is_portrait(page) == found[-1].is_portrait, "a page turns within its section"
        found[-1].pages.append(re.sub("—[0-9]+—", "", squeezed(shown)))
    return found


@pytest.fixture(scope="module")
def office(data, tmp_path_factory):
    """The Word file as LibreOffice has it: its PDF's pages, its text."""
    folder = tmp_path_factory.mktemp("office")
    path = folder / "report.docx"
    path.write_bytes(data)
    return pages_of(converted(path, folder)), squeezed(converted(path, folder, "txt").decode("utf-8-sig"))


needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed (script/setup --dev does)")


@needs_office
@pytest.mark.slow
def test_libreoffice_reads_the_same_text_and_no_other(data, office):
    _pages, text = office
    assert text == word_text(data)
    for block in rich_document().blocks:
        if not (block.table or block.chart):
            assert squeezed(block.text) in text


@needs_office
@pytest.mark.slow
def test_libreoffice_breaks_pages_where_the_pdf_has_its_sections(data, office):
    """Body upright, first annex across, second upright again; in each section all of its words, and only those."""
    document = rich_document()
    theirs, ours = sections_of(office[0]), sections_of(pages_of(files.render(document, "pdf").data))
    outline = [(row.first_line, row.is_portrait) for row in theirs]
    assert outline == [(row.first_line, row.is_portrait) for row in ours]
    assert [is_upright for _line, is_upright in outline] == [True, False, True]
    again = ["", *(squeezed("".join(column.heading for column in annex.tables[0].columns)) for annex in document.annexes)]
    extra = [squeezed(mark_of(document)), "", ""]
    for section, words, head, mark in zip(theirs, word_sections(data), again, extra, strict=True):
        assert Counter("".join(section.pages)) == Counter(words + mark + head * (len(section.pages) - 1))
