"""The comparison of townships as a workbook: a sheet an area, each figure with its place, and a sheet of what is missing."""

from __future__ import annotations

from metrics.comparison import Comparison
from metrics.workbooks.tables import NUMBER, Column, Table

RULE = "只计已通过审核的数。空白：该单位尚有月份未通过审核，或本项未统计。排名：全部单位的数齐全后才给出，并列同名次。"


def comparison_tables(tables: tuple[Comparison, ...]) -> tuple[Table, ...]:
    """Return a sheet an area, and the list of months that are not approved yet."""
    return (*(_area(table) for table in tables if table.columns), _missing(tables[0])) if tables else ()


def _area(table: Comparison) -> Table:
    columns = [Column("单位", width=14)]
    for indicator in table.columns:
        measure = f"（{indicator.measure}）" if indicator.measure else ""
        columns += [Column(f"{indicator.name}{measure}", NUMBER, 14, decimals=indicator.decimals), Column("排名", NUMBER, 6)]
    rows = tuple((line.unit.name, *(part for cell in line.cells for part in (cell.value, cell.rank))) for line in table.lines)
    return Table(table.area.name, _title(table, table.area.name), tuple(columns), rows, (_span(table), RULE))


def _missing(table: Comparison) -> Table:
    rows = tuple(
        (line.unit.name, len(line.missing) or None, "、".join(f"{month}月" for month in line.missing) or "齐全")
        for line in table.lines
    )
    columns = (Column("单位", width=14), Column("缺月数", NUMBER, 8), Column("未通过审核的月份", width=50))
    return Table("数据完整情况", _title(table, "数据完整情况"), columns, rows, (_span(table),))


def _title(table: Comparison, what: str) -> str:
    return f"{table.district.name}各镇街{what}对照表"


def _span(table: Comparison) -> str:
    return f"统计时段：{table.year}年1—{table.last_month}月　　共 {len(table.lines)} 个单位"
