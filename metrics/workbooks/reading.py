"""A sent file -> sheets of texts. Workbooks are parsed in a process of their own that is killed when it runs wild."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.workbooks.child import NO_VALUE
from metrics.workbooks.gate import (
    LAST_COLUMN,
    LAST_ROW,
    PICTURES_AND_PAPERS,
    WorkbookRefused,
    check_size,
    check_workbook,
    too_many_rows,
)
from metrics.workbooks.tables import RECORD_SHEET

SECONDS, MEMORY = 10, 512 << 20
MOST_SHEETS_READ = 12
CHILD = Path(__file__).with_name("child.py")
SEPARATORS = ",;\t"
SNIFFED_LINES = 30


@dataclass(frozen=True)
class SheetRow:
    """One row that holds anything: its number as the spreadsheet counts it, its texts up to the last filled cell."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class ReadSheet:
    """One visible sheet of a file."""

    name: str
    rows: tuple[SheetRow, ...]


def read_file(data: bytes, name: str) -> list[ReadSheet]:
    """Return the sheets of an .xlsx or .csv file that hold anything; at most 20,000 rows. Raises WorkbookRefused."""
    return [sheet for sheet in _read_sheets(data, name) if sheet.name != RECORD_SHEET]


def read_template(data: bytes, name: str) -> tuple[list[ReadSheet], ReadSheet | None]:
    """Return the sheets of a file, and the hidden record of what it was made from if it has one. Raises WorkbookRefused."""
    sheets = _read_sheets(data, name)
    records = [sheet for sheet in sheets if sheet.name == RECORD_SHEET]
    return [sheet for sheet in sheets if sheet.name != RECORD_SHEET], records[0] if records else None


def _read_sheets(data: bytes, name: str) -> list[ReadSheet]:
    check_size(len(data))
    is_text = name.lower().endswith((".csv", ".txt", ".tsv")) and not data.startswith(b"PK")
    sheets = [_read_text(data, name)] if is_text else _read_workbook(data)
    if any(row.number > LAST_ROW for sheet in sheets for row in sheet.rows):
        raise too_many_rows()
    filled = [sheet for sheet in sheets if sheet.rows]
    if not any(sheet.name != RECORD_SHEET for sheet in filled):
        raise WorkbookRefused(
            _("There is not one filled cell in the file. Check that the right file was saved, and send it again.")
        )
    return filled


def _read_workbook(data: bytes) -> list[ReadSheet]:
    check_workbook(data)
    limits = [str(value) for value in (MEMORY, SECONDS, LAST_ROW, LAST_COLUMN, MOST_SHEETS_READ, RECORD_SHEET)]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), *limits], input=data, capture_output=True, timeout=SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WorkbookRefused(
            _("The workbook took more than %(seconds)d seconds to read. Copy the table's values into a new workbook.")
            % {"seconds": SECONDS}
        ) from error
    if done.returncode != 0:
        raise WorkbookRefused(_("The workbook is damaged or far too large inside. Copy the table's values into a new workbook."))
    return [
        ReadSheet(sheet["name"], tuple(SheetRow(number, tuple(texts)) for number, texts in sheet["rows"]))
        for sheet in json.loads(done.stdout)
    ]


def _read_text(data: bytes, name: str) -> ReadSheet:
    if any(data.startswith(start) for start in PICTURES_AND_PAPERS) or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookRefused(_("The file is called .csv but holds no text. Save the table as .xlsx or .csv and send that file."))
    lines = _decoded(data).splitlines(keepends=True)
    if len(lines) > 2 * LAST_ROW:
        raise too_many_rows()
    separator = sniff_separator(lines[:SNIFFED_LINES])
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        words = _("The text cannot be taken apart into columns (%(reason)s). Save the table as .xlsx and send that file.")
        raise WorkbookRefused(words % {"reason": error}) from error
    return ReadSheet(name, tuple(_text_rows(rows)))


def _text_rows(rows):
    for number, cells in enumerate(rows, start=1):
        texts = [_unprotected(cell.strip())[:4_000] for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > LAST_COLUMN:
            raise WorkbookRefused(_("Row %(row)d has more than %(most)d columns.") % {"row": number, "most": LAST_COLUMN})
        if texts:
            yield SheetRow(number, tuple(texts))


def formula_without_value(text: str) -> str:
    """Return what to say of a cell that holds a formula without its value, "" of any other."""
    if not text.startswith(NO_VALUE):
        return ""
    words = _("This cell holds a formula (%(formula)s) without a saved value. Open the file in Excel or WPS and save it, or "
              "paste the column as values; or type the value here.")  # fmt: skip
    return words % {"formula": text.removeprefix(NO_VALUE)}


def _unprotected(text: str) -> str:
    """Take away the mark that our own CSV puts before texts which a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _decoded(data: bytes) -> str:
    """Read UTF-8 with or without a mark, UTF-16 with one (Excel's “Unicode text”), else GB18030, which holds GBK."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise WorkbookRefused(
        _("The file's characters are neither UTF-8 nor GBK. In Excel or WPS choose “CSV UTF-8” or .xlsx when saving.")
    )


def sniff_separator(lines: list[str]) -> str:
    """Return the separator that takes the first lines apart most evenly; a comma when none does."""

    def score(separator: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if any(row)]
        except csv.Error:
            return 0, 0
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0), usual

    best = max(SEPARATORS, key=score)
    return best if score(best)[0] else ","
