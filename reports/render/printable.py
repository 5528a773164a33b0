"""缺字: finds the characters that no font of their place can show, and puts 〓 in their stead so that nothing vanishes unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from reports.document import Annex, Block, Cell, Chart, ReportDocument, Run, Table, with_text
from reports.render.fonts import missing_characters
from reports.render.html import CHART_FONTS
from reports.render.letterhead import mended
from reports.render.plain_text import clean_text

STAND_IN = "〓"  # GETA MARK, the printer's sign for a character that is not at hand


@dataclass(frozen=True)
class MissingGlyph:
    """A character that no font has: itself, its code point as U+20BB7, and where it first stands, in words."""

    char: str
    codepoint: str
    where: str


def printable(document: ReportDocument) -> tuple[ReportDocument, tuple[MissingGlyph, ...]]:
    """Return the document with 〓 for every character that cannot be shown, and those characters, each named once a place."""
    found: dict[tuple[str, str], MissingGlyph] = {}
    mend = _Mender(found)
    shown = replace(
        document,
        title_lines=tuple(mend(line, "title", _("title")) for line in document.title_lines),
        addressee=mend(document.addressee, "body", _("addressee")),
        blocks=tuple(mend.block(block) for block in document.blocks),
        signature=mend(document.signature, "body", _("signature")),
        issue_date=mend(document.issue_date, "body", _("date")),
        annexes=tuple(mend.annex(annex) for annex in document.annexes),
        status_mark=mend(document.status_mark, "hei", _("status mark")),
        letterhead=mended(document, mend),
    )
    return (shown if found else document), tuple(found.values())


class _Mender:
    def __init__(self, found):
        self.found = found
        self.plain: dict[str, set[str]] = {}

    def __call__(self, text: str, role: str, where: str) -> str:
        known = self.plain.setdefault(role, set())
        fresh = set(text) - known
        if not fresh:
            return text
        lost = missing_characters(clean_text(text), role)
        known |= fresh - set(lost)
        for char in lost:
            self.found.setdefault((char, where), MissingGlyph(char, f"U+{ord(char):04X}", where))
            text = text.replace(char, STAND_IN)
        return text

    def block(self, block: Block) -> Block:
        role = "body" if block.kind != "heading" else "hei" if block.level == 1 else "kai"
        where = _("paragraph %(start)s…") % {"start": clean_text(block.text)[:12]}
        if block.table or block.chart:
            return replace(block, table=block.table and self.table(block.table, where), chart=self.chart(block.chart, where))
        return replace(
            block,
            number=self(block.number, role, where),
            lead=self(block.lead, role, where),
            runs=tuple(self.run(run, role, where) for run in block.runs),
        )

    def run(self, run: Run, role: str, where: str) -> Run:
        text = self(run.text, role, where)
        return run if text == run.text else with_text(run, text)

    def chart(self, chart: Chart | None, where: str) -> Chart | None:
        if chart is None:
            return None

        def mend(text: str) -> str:
            return self(text, CHART_FONTS, where)

        series = tuple(
            replace(row, name=mend(row.name), values=tuple(value and mend(value) for value in row.values)) for row in chart.series
        )
        return replace(
            chart, title=mend(chart.title), unit=mend(chart.unit), categories=tuple(map(mend, chart.categories)), series=series,
            note=self(chart.note, "table", where),
        )  # fmt: skip

    def annex(self, annex: Annex) -> Annex:
        where = _("annex %(number)s") % {"number": annex.number}
        # the title prints in 小标宋 on its page and in 仿宋 in the note below the text
        title = self(self(annex.title, "title", where), "body", where)
        return replace(annex, title=title, tables=tuple(self.table(table, where) for table in annex.tables))

    def table(self, table: Table, where: str) -> Table:
        return replace(
            table,
            caption=self(table.caption, "hei", where),
            columns=tuple(replace(column, heading=self(column.heading, "hei", where)) for column in table.columns),
            rows=tuple(self.row(row, where) for row in table.rows),
            note=self(table.note, "table", where),
            unit=self(table.unit, "table", where),
        )

    def row(self, row: tuple[Cell, ...], where: str) -> tuple[Cell, ...]:
        role = "hei" if row and not any(cell.text for cell in row[1:]) else "table"
        place = f"{where} · {clean_text(row[0].text)[:12]}" if row else where
        return tuple(self.cell(cell, role, place) for cell in row)

    def cell(self, cell: Cell, role: str, place: str) -> Cell:
        text = self(cell.text, role, place)
        return cell if text == cell.text else replace(cell, text=text)
