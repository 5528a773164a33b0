"""The sample report with what stands in the text besides words: a table, charts of each kind, a named list, fixed text."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

from reports.document import Block, Cell, Chart, Column, FigureRun, Fixed, ReportDocument, Series, Table, Text
from tests.reports.sample_document import sample_document

SOURCES = ({"period": "2025-03", "value": "104", "approved_by": "区委宣传部 李审核", "approved_at": "2025-04-08"},)
LEVELS = ("国家级", "省级", "市级", "区级")


def figure(value: str, measure: str = "篇") -> FigureRun:
    """Return a bound number."""
    return FigureRun(value + measure, "media_adopted_city", "今年以来", "", value, "ab" * 32, SOURCES)


def media_table() -> Table:
    """Return a table of the text, with a group row and bound numbers."""
    columns = (Column("级别", 2), Column("2024年"), Column("2025年"))
    rows = [(Cell("主流媒体"), Cell(""), Cell(""))]
    for place, name in enumerate(LEVELS):
        value = str(104 + place)
        rows.append((Cell(name), Cell(str(90 + place), numeric=True), Cell(value, numeric=True, figure=figure(value, ""))))
    return Table("媒体录用情况", columns, tuple(rows), "注：国家级媒体不分纸媒和新媒体。", "单位：篇")


def charts() -> tuple[Chart, ...]:
    """Return a bar chart of two years, a line with a gap, and a pie."""
    months = tuple(f"{month}月" for month in range(1, 13))
    return (
        Chart("bar", "各级媒体录用情况", "篇", LEVELS, (Series("2024年", ("3", "27", "98", "260")), Series("2025年", ("5", "31", "104", "246")))),
        Chart("line", "志愿服务时长", "小时", months, (Series("时长", ("310", "280.5", None, "402", "377", "420", "455", "390", "410", "470", "505", "512")),)),
        Chart("pie", "活动类别构成", "场", ("理论宣讲", "文明实践", "文化活动", "志愿服务"), (Series("场次", ("24", "43", "20", "62")),), "注：按活动台账统计。"),
    )  # fmt: skip


def rich_blocks() -> tuple[Block, ...]:
    """Return the blocks that the sample has not: they stand before its plan."""
    bars, line, pie = charts()
    return (
        Block("r1", "paragraph", runs=(Text("按照"), Fixed("《关于加强2025年度新闻宣传工作的意见》（〔2025〕3号）"), Text("的要求，录用"), figure("104"), Text("。"))),
        Block("r2", "table", number="表1", table=media_table()),
        Block("r3", "chart", number="图1", chart=bars),
        Block("r4", "paragraph", runs=(Text("获得的荣誉如下："),)),
        Block("r5", "list", number="（1）", runs=(Text("市级“书香乡镇”"),)),
        Block("r6", "list", number="（2）", runs=(Text("区级志愿服务优秀组织奖"),)),
        Block("r7", "chart", number="图2", chart=line),
        Block("r8", "chart", number="图3", chart=pie),
    )  # fmt: skip


def rich_document(**changes) -> ReportDocument:
    """Return the sample with these blocks after its eighth; keyword arguments replace fields."""
    document = sample_document()
    blocks = (*document.blocks[:8], *rich_blocks(), *document.blocks[8:])
    return replace(document, blocks=blocks, **changes)
