"""The process that parses a workbook: bytes on stdin, rows as JSON on stdout. Started and ended by reading.py.

It knows neither Django nor the database, limits its own memory before it parses, and evaluates nothing: formulas give the value
that the spreadsheet program kept with them.
"""

import io
import json
import os
import resource
import sys
from datetime import date, datetime, time, timedelta

MOST_TEXT = 4_000  # characters of a cell; no ledger takes more than 300


def limit(memory: int, seconds: int) -> None:
    """Bound this process: address space and processor time; no core, no file of its own."""
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0),
    ):  # fmt: skip
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def text_of(value) -> str:
    """Return a cell's value as the text that a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time(0) else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else format(value, ".15g")
    return str(value).replace("_x000D_", "")[:MOST_TEXT].strip()


def sheet_rows(sheet, last_row: int, last_column: int):
    """Yield [row number, [texts]] of the rows that hold anything; one row beyond the last is told too, so that it is noticed."""
    sheet.reset_dimensions()  # what a sheet says of its own size may be a lie
    for number, values in enumerate(sheet.iter_rows(min_row=1, max_row=last_row + 1, values_only=True), start=1):
        texts = [text_of(value) for value in values[:last_column]]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield [number, texts]


def main() -> None:
    """Parse stdin."""
    memory, seconds, last_row, last_column, most_sheets = map(int, sys.argv[1:6])
    record = sys.argv[6]
    limit(memory, seconds)
    os.environ["OPENPYXL_LXML"] = "False"
    import warnings

    warnings.simplefilter("ignore")
    from openpyxl import load_workbook
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise SystemExit("defusedxml is not installed")
    book = load_workbook(io.BytesIO(sys.stdin.buffer.read()), read_only=True, data_only=True, keep_links=False)
    sheets = []
    others = [sheet for sheet in book.worksheets if sheet.title != record]
    shown = [sheet for sheet in others if sheet.sheet_state == "visible"] or others
    for sheet in [*shown[:most_sheets], *(sheet for sheet in book.worksheets if sheet.title == record)]:
        sheets.append({"name": str(sheet.title), "rows": list(sheet_rows(sheet, last_row, last_column))})
    json.dump(sheets, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
