"""ReportDocument -> JSON for other programs: every block as runs of words, fixed text and figures with their trace."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reports.document import Annex, Block, Cell, Chart, FigureRun, Fixed, ReportDocument, Run, Table, Text
from reports.render.plain_text import clean_text
from reports.verification import code_of


def render_json(document: ReportDocument) -> bytes:
    """Return the document as JSON in UTF-8; texts read as the other exports print them, and `sha256` names the content.

    A block: {"kind", "level", "number", "runs": [{"text"} | {"fixed"} | {"figure": {"indicator", "scope", "period", "format",
    "value", "shown", "sources"}}]}, with "table" or "chart" where it is one. `number` is the printed numbering, made, not typed.
    "fixed" of a table, chart or annex lists the fixed text in its title; years and months in heads and labels are made.
    A source tells a month ("period"), a township's whole share ("by": "unit"; its months in "by_month") or an item; of a ratio
    "part" says numerator or denominator, "indicator" which figure that is.
    A figure whose months are taken together has "aggregate" (月均, 最高月); one that was kept with a note has it in "sources".
    """
    data = {
        "title": [clean_text(line) for line in document.title_lines],
        "addressee": clean_text(document.addressee),
        "unit": {"code": document.unit_code, "name": clean_text(document.unit_name)},
        "year": document.report_year,
        "status": clean_text(document.status_mark),
        "letterhead": letterhead_of(document),
        "blocks": [_block(block, document.unit_name) for block in document.blocks],
        "signature": clean_text(document.signature),
        "issue_date": clean_text(document.issue_date),
        "annexes": [_annex(annex, document.unit_name) for annex in document.annexes],
        "version": document.version,
        "sha256": document.sha256,
        "verification_code": code_of(document.sha256) if document.is_approved else None,
    }
    return (json.dumps(_cleaned(data), ensure_ascii=False, indent=1) + "\n").encode()


def letterhead_of(document: ReportDocument) -> dict[str, str] | None:
    """Return the red head and the 版记 as they print, None for a plain report."""
    head = document.letterhead
    return {name: clean_text(text) for name, text in vars(head).items()} if head else None


def _cleaned(value):
    """Sources are plain data of any shape: take out what no UTF-8 file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def _block(block: Block, unit: str) -> dict:
    data = {"key": block.key, "kind": block.kind, "level": block.level, "number": clean_text(block.number)}
    data["runs"] = [_run(run, unit) for run in (*_lead(block), *block.runs)]
    if block.fixed and not block.lead:
        data["fixed"] = [clean_text(text) for text in block.fixed]
    if block.table:
        data["table"] = _table(block.table, unit)
    if block.chart:
        data["chart"] = _chart(block.chart, unit)
    return data


def _lead(block: Block) -> Iterator[Run]:
    """Yield the run-in title as runs."""
    rest = block.lead
    for fixed in block.fixed if rest else ():
        before, _fixed, rest = rest.partition(fixed)
        yield from [Text(before)] if before else []
        yield Fixed(fixed)
    yield from [Text(rest)] if rest else []


def _run(run: Run, unit: str) -> dict:
    if isinstance(run, FigureRun):
        return {"figure": _figure(run, unit)}
    return {"fixed" if isinstance(run, Fixed) else "text": clean_text(run.text)}


def _figure(run: FigureRun, unit: str) -> dict:
    together = {"aggregate": clean_text(run.aggregate)} if run.aggregate else {}
    return together | {
        "indicator": clean_text(run.indicator), "scope": clean_text(run.scope or unit), "period": clean_text(run.period),
        "format": clean_text(run.format), "value": run.value, "shown": clean_text(run.text), "sources": list(run.sources),
    }  # fmt: skip


def _table(table: Table, unit: str) -> dict:
    return {
        "caption": clean_text(table.caption), "unit": clean_text(table.unit),
        "columns": [clean_text(column.heading) for column in table.columns],
        "rows": [[_cell(cell, unit) for cell in row] for row in table.rows], "note": clean_text(table.note),
    }  # fmt: skip


def _cell(cell: Cell, unit: str) -> dict:
    return {"figure": _figure(cell.figure, unit)} if cell.figure else {"text": clean_text(cell.text)}


def _chart(chart: Chart, unit: str) -> dict:
    return {
        "kind": chart.kind, "title": clean_text(chart.title), "unit": clean_text(chart.unit),
        "categories": [clean_text(name) for name in chart.categories],
        "series": [
            {"name": clean_text(row.name), "values": list(row.values),
             "figures": [figure and _figure(figure, unit) for figure in row.figures]}
            for row in chart.series
        ],
        "note": clean_text(chart.note),
    }  # fmt: skip


def _annex(annex: Annex, unit: str) -> dict:
    tables = [_table(table, unit) for table in annex.tables]
    fixed = {"fixed": [clean_text(text) for text in annex.fixed]} if annex.fixed else {}
    return {"number": annex.number, "title": clean_text(annex.title), **fixed, "tables": tables}
