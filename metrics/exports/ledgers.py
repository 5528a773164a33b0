"""Ledgers as tables: entries with their totals, the empty template with its instructions, a file with its faults marked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import override

from accounts.choices import UnitKind
from accounts.models import Unit
from metrics.choices import RowStatus
from metrics.imports.heads import FILE_LANGUAGE, targets_of
from metrics.imports.originals import original_bytes, read_original
from metrics.ledgers import LedgerKind
from metrics.models import ImportBatch
from metrics.workbooks.painting import Marks, painted
from metrics.workbooks.reading import ReadSheet
from metrics.workbooks.tables import DAY, NUMBER, TEXT, Column, Table, Value
from metrics.workbooks.writing import to_xlsx

SPARE_ROWS = 300
TOWNSHIP = "乡镇（街道）"
UNSUMMED = ("issue_number",)  # a number that names, not counts
SIGNATURES = "填表人：　　　　　　　　审核人：　　　　　　　　单位负责人：　　　　　　　　（盖章）"
EXAMPLES = {
    "name": "（示例）请在下一行开始填写", "place": "镇政府三楼会议室", "organiser": "党建办", "speeches": 3, "attendees": 46,
    "copies": 20, "outlet": "省日报", "groups": 1, "person_times": 40, "campaign": "护苗行动", "level": "市级",
    "premises": "甲印务有限公司、乙印刷厂", "visits": 2, "inspectors": 6, "seized": 0, "destroyed": 0, "participants": 25,
    "hours": Decimal("50.5"), "event": "成立仪式", "backbone": "镇综合执法队", "recruited": 30,
    "channels": "微信群、张榜公布", "recipient": "某某村", "grade": "一等奖",
}  # fmt: skip


def ledger_columns(kind: LedgerKind, unit: Unit | None = None) -> tuple[Column, ...]:
    """Return a ledger's columns for files; with `unit`, its villages as choices."""
    return tuple(_column(kind, target, unit) for target in targets_of(kind))


def _column(kind: LedgerKind, target, unit) -> Column:
    column = kind.field(target.name)
    values = {"label": target.label, "is_required": target.is_required and unit is not None, "is_filled": unit is not None}
    with override(FILE_LANGUAGE):
        choices = choices_of(column, unit)
    if isinstance(column, models.DateField):
        return Column(kind=DAY, width=12, note="写作 2026-10-08，也可写 2026年10月8日。", **values)
    if target.name in kind.countable:
        decimals = getattr(column, "decimal_places", 0) or 0
        return Column(kind=NUMBER, width=9, decimals=decimals, note="只写数字；没有填 0，不清楚就留空。", **values)
    width = min(40, max(10, (getattr(column, "max_length", 10) or 10) // 4))
    return Column(kind=TEXT, width=width, choices=choices, note="从下拉列表中选择。" if choices else "", **values)


def choices_of(column, unit: Unit | None) -> tuple[str, ...]:
    """Return what a column may hold by its labels; nothing for free text."""
    if column.choices:
        return tuple(str(label) for key, label in column.choices if key)
    if isinstance(column, models.BooleanField):
        return "是", "否"
    if isinstance(column, models.ForeignKey) and unit is not None:
        rows = unit.children.all() if column.related_model is Unit else column.related_model.objects.all()
        return tuple(row.name for row in rows)
    return ()


def entry_values(kind: LedgerKind, entry) -> tuple[Value, ...]:
    """Return an entry's columns as values: labels of choices, names of other tables' rows."""
    return tuple(_value(entry, kind.field(name)) for name in kind.columns)


def _value(entry, column) -> Value:
    if column.choices:
        return str(dict(column.flatchoices).get(getattr(entry, column.attname), ""))
    value = getattr(entry, column.name)
    return value.name if isinstance(value, models.Model) else value


def ledger_table(kind: LedgerKind, unit: Unit, entries: Iterable, period: str) -> Table:
    """Return entries with the sums of their numbers; those of a district begin with a column that names the township.

    `entries` brings its relations along (select_related), for a district `unit` too.
    """
    entries, columns = list(entries), ledger_columns(kind)
    with override(FILE_LANGUAGE):
        rows = tuple(entry_values(kind, entry) for entry in entries)
    totals = _totals(kind, rows)
    if unit.kind == UnitKind.DISTRICT:
        columns = (Column(TOWNSHIP, width=14), *columns)
        rows = tuple((entry.unit.name, *row) for entry, row in zip(entries, rows, strict=True))
        totals = ("合计", *(None if total == "合计" else total for total in totals))
    return Table(
        name=kind.name, title=f"{unit.name}{kind.name}", columns=columns, rows=rows,
        above=(f"填报单位：{unit.name}　　时间：{period}",), totals=totals, below=(SIGNATURES,),
    )  # fmt: skip


def _totals(kind: LedgerKind, rows) -> tuple[Value, ...]:
    sums: list[Value] = []
    for place, name in enumerate(kind.columns):
        numbers = [row[place] for row in rows if row[place] is not None] if name in kind.countable else []
        sums.append(sum(numbers) if numbers and name not in UNSUMMED else None)
    if sums and sums[0] is None:
        sums[0] = "合计"
    place = kind.columns.index("name")
    sums[place] = f"{len(rows)} 条" if place else "合计"
    return tuple(sums)


def ledger_template(kind: LedgerKind, unit: Unit | None = None) -> tuple[Table, Table]:
    """Return the sheet to fill, with an example, and the sheet that explains it."""
    columns = ledger_columns(kind, unit or Unit())
    example = tuple(_example(kind, name, column) for name, column in zip(kind.columns, columns, strict=True))
    owner = unit.name if unit and unit.pk else ""
    sheet = Table(
        name=kind.name, title=f"{owner}{kind.name}（导入模板）", columns=columns, rows=(example,),
        above=("带 * 的列必填。灰色斜体是示例，导入时自动跳过，可以删除。填好后在系统的台账页点「导入」，导入前会逐行核对。",),
        spare_rows=SPARE_ROWS, has_example=True,
    )  # fmt: skip
    return sheet, _instructions(kind, columns, example)


def _example(kind: LedgerKind, name: str, column: Column) -> Value:
    if column.kind == DAY:
        return date(2026, 10, 8)
    if column.choices:
        return column.choices[0]
    return EXAMPLES.get(name)


def _instructions(kind: LedgerKind, columns, example) -> Table:
    lines = tuple(
        (column.label, "必填" if column.is_required else "可不填", _how(column), example[place])
        for place, column in enumerate(columns)
    )
    return Table(
        name="填写说明", title=f"{kind.name}填写说明", rows=lines,
        columns=(Column("列名", width=18), Column("是否必填", width=10), Column("怎么填", width=60), Column("示例", width=26)),
        above=("一行填一件事；一件事不要填两行。不要合并单元格，不要改列名（改了也能导入，需在系统里对应一次）。",),
        below=("已在台账中的相同内容不会重复导入；日期、名称等相同而其他内容不同的，会提示为「更新」，空白单元格不会覆盖原有内容。",),
    )  # fmt: skip


def _how(column: Column) -> str:
    if column.choices:
        return "填下列之一：" + "、".join(column.choices[:30])
    return column.note or "文字"


def marked_file(batch: ImportBatch) -> bytes:
    """Return the workbook that was sent with its faulty cells red and the reasons as comments; of a CSV, or of a workbook that
    cannot be written again, its table. Raises WorkbookRefused when the file is gone."""
    marks = _marks(batch)
    sheet = next((row for row in read_original(batch) if row.name[:100] == batch.sheet), None) or read_original(batch)[0]
    return painted(original_bytes(batch), sheet.name, marks) or to_xlsx((_marked_table(sheet, marks),))


def _marked_table(sheet: ReadSheet, marks: Marks) -> Table:
    """Return a sheet row for row and column for column."""
    wide = max(len(row.texts) for row in sheet.rows)
    last = sheet.rows[-1].number
    texts = {row.number: row.texts for row in sheet.rows}
    head = sheet.rows[0]
    rows = tuple(tuple(texts.get(number, ())) for number in range(head.number + 1, last + 1))
    columns = tuple(Column(head.texts[place] if place < len(head.texts) else "", width=16) for place in range(wide))
    above = tuple("" for _number in range(1, head.number))
    shown = {(row - head.number - 1, column - 1): text for (row, column), text in marks.items()}
    return Table(sheet.name, "", columns, rows, above=above, marks=shown)


def _marks(batch: ImportBatch) -> Marks:
    """Return (row, column), both from 1 -> what is wrong there; what concerns a whole row stands at its first column."""
    marks: Marks = {}
    for row in batch.rows.filter(status=RowStatus.ERROR):
        for name, messages in row.errors.items():
            place = row.number, batch.columns.get(name, next(iter(batch.columns.values()), 0)) + 1
            marks[place] = "；".join([*filter(None, [marks.get(place)]), *messages])
    return marks
