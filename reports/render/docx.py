"""ReportDocument -> Word: real styles, the official faces by name, numbering as text, annexes in sections of their own."""

from __future__ import annotations

import io
from dataclasses import replace

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK
from docx.shared import Mm, Pt

from reports.document import Annex, Block, ReportDocument, Table
from reports.render import docx_styles as look
from reports.render import html
from reports.render.charts import describe
from reports.render.docx_table import table_xml
from reports.render.json import letterhead_of
from reports.render.packages import day_of, with_fixed_times
from reports.render.pictures import chart_pictures
from reports.render.plain_text import clean_text
from reports.render.printable import MissingGlyph, printable
from reports.verification import mark_of

PRODUCT = "Township Work Reports"


def render_docx(document: ReportDocument) -> tuple[bytes, tuple[MissingGlyph, ...]]:
    """Return the report as .docx, and the characters that its charts show as 〓: pictures carry our fonts, the text does not.

    Equal documents give equal bytes. Raises html.ReportRefused, fonts.FontsMissing or pdf.RenderError.
    """
    html.check_size(document)
    charted = replace(document, blocks=tuple(block for block in document.blocks if block.chart), annexes=())
    shown, missing = printable(charted)
    pictures = dict(
        zip((block.key for block in charted.blocks), chart_pictures([block.chart for block in shown.blocks]), strict=True)
    )
    return _Writer(document, pictures).write(), missing


class _Writer:
    """One document on its way into Word."""

    def __init__(self, document: ReportDocument, pictures: dict[str, bytes]):
        self.document, self.pictures, self.word = document, pictures, Document()
        look.set_styles(self.word)

    def write(self) -> bytes:
        """Write title, text, annexes; return the file."""
        section = self.word.sections[0]
        look.set_pages(section)
        look.set_footers(self.word, section, mark_of(self.document))
        if self.document.status_mark:
            look.set_mark(section, clean_text(self.document.status_mark))
        self._text()
        for annex in self.document.annexes:
            self._annex(annex)
        self._colophon()
        self._properties()
        target = io.BytesIO()
        self.word.save(target)
        return with_fixed_times(target.getvalue(), date=day_of(self.document.issue_date))

    def _text(self) -> None:
        document = self.document
        self._letterhead()
        self._lines(html.title_lines(document.title_lines, html.TITLE_LINE), "Title")
        if addressee := clean_text(document.addressee):
            self._say(addressee, "主送机关")
        last = None
        for block in document.blocks:
            last = self._block(block) or last
        names = html.annex_names(document.annexes)
        for place, name in enumerate(names):
            self._annex_name(name, place, len(names))
        if last is not None and (names or document.signature or document.issue_date):
            last.paragraph_format.keep_with_next = True
        self._signature()

    def _letterhead(self) -> None:
        """Write the red head in words: mark, then number and signatory (7.2)."""
        head = letterhead_of(self.document)
        if head is None:
            return
        self._say(head["mark"], "发文机关标志")
        signatory = f"签发人：{head['signatory']}" if head["signatory"] else ""
        self._say("　　　　".join(part for part in (head["number"], signatory) if part), "发文字号")

    def _colophon(self) -> None:
        """Write the 版记 behind everything else (7.4)."""
        head = letterhead_of(self.document)
        if head is None:
            return
        lines = [f"抄送：{head['copies']}"] if head["copies"] else []
        issued = f"{head['issued']}印发" if head["issued"] else ""
        lines.append("　　".join(part for part in (head["issuer"], issued) if part))
        for line in filter(None, lines):
            self._say(line, "版记")

    def _say(self, text: str, style: str):
        return self.word.add_paragraph(text, style=style)

    def _lines(self, lines: list[str], style: str) -> None:
        paragraph = self.word.add_paragraph(style=style)
        for place, line in enumerate(lines):
            run = paragraph.add_run(line)
            if place < len(lines) - 1:
                run.add_break(WD_BREAK.LINE)

    def _block(self, block: Block):
        """Write a block; return its paragraph when the signature may have to stay with it."""
        if block.table:
            return self._table(block.table, html.caption_of(block), html.WIDTH)
        if block.chart:
            return self._chart(block)
        text = clean_text(block.text)
        if not text.strip():
            return None
        style = f"Heading {block.level}" if block.kind == "heading" and block.level in (1, 2) else "Normal"
        return self._say(text, style)

    def _table(self, table: Table, caption: str, width: int):
        if not table.columns:
            return None
        if caption:
            self._say(caption, "表题")
        if unit := clean_text(table.unit):
            self._say(unit, "表格计量单位")
        body = self.word.element.body
        body.insert(len(body) - 1, table_xml(table, width=width))
        return self._say(clean_text(table.note), "表注")  # Word wants a paragraph between a table and what follows

    def _chart(self, block: Block):
        paragraph = self.word.add_paragraph(style="图")
        inline = paragraph.add_run().add_picture(io.BytesIO(self.pictures[block.key]), width=Mm(html.WIDTH))._inline
        inline.docPr.set("descr", clean_text(describe(block.chart)))
        inline.docPr.set("title", clean_text(block.chart.title))
        caption = self._say(html.caption_of(block), "图题")
        note = clean_text(block.chart.note)
        return self._say(note, "表注") if note else caption

    def _annex_name(self, name: str, place: int, count: int) -> None:
        """Write a line of the 附件说明: two characters in, turnovers under the first character of the name (7.3.4)."""
        paragraph = self._say(name, "附件说明")
        left, hanging = (5, 3) if count == 1 else (6, 4) if place == 0 else (6, 1)
        look.set_indent(paragraph._p.get_or_add_pPr(), -hanging, left)
        if place == 0:
            paragraph.paragraph_format.space_before = Pt(look.LINE)

    def _signature(self) -> None:
        signature, date = clean_text(self.document.signature), clean_text(self.document.issue_date)
        starts = html.signature_indents(signature, date)
        lines = [(text, start) for text, start in zip((signature, date), starts, strict=True) if text]
        for place, (text, start) in enumerate(lines):
            paragraph = self._say(text, "署名")
            # a program that sets digits wider has two characters to spare before the date turns over
            look.set_indent(paragraph._p.get_or_add_pPr(), 0, start, -2)
            paragraph.paragraph_format.space_before = Pt(0 if place else look.LINE)
            paragraph.paragraph_format.keep_with_next = place < len(lines) - 1

    def _annex(self, annex: Annex) -> None:
        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False
        look.set_pages(section, landscape=annex.landscape)
        width = html.LANDSCAPE_WIDTH if annex.landscape else html.WIDTH
        self._say(html.annex_label(annex, len(self.document.annexes)), "附件序号")
        most = html.WIDE_TITLE_LINE if annex.landscape else html.TITLE_LINE
        self._lines(html.title_lines((annex.title,), most), "附件标题")
        for table in annex.tables:
            self._table(table, clean_text(table.caption), width)

    def _properties(self) -> None:
        document, properties = self.document, self.word.core_properties
        properties.title, properties.author = clean_text(document.title)[:255], clean_text(document.unit_name)[:255]
        properties.subject = clean_text(document.status_mark)[:255]
        properties.keywords, properties.comments = mark_of(document), PRODUCT
        properties.last_modified_by, properties.revision, properties.language = "", 1, "zh-CN"
