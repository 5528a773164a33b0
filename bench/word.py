"""The same report as a .docx, only to give LibreOffice something to convert: text, tables and page like the printed one."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reports.document import ReportDocument, Table

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY, KAI, HEI, TITLE = "FandolFang R", "FandolKai", "FandolHei", "Noto Serif CJK SC"
CELL = (
    "<w:tc><w:p><w:pPr><w:snapToGrid w:val='0'/><w:spacing w:before='0' w:after='0'/><w:jc w:val='{side}'/></w:pPr>"
    "<w:r><w:rPr><w:rFonts w:ascii='{font}' w:hAnsi='{font}' w:eastAsia='{font}'/><w:sz w:val='18'/></w:rPr>"
    "<w:t>{text}</w:t></w:r></w:p></w:tc>"
)


def write_docx(document: ReportDocument, path: Path) -> None:
    """Write the report: title, text, signature, then the annexes on landscape pages."""
    file = Document()
    _page(file.sections[0], landscape=False)
    for line in document.title_lines:
        _paragraph(file, line, TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(file, document.addressee)
    for block in document.blocks:
        font = BODY if block.kind != "heading" else HEI if block.level == 1 else KAI
        _paragraph(file, block.text, font, indent=True)
    for line in (document.signature, document.issue_date):
        _paragraph(file, line, align=WD_ALIGN_PARAGRAPH.RIGHT)
    for annex in document.annexes:
        _page(file.add_section(WD_SECTION.NEW_PAGE), landscape=annex.landscape)
        _paragraph(file, annex.title, TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER)
        for table in annex.tables:
            _paragraph(file, table.caption, HEI, 12, WD_ALIGN_PARAGRAPH.CENTER)
            file.element.body.insert(len(file.element.body) - 1, parse_xml(_table(table)))
    file.save(str(path))


def _page(section, *, landscape: bool) -> None:
    width, height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    sides = (Mm(28), Mm(37), Mm(26), Mm(35)) if landscape else (Mm(37), Mm(26), Mm(35), Mm(28))
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = sides


def _paragraph(file, text: str, font=BODY, size=16, align=WD_ALIGN_PARAGRAPH.JUSTIFY, *, indent=False) -> None:
    paragraph = file.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28.95)
    shape.first_line_indent = Pt(32 if indent else 0)
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _table(table: Table) -> str:
    """Return the table as XML: building it cell by cell through python-docx takes seconds."""
    head = "".join(CELL.format(side="center", font=HEI, text=escape(column.heading)) for column in table.columns)
    rows = "".join(_row(row, len(table.columns)) for row in table.rows)
    grid = "<w:gridCol/>" * len(table.columns)
    return (
        f"<w:tbl {NAMESPACE}><w:tblPr><w:tblStyle w:val='TableGrid'/><w:tblW w:w='5000' w:type='pct'/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr>{head}</w:tr>{rows}</w:tbl>"
    )


def _row(row, width: int) -> str:
    texts = [(cell.text, "right" if cell.numeric else "left") for cell in row]
    texts += [("", "left")] * (width - len(texts))
    cells = "".join(CELL.format(side=side, font=BODY, text=escape(text)) for text, side in texts)
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"
