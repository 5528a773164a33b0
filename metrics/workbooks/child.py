"""The process that parses a workbook: bytes on stdin, rows as JSON on stdout. Started and ended by reading.py; called with
"paint" it hands the workbook back with cells in red, see painting.py.

It knows neither Django nor the database, limits its own memory before it parses, and evaluates nothing: formulas give the value
that the spreadsheet program kept with them.
"""

import io
import json
import os
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta

NO_VALUE = "\u2061"  # before the formula of a cell that no value was saved with; nobody types it
MOST_TEXT = 4_000  # characters of a cell; no ledger takes more than 300


def limit(memory: int, seconds: int, file_size: int = 0) -> None:
    """Bound this process: address space and processor time; no core, and files of its own only as large as said."""
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, file_size),
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


def with_formulas(data: bytes, sheets: list[dict], last_row: int, last_column: int) -> None:
    """Put the formula, behind a mark, where a cell holds one without a saved value: such a cell is not blank."""
    book = load(data, data_only=False, read_only=True)
    for sheet in sheets:
        texts = dict(sheet["rows"])
        book[sheet["name"]].reset_dimensions()
        rows = book[sheet["name"]].iter_rows(max_row=last_row + 1, values_only=True)
        for number, values in enumerate(rows, start=1):
            for place, value in enumerate(values[:last_column]):
                row = texts.get(number, [])
                if isinstance(value, str) and value.startswith("=") and not (row[place] if place < len(row) else ""):
                    row = texts[number] = row + [""] * (place + 1 - len(row))
                    row[place] = NO_VALUE + value[:80]
        sheet["rows"] = sorted([number, row] for number, row in texts.items())


def has_formulas(data: bytes) -> bool:
    """Whether any sheet holds a formula; most files do not, and are read once."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(b"<f>" in (text := archive.read(name)) or b"<f " in text for name in names)


def load(data: bytes, **options):
    """Return an openpyxl workbook of values; nothing is calculated and no link is followed."""
    os.environ["OPENPYXL_LXML"] = "False"
    import warnings

    warnings.simplefilter("ignore")
    from openpyxl import load_workbook
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise SystemExit("defusedxml is not installed")
    return load_workbook(io.BytesIO(data), **{"data_only": True, "keep_links": False, **options})


def paint() -> None:
    """Read {"sheet", "marks": [[row, column, text]]} as a line and a workbook after it; write the workbook with its marks."""
    memory, seconds, file_size = map(int, sys.argv[2:5])
    limit(memory, seconds, file_size)
    wanted = json.loads(sys.stdin.buffer.readline())
    book = load(sys.stdin.buffer.read())
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    sheet, red = book[wanted["sheet"]], PatternFill("solid", fgColor="F8D4D0")
    corners = {cell: span.start_cell.coordinate for span in sheet.merged_cells.ranges for row in span.rows for cell in row}
    for row, column, text in wanted["marks"]:
        cell = sheet[corners.get((row, column)) or sheet.cell(row, column).coordinate]
        cell.fill = red
        told = f"\n{cell.comment.text}" if cell.comment else ""
        cell.comment = Comment(text + told, "Township Work Reports", width=320, height=110)
    book.save(sys.stdout.buffer)


def main() -> None:
    """Parse stdin."""
    memory, seconds, last_row, last_column, most_sheets = map(int, sys.argv[1:6])
    record = sys.argv[6]
    limit(memory, seconds)
    data = sys.stdin.buffer.read()
    book = load(data, read_only=True)
    sheets = []
    others = [sheet for sheet in book.worksheets if sheet.title != record]
    shown = [sheet for sheet in others if sheet.sheet_state == "visible"] or others
    for sheet in [*shown[:most_sheets], *(sheet for sheet in book.worksheets if sheet.title == record)]:
        sheets.append({"name": str(sheet.title), "rows": list(sheet_rows(sheet, last_row, last_column))})
    if has_formulas(data):
        with_formulas(data, [sheet for sheet in sheets if sheet["name"] != record], last_row, last_column)
    json.dump(sheets, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    paint() if sys.argv[1] == "paint" else main()
