"""Tables -> .xlsx and .csv. Text stays text: nothing that people typed becomes a formula or a link in the reader's program."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from metrics.workbooks.tables import DAY, NUMBER, Column, Group, Table, yes_no

RISKY = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so is a formula to some program
MOST_TEXT = 32_767  # characters a cell holds
MOST_LISTED, LISTS_NAME = 250, "选项"  # characters of choices that a rule itself may hold
DAY_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "@"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"xlsx": XLSX_TYPE, "csv": "text/csv; charset=utf-8"}


def to_file(tables: tuple[Table, ...], extension: str) -> bytes:
    """Return the tables as a workbook, or the first of them as CSV."""
    return to_xlsx(tables) if extension == "xlsx" else to_csv(tables[0])


def to_csv(table: Table) -> bytes:
    """Return a table as CSV with a byte order mark, as Excel and WPS want it; texts that read as formulas get a ' before them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in (table.title, *table.above):
        writer.writerow([_csv_text(line)])
    writer.writerow([_csv_text(column.label) for column in table.columns])
    for row in table.rows:
        values = (row.title,) if isinstance(row, Group) else row
        writer.writerow([_csv_value(value) for value in values])
    if table.totals:
        writer.writerow([_csv_value(value) for value in table.totals])
    for line in table.below:
        writer.writerow([_csv_text(line)])
    return text.getvalue().encode("utf-8-sig")


def _csv_value(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value) if isinstance(value, int) else _csv_text(value)


def _csv_text(text: str) -> str:
    text = str(text).replace("\x00", "")
    return f"'{text}" if text.startswith(RISKY) else text


def to_xlsx(tables: tuple[Table, ...]) -> bytes:
    """Return the tables as a workbook, a sheet each, ready to print."""
    buffer = io.BytesIO()
    to_workbook(tables).save(buffer)
    return buffer.getvalue()


def to_workbook(tables: tuple[Table, ...]):
    """Return the tables as openpyxl's workbook, for who adds to it: sheets in the order of the tables."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    names: set[str] = set()
    lists = _Lists(book)
    for table in tables:
        _Sheet(book.create_sheet(_sheet_name(table.name, names)), table, lists).write()
    return book


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = "".join(char for char in name if char not in "[]:*?/\\" and char.isprintable()).strip("'")[:28] or "Sheet"
    while plain.casefold() in taken:
        plain = f"{plain[:26]}_{len(taken)}"
    taken.add(plain.casefold())
    return plain


class _Lists:
    """Choices for drop-downs: short ones stand in the rule itself, long ones on a hidden sheet."""

    def __init__(self, book):
        self.book, self.sheet = book, None

    def formula(self, choices: tuple[str, ...]) -> str:
        from openpyxl.utils import get_column_letter

        listed = ",".join(choices)
        if len(listed) <= MOST_LISTED and not any(mark in choice for choice in choices for mark in ',"'):
            return f'"{listed}"'
        if self.sheet is None:
            self.sheet = self.book.create_sheet(LISTS_NAME)
            self.sheet.sheet_state = "hidden"
        place = self.sheet.max_column + 1 if self.sheet["A1"].value else 1
        for row, choice in enumerate(choices, start=1):
            cell = self.sheet.cell(row, place, clean(choice))
            cell.data_type = "s"
        letter = get_column_letter(place)
        return f"{LISTS_NAME}!${letter}$1:${letter}${len(choices)}"


class _Sheet:
    """One sheet on its way to paper."""

    def __init__(self, sheet, table: Table, lists: _Lists):
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        self.sheet, self.table, self.lists, self.at = sheet, table, lists, 1
        line = Side(style="thin", color="8A96A3")
        self.border = Border(left=line, right=line, top=line, bottom=line)
        self.bold, self.big, self.grey = Font(bold=True), Font(bold=True, size=15), Font(italic=True, color="6B7783")
        self.head_fill, self.fill_in = PatternFill("solid", fgColor="E9F1FA"), PatternFill("solid", fgColor="FFFDEB")
        self.red = PatternFill("solid", fgColor="F8D4D0")
        self.centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
        self.left = Alignment(vertical="center", wrap_text=True)
        self.wide = max(len(table.columns), 1)

    def write(self) -> None:
        """Write title, lines, head, rows, totals and closing lines, then what concerns paper and screen."""
        table = self.table
        if table.title:
            self._line(table.title, self.big, self.centre, 30)
        for text in table.above:
            self._line(text, None, self.left)
        head = self.at
        for place, column in enumerate(table.columns, start=1):
            cell = self._put(head, place, ("*" if column.is_required else "") + column.label)
            cell.font, cell.fill, cell.border, cell.alignment = self.bold, self.head_fill, self.border, self.centre
        self.at += 1
        self._rows()
        for text in table.below:
            self._line(text, None, self.left)
        self._finish(head)
        if table.is_hidden:
            self.sheet.sheet_state = "hidden"

    def _rows(self) -> None:
        for index, row in enumerate(self.table.rows):
            if isinstance(row, Group):
                self._line(row.title, self.bold, self.left, fill=self.head_fill)
                continue
            self._row(row, index)
        for _spare in range(self.table.spare_rows):
            self._row((None,) * len(self.table.columns), -1)
        if self.table.totals:
            for cell in self._row(self.table.totals, -1, is_filled=False):
                cell.font = self.bold

    def _row(self, row, index: int, is_filled: bool = True) -> list:
        cells = []
        for place, column in enumerate(self.table.columns):
            cell = self._value(self.at, place + 1, row[place] if place < len(row) else None, column)
            cell.border = self.border
            if column.is_filled and is_filled:
                cell.fill = self.fill_in
            if self.table.has_example and index == 0:
                cell.font = self.grey
            if message := self.table.marks.get((index, place)):
                self._mark(cell, message)
            cells.append(cell)
        self.at += 1
        return cells

    def _mark(self, cell, message: str) -> None:
        from openpyxl.comments import Comment

        cell.fill = self.red
        cell.comment = Comment(clean(message), "Township Work Reports", width=320, height=110)

    def _value(self, row: int, place: int, value, column: Column):
        if value is None or value == "" or isinstance(value, str | bool):
            cell = self._put(row, place, yes_no(value) if isinstance(value, bool) else value or "")
            number_format = {NUMBER: _number_format(column), DAY: DAY_FORMAT}.get(column.kind, TEXT_FORMAT)
            cell.number_format = number_format
            return cell
        cell = self.sheet.cell(row, place, value)
        cell.number_format = DAY_FORMAT if isinstance(value, date) else _number_format(column, value)
        return cell

    def _put(self, row: int, place: int, text: str):
        """Put a text, and nothing but a text, into a cell."""
        cell = self.sheet.cell(row, place)
        if text == "":
            return cell
        cell.value = clean(text)
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(RISKY)
        return cell

    def _line(self, text: str, font, alignment, height: int = 0, fill=None) -> None:
        cell = self._put(self.at, 1, text)
        cell.alignment = alignment
        if font:
            cell.font = font
        if fill:
            cell.fill = fill
        if self.wide > 1:
            self.sheet.merge_cells(start_row=self.at, start_column=1, end_row=self.at, end_column=self.wide)
        if height or "\n" in text:
            self.sheet.row_dimensions[self.at].height = height or 16 * (text.count("\n") + 1)
        self.at += 1

    def _finish(self, head: int) -> None:
        from openpyxl.utils import get_column_letter

        for place, column in enumerate(self.table.columns, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = max(column.width * 1.2, len(column.label) * 2.2 + 2)
            self._validate(head + 1, place, column)
        self.sheet.freeze_panes = self.sheet.cell(head + 1, 1)
        self.sheet.print_title_rows = f"{head}:{head}"
        self.sheet.page_setup.orientation = "landscape" if self.table.is_wide else "portrait"
        self.sheet.page_setup.paperSize = 9
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.oddFooter.center.text = "— &P / &N —"

    def _validate(self, first: int, place: int, column: Column) -> None:
        """Give a template's column its drop-down, and its words when the cell is chosen."""
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.datavalidation import DataValidation

        if not (column.choices or column.note) or not self.table.spare_rows:
            return
        rule = DataValidation(allow_blank=True)
        if column.choices:
            rule = DataValidation(type="list", formula1=self.lists.formula(column.choices), allow_blank=True)
        rule.showErrorMessage = bool(column.choices)
        rule.errorTitle, rule.error = "请从下拉列表中选择", "请从下拉列表中选择一项。"
        if column.note:
            rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.label[:32], column.note[:255]
        letter = get_column_letter(place)
        rule.add(f"{letter}{first}:{letter}{self.at - 1}")
        self.sheet.add_data_validation(rule)


def _number_format(column: Column, value=None) -> str:
    decimals = column.decimals
    if decimals is None:
        decimals = max(-value.as_tuple().exponent, 0) if isinstance(value, Decimal) else 0
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def clean(text: str) -> str:
    """Return a text without what no cell may hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return ILLEGAL_CHARACTERS_RE.sub("", str(text)).encode("utf-8", "ignore").decode()[:MOST_TEXT]
