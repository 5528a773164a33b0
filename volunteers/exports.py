"""The village sheet as tables: a row a village with the township's totals, and the same to be filled in."""

from __future__ import annotations

from metrics.exports.ledgers import SIGNATURES
from metrics.exports.returns import BLANK_RULES, lines_of, number_of, typed_value
from metrics.models import MonthlyReturn
from metrics.workbooks.tables import NUMBER, TEXT, Column, Table, Value
from volunteers.queries import Sheet, SheetCell, load_sheet


def village_table(sheet: Sheet, *, is_template: bool = False) -> Table:
    """Return the sheet of a month; as a template with the typed columns alone, and no totals."""
    shown = [column for column in sheet.columns if column.is_typed or not is_template]
    columns = (Column("村（社区）", width=16), *(_column(column, is_template) for column in shown))
    codes = {column.code for column in shown}
    rows = tuple((row.unit.name, *(_value(cell) for cell in row.cells if cell.column.code in codes)) for row in sheet.rows)
    unit = sheet.monthly_return.unit.name
    totals = ("合计", *(number_of(column.total) for column in shown)) if sheet.has_totals and not is_template else None
    return Table(
        name="村社区表", title=f"{unit}村（社区）志愿服务月报表" + ("（填报模板）" if is_template else ""), columns=columns,
        rows=rows,
        above=(*lines_of(sheet.monthly_return), *((BLANK_RULES,) if is_template else ())), totals=totals,
        below=() if is_template else (SIGNATURES,),
    )  # fmt: skip


def village_template(monthly_return: MonthlyReturn) -> Table:
    """Return the villages' sheet of a month's template."""
    return village_table(load_sheet(monthly_return), is_template=True)


def _column(column, is_template: bool) -> Column:
    label = f"{column.name}（{column.measure}）" if column.measure else column.name
    kind = TEXT if is_template else NUMBER
    return Column(label, kind, 16, column.decimals, note=column.scope[:200], is_filled=is_template)


def _value(cell: SheetCell) -> Value:
    return typed_value(cell.cell) if cell.column.is_typed else number_of(cell.shown)
