"""A month as tables: the whole form, the form to fill in, the empty form; and the lists of returns."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import override

from accounts.models import Unit
from metrics.board import BoardRow
from metrics.choices import FigureKind
from metrics.exports.ledgers import SIGNATURES
from metrics.grid import Grid, Row
from metrics.grid_source import Cell
from metrics.imports.heads import FILE_LANGUAGE
from metrics.items import ItemPage
from metrics.lists import ReturnLine
from metrics.models import MonthlyReturn
from metrics.workbooks.tables import NUMBER, TEXT, Column, Group, Table, Value

BLANK_RULES = (
    "空白、0、不适用、未统计含义不同：没有发生填 0，本单位无此项工作填「不适用」，未作统计填「未统计」。"
    "带 * 的指标填本年1月至本月的累计数。"
)
TYPED_NOTE = "没有填 0；无此项工作填 不适用；未作统计填 未统计。"


def title_of(monthly_return: MonthlyReturn) -> str:
    """Return the form's title."""
    return f"{monthly_return.unit.name}宣传思想文化工作月报表"


def lines_of(monthly_return: MonthlyReturn, *, is_empty: bool = False) -> tuple[str, ...]:
    """Return unit, month and standing, as they stand above the table."""
    with override(FILE_LANGUAGE):
        standing = "" if is_empty else f"　　状态：{monthly_return.get_state_display()}"
    version = f"　　第 {monthly_return.revision} 次报送" if monthly_return.revision and not is_empty else ""
    return (f"填报单位（盖章）：{monthly_return.unit.name}　　报告期：{monthly_return.period_label}{standing}{version}",)


def typed_value(cell: Cell) -> Value:
    """Return what stands in a typed cell: a number, or the word that was typed."""
    return cell.value if cell.kind == FigureKind.VALUE else cell.shown or None


def number_of(text: str) -> Value:
    """Return a shown figure as a number again, an absence as its word."""
    plain = text.replace(",", "").replace("−", "-")
    try:
        return Decimal(plain) if plain else None
    except ArithmeticError:
        return text


def return_table(grid: Grid, *, is_empty: bool = False) -> Table:
    """Return the month's form with last year, last month and the year so far; `is_empty`: to be filled in by hand."""
    monthly_return = grid.monthly_return
    columns = (
        Column("序号", width=7), Column("指标", width=30), Column("计量单位", width=9), Column("上年同期", NUMBER, 11),
        Column("上月", NUMBER, 11), Column("本月", NUMBER, 12), Column("本年累计", NUMBER, 12),
    )  # fmt: skip
    rows = []
    for section in grid.sections:
        rows.append(Group(f"{section.numeral}、{section.name}"))
        rows += [_form_row(row, is_empty) for row in section.rows]
    return Table(
        name=f"{monthly_return.month}月月报", title=title_of(monthly_return), columns=columns, rows=tuple(rows),
        above=lines_of(monthly_return, is_empty=is_empty), below=(BLANK_RULES, SIGNATURES), is_wide=False,
    )  # fmt: skip


def _form_row(row: Row, is_empty: bool) -> tuple[Value, ...]:
    name = ("其中：" if row.is_first_part else "") + row.name + ("*" if row.is_year_to_date else "")
    if is_empty:
        return row.number, name, row.measure, None, None, None, None
    now = typed_value(row.cell) if row.is_entered else number_of(row.this_month)
    return row.number, name, row.measure, number_of(row.last_year), number_of(row.last_month), now, number_of(row.to_date)


def return_template(grid: Grid) -> Table:
    """Return the month's form to fill in and send back: what people type, with the figure that stands there now."""
    columns = (
        Column("指标代码", width=12), Column("指标", width=28), Column("计量单位", width=8), Column("上月", NUMBER, 10),
        Column("本月", TEXT, 12, is_filled=True, note=TYPED_NOTE), Column("口径", width=60),
    )  # fmt: skip
    rows: list = []
    for section in grid.sections:
        typed = [row for row in section.rows if row.is_entered]
        if typed:
            rows.append(Group(f"{section.numeral}、{section.name}"))
            rows += [_template_row(row) for row in typed]
    return Table(
        name="月报", title=f"{title_of(grid.monthly_return)}（填报模板）", columns=columns, rows=tuple(rows),
        above=(*lines_of(grid.monthly_return), f"只填「本月」一列。{BLANK_RULES}空白单元格导入时不改动系统中已有的数。"),
    )  # fmt: skip


def _template_row(row: Row) -> tuple[Value, ...]:
    name = row.name + ("*" if row.is_year_to_date else "")
    return row.code, name, row.measure, number_of(row.last_month), typed_value(row.cell), row.scope


def of_year(unit: Unit, year: int) -> tuple[str]:
    """Return the line of a table about a unit's year."""
    return (f"单位：{unit.name}　　年度：{year}年",)


def year_table(township: Unit, year: int, lines: list[ReturnLine]) -> Table:
    """Return the list of a township's returns of a year."""
    columns = (
        Column("月份", width=12), Column("状态", width=12), Column("截止时间", width=18), Column("已填", NUMBER, 8),
        Column("应填", NUMBER, 8), Column("报送次数", NUMBER, 10), Column("通过日期", width=18),
    )  # fmt: skip
    rows = tuple(_year_row(line) for line in reversed(lines) if line.monthly_return)
    totals = ("合计", f"{len(rows)} 个月", None, sum(row[3] for row in rows), sum(row[4] for row in rows), None, None)
    return Table(
        f"{year}年月报",
        f"{township.name}{year}年月报报送情况",
        columns,
        rows,
        of_year(township, year),
        totals,
    )


def _year_row(line: ReturnLine) -> tuple[Value, ...]:
    from django.utils.timezone import localtime

    row = line.monthly_return
    with override(FILE_LANGUAGE):
        state = str(row.get_state_display())
    approved = f"{localtime(row.approved_at):%Y-%m-%d %H:%M}" if row.approved_at else ""
    due = f"{localtime(row.due_at):%Y-%m-%d %H:%M}"
    return row.period_label, state, due, line.filled, line.fillable, row.revision, approved


def board_table(district: Unit, year: int, rows: list[BoardRow]) -> Table:
    """Return the district's board: townships by months in words, and how much was handed in in time."""
    months = tuple(Column(f"{month}月", width=11) for month in range(1, 13))
    columns = (Column("单位", width=14), *months, Column("按时率（%）", NUMBER, 10))
    with override(FILE_LANGUAGE):
        lines = tuple((row.unit.name, *(str(cell.mark.words) for cell in row.cells), row.rate) for row in rows)
    counted = tuple(sum(cell.pk is not None for cell in cells) for cells in zip(*(row.cells for row in rows), strict=True))
    totals = ("已建报表数", *counted, None) if rows else None
    return Table(
        f"{year}年看板",
        f"{district.name}{year}年月报报送情况",
        columns,
        lines,
        of_year(district, year),
        totals,
    )


def item_table(township: Unit, year: int, page: ItemPage) -> Table:
    """Return one list of named items, the columns as on the page."""
    with override(FILE_LANGUAGE):
        columns = (Column("序号", NUMBER, 6), Column("名称", width=30), *(Column(label, width=14) for label in page.columns))
    rows = tuple(
        (place, line.item.name, *(text for _label, text in line.cells)) for place, line in enumerate(page.lines, start=1)
    )
    name = page.chosen.name if page.chosen else ""
    totals = ("合计", f"{len(rows)} 项", *("" for _column in page.columns))
    title = f"{township.name}{year}年{name}"
    return Table(name or "事项", title, columns, rows, of_year(township, year), totals, below=(SIGNATURES,))
