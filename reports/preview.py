"""The formal sheet on the page: a ReportDocument as lines of runs, changed and lacking numbers marked. Not the PDF."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import mark_safe

from reports.document import Annex, FigureRun, Letterhead, ReportDocument, Table
from reports.queries import StaleFigure
from reports.render.charts import chart_svg
from reports.tokens import Token, tokens_of


@dataclass(frozen=True)
class SheetRun:
    """A stretch of text; mark: "" (words), figure, stale, lacking."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class SheetLine:
    """A paragraph of the sheet; style: h1, h2, p, table, chart. `head` of the last two is the caption."""

    anchor: str
    style: str
    head: str
    runs: tuple[SheetRun, ...] = ()
    table: Table | None = None
    svg: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """The document as the page draws it."""

    title_lines: tuple[str, ...]
    addressee: str
    lines: tuple[SheetLine, ...]
    signature: str
    issue_date: str
    annexes: tuple[Annex, ...]
    status_mark: str
    letterhead: Letterhead | None = None


def build_sheet(document: ReportDocument, stale: list[StaleFigure] = ()) -> Sheet:
    """Return the sheet of a document; `stale` numbers are marked in it."""
    changed = set()
    for row in stale:
        changed |= {(row.row.block.key, *_identity(token)) for token in tokens_of(row.row.token)}
    lines = tuple(_line(block, changed) for block in document.blocks)
    return Sheet(
        document.title_lines, document.addressee, lines, document.signature, document.issue_date, document.annexes,
        document.status_mark, document.letterhead,
    )  # fmt: skip


def _identity(token: Token) -> tuple[str, ...]:
    return token.name, token.period, token.format, token.scope, token.aggregate


def _line(block, changed) -> SheetLine:
    key = block.key.partition("~")[0]
    if block.table:
        return SheetLine(f"b-{key}", "table", f"{block.number}　{block.table.caption}".strip("　"), table=block.table)
    if block.chart:
        svg = mark_safe(chart_svg(block.chart))  # noqa: S308  escaped where it is drawn
        caption = f"{block.number}　{block.chart.title}".strip("　")
        return SheetLine(f"b-{key}", "chart", caption, svg=svg, note=block.chart.note)
    return SheetLine(f"b-{key}", _style(block), block.number + block.lead, tuple(_run(key, run, changed) for run in block.runs))


def _style(block) -> str:
    return f"h{block.level}" if block.kind == "heading" and block.level in (1, 2) else "p"


def _run(key: str, run, changed) -> SheetRun:
    if not isinstance(run, FigureRun):
        return SheetRun(run.text)
    if (key, run.indicator, run.period, run.format, run.scope, run.aggregate) in changed:
        return SheetRun(run.text, "stale")
    return SheetRun(run.text, "figure" if run.source_hash else "lacking")
