"""ReportDocument -> Excel: the text, where each number of it comes from, a sheet for every table and chart."""

from __future__ import annotations

import io
from decimal import Decimal, InvalidOperation

from metrics.workbooks import tables as book
from metrics.workbooks.writing import clean, to_workbook
from reports.document import Block, Chart, FigureRun, ReportDocument, Table
from reports.render import html
from reports.render.charts import FILLS
from reports.render.json import letterhead_of
from reports.render.packages import day_of, with_fixed_times
from reports.render.plain_text import clean_text
from reports.verification import mark_of

KINDS = {"heading": "标题", "paragraph": "段落", "item": "条目", "plan": "计划", "list": "清单", "table": "表格", "chart": "图"}
TOTALS = ("合计", "全镇", "全街道", "全乡", "全区", "全县", "全市", "全旗")
# What is known of a source, in the order of the cell.
SOURCE_WORDS = {
    "ranked": "排名依据：", "set_for": "区里设定：", "part": "", "indicator": "", "unit": "", "months": "", "period": "",
    "item": "", "value": "", "kind": "", "evidence": "佐证：", "approved_by": "审核：", "approved_at": "",
    "kept_note": "附注保留：", "instead_of": "现值：", "kept_by": "保留人：", "kept_at": "",
}  # fmt: skip
UNTOLD = ("id", "by", "by_month")  # for programs: on paper the words beside them say it
PART_WORDS = {"numerator": "分子", "denominator": "分母"}
KIND_WORDS = {"value": "", "not_applicable": "不适用", "not_collected": "未统计", "blank": "未填"}
CHART_WIDTH, CHART_HEIGHT = 18, 9  # cm


def render_xlsx(document: ReportDocument) -> bytes:
    """Return the report's workbook; no text becomes a formula, equal documents give equal bytes. Raises html.ReportRefused."""
    html.check_size(document)
    charts = [block for block in document.blocks if block.chart]
    before = [_text(document), _sources(document), *_own_tables(document)]
    workbook = to_workbook((*before, *map(_chart_table, charts), *_annexes(document)))
    for sheet, block in zip(workbook.worksheets[len(before) :], charts, strict=False):
        sheet.add_chart(_drawn(block.chart, sheet), f"A{sheet.max_row + 2}")
    _describe(workbook, document)
    target = io.BytesIO()
    workbook.save(target)
    return with_fixed_times(target.getvalue(), date=day_of(document.issue_date))


def _text(document: ReportDocument) -> book.Table:
    """The words as they print, a paragraph a row."""
    columns = (book.Column("序号", book.NUMBER, 6), book.Column("类别", width=8), book.Column("文字", width=80))
    head = letterhead_of(document) or {}
    frame = [("版头", head.get(name, "")) for name in ("mark", "number", "signatory")]
    frame += [("标题", document.title), ("主送", document.addressee)]
    rows = [(KINDS.get(block.kind, block.kind), clean_text(block.text)) for block in _worded(document)]
    closing = [("附件说明", name) for name in html.annex_names(document.annexes)]
    closing += [("署名", document.signature), ("日期", document.issue_date)]
    closing += [("版记", head.get(name, "")) for name in ("copies", "issuer", "issued")]
    lines = [(kind, clean_text(text)) for kind, text in (*frame, *rows, *closing)]
    numbered = tuple((place, *line) for place, line in enumerate((line for line in lines if line[1]), start=1))
    below = tuple(line for line in (clean_text(document.status_mark), mark_of(document)) if line)
    return book.Table("正文", clean_text(document.title), columns, numbered, below=below, is_wide=False)


def _worded(document: ReportDocument) -> list[Block]:
    return [block for block in document.blocks if not (block.table or block.chart)]


def _sources(document: ReportDocument) -> book.Table:
    """Every bound number of the text: where it stands, what it shows, what it is, and on what it rests."""
    columns = (
        book.Column("序号", book.NUMBER, 6), book.Column("段落", width=26), book.Column("所示", width=16),
        book.Column("指标", width=22), book.Column("范围"), book.Column("期间"), book.Column("格式"),
        book.Column("数值", book.NUMBER, 12, decimals=None), book.Column("来源", width=60),
    )  # fmt: skip
    found = [(block, run) for block in document.blocks for run in block.figures]
    rows = tuple((place, *_source_row(block, run, document)) for place, (block, run) in enumerate(found, start=1))
    return book.Table("数字来源", f"{clean_text(document.title)}：数字来源", columns, rows)


def _source_row(block: Block, run: FigureRun, document: ReportDocument) -> tuple[book.Value, ...]:
    texts = (run.text, run.indicator, run.scope or document.unit_name, f"{run.period} {run.aggregate}".strip(), run.format)
    shown, *rest = map(clean_text, texts)
    where = html.caption_of(block) if block.table or block.chart else clean_text(block.text)
    value = number_in(run.value or "")
    return where[:24], shown, *rest, value, "；".join(map(source_in_words, run.sources))


def source_in_words(source: dict) -> str:
    """Return a source as it reads in a cell: month and value, or item and evidence, then who approved it and when."""
    known = {**source, "kind": KIND_WORDS.get(source.get("kind", ""), source.get("kind"))}
    known["part"] = PART_WORDS.get(source.get("part", ""), source.get("part"))
    parts = [f"{words}{known[name]}" for name, words in SOURCE_WORDS.items() if known.get(name) not in (None, "")]
    others = [
        f"{name}：{value}" for name, value in source.items() if name not in (*SOURCE_WORDS, *UNTOLD) and value not in (None, "")
    ]
    return clean_text(" ".join([*parts, *others]))


def number_in(text: str) -> Decimal | str | None:
    """Return the number that a cell shows ("1,234", "85.30"), a text that is none as it is, nothing for nothing."""
    plain = clean_text(text).replace(",", "").replace("−", "-")
    try:
        number = Decimal(plain) if plain else None
    except InvalidOperation:
        return clean_text(text)
    return clean_text(text) if number is not None and (not number.is_finite() or len(plain) > 15) else number


def _own_tables(document: ReportDocument) -> list[book.Table]:
    blocks = [block for block in document.blocks if block.table]
    return [_sheet(block.number or "表", html.caption_of(block), block.table) for block in blocks]


def _annexes(document: ReportDocument) -> list[book.Table]:
    sheets, count = [], len(document.annexes)
    for annex in document.annexes:
        label = html.annex_label(annex, count)
        for place, table in enumerate(annex.tables, start=1):
            title = "　".join(part for part in (clean_text(annex.title), clean_text(table.caption)) if part)
            sheets.append(_sheet(f"{label}（{place}）" if len(annex.tables) > 1 else label, title, table))
    return sheets


def _sheet(name: str, title: str, table: Table) -> book.Table:
    """Return a table of the report as a sheet; a last row that begins with 合计 or 全镇 is its total."""
    numeric = [any(row[place].numeric for row in table.rows if place < len(row)) for place in range(len(table.columns))]
    columns = tuple(
        book.Column(clean_text(column.heading), book.NUMBER if is_number else book.TEXT, 12 if is_number else 24, None)
        for column, is_number in zip(table.columns, numeric, strict=True)
    )
    rows = [_row(row, len(columns)) for row in table.rows]
    has_total = bool(rows) and isinstance(rows[-1], tuple) and (*rows[-1], "")[0] in TOTALS
    totals = rows.pop() if has_total else None
    unit, note = clean_text(table.unit), clean_text(table.note)
    return book.Table(
        clean_text(name), title, columns, tuple(rows), above=(unit,) if unit else (), totals=totals, below=(note,) if note else ()
    )


def _row(row, width: int):
    texts = [clean_text(cell.text) for cell in row][:width]
    if width > 1 and texts and texts[0] and not any(texts[1:]):
        return book.Group(texts[0])
    return tuple(number_in(cell.text) if cell.numeric else text for cell, text in zip(row, texts, strict=False))


def _chart_table(block: Block) -> book.Table:
    """The numbers behind a chart; the chart itself is drawn below them."""
    chart = block.chart
    heads = [clean_text(series.name) for series in chart.series]
    columns = (book.Column("类别", width=20), *(book.Column(head, book.NUMBER, 14, None) for head in heads))
    values = [[number_in(value or "") for value in series.values] for series in chart.series]
    rows = tuple(
        (clean_text(name), *(row[place] if place < len(row) else None for row in values))
        for place, name in enumerate(chart.categories)
    )
    unit, note = clean_text(chart.unit), clean_text(chart.note)
    return book.Table(
        clean_text(block.number) or "图", html.caption_of(block), columns, rows, above=(f"单位：{unit}",) if unit else (),
        below=(note,) if note else (),
    )  # fmt: skip


def _drawn(chart: Chart, sheet):
    """Return Excel's own chart over the sheet's table, in the greys of the printed one."""
    from openpyxl.chart import BarChart, LineChart, PieChart, Reference

    made = {"bar": BarChart, "line": LineChart, "pie": PieChart}[chart.kind]()
    head = int(sheet.print_title_rows.replace("$", "").split(":")[0])
    last = head + len(chart.categories)
    for place in range(len(chart.series) if chart.kind != "pie" else 1):
        made.add_data(Reference(sheet, min_col=place + 2, min_row=head, max_row=last), titles_from_data=True)
    made.set_categories(Reference(sheet, min_col=1, min_row=head + 1, max_row=last))
    made.title, made.width, made.height = clean(clean_text(chart.title)) or None, CHART_WIDTH, CHART_HEIGHT
    if chart.kind == "pie":
        return made
    for place, series in enumerate(made.series):
        look = series.graphicalProperties
        if chart.kind == "bar":
            look.solidFill = FILLS[place % len(FILLS)][1:]
        look.line.solidFill = "000000" if chart.kind == "bar" else FILLS[place % len(FILLS)][1:]
    made.x_axis.delete = made.y_axis.delete = False
    made.y_axis.title = clean(clean_text(chart.unit)) or None
    return made


def _describe(workbook, document: ReportDocument) -> None:
    properties = workbook.properties
    properties.title, properties.creator = clean(clean_text(document.title))[:255], clean(clean_text(document.unit_name))[:255]
    properties.keywords, properties.language = mark_of(document), "zh-CN"
