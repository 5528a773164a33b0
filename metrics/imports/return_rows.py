"""A filled template of a month -> cells of the return. A row of an import is one cell here; a blank cell says nothing."""

from __future__ import annotations

from dataclasses import replace

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from metrics.choices import FigureKind, RowStatus
from metrics.imports.heads import BRACKETS, Head, Target, find_head, is_beside_the_data
from metrics.imports.judging import WHOLE_ROW, Judged
from metrics.ledger_forms import folded
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import parse_number, plain
from metrics.queries import villages_of_month
from metrics.workbooks.gate import WorkbookRefused
from metrics.workbooks.reading import ReadSheet, formula_without_value

VILLAGE_OFFSET, COLUMN_STEP = 10_000_000, 1_000  # a cell of the village sheet: offset + row * step + column
NEVER_STORED = {"base": "0", "was": ""}  # what a template's record says of a cell that nobody had touched
TOWNSHIP_TARGETS = (
    Target("code", "指标代码", False, ("代码", "编码", "指标编码")),
    Target("name", "指标", True, ("指标名称", "项目", "名称")),
    Target("value", "本月", True, ("本月数", "本月填报", "本月数值", "数值", "填报数")),
)
VILLAGE_TARGETS = (Target("village", "村（社区）", True, ("村", "村名", "村社区", "村居", "单位", "单位名称")),)


def place_of(number: int) -> tuple[bool, int, int]:
    """Return (is on the village sheet, row, column from 1) of a cell's number; column 0 for a township's cell."""
    if number < VILLAGE_OFFSET:
        return False, number, 0
    row, column = divmod(number - VILLAGE_OFFSET, COLUMN_STEP)
    return True, row, column


def return_cells(
    sheets: list[ReadSheet], monthly_return: MonthlyReturn, record: ReadSheet | None = None
) -> list[tuple[int, dict]]:
    """Return (number, raw) of every filled cell of the file. Raises WorkbookRefused when neither table is in it.

    raw: `cell` the name of the cell ("" when unknown), `name` and `village` as the file says, `value` the text; from the
    template's hidden `record`, where there is one, `base` and `was`: the cell's version and text when it was downloaded.
    """
    indicators = counted_indicators(monthly_return)
    cells = []
    township, villages = _township_head(sheets), _village_head(sheets, indicators)
    if township:
        cells += _township_cells(sheets, township, indicators)
    if villages:
        cells += _village_cells(sheets, villages, indicators, monthly_return)
    if not township and not villages:
        raise WorkbookRefused(_("The file has no row with the heads 指标 and 本月. Download the month's template and fill that."))
    known = _recorded(record, monthly_return)
    if known is None:
        return cells
    return [(number, {**raw, **known.get(raw["cell"], NEVER_STORED)}) for number, raw in cells]


def _recorded(record: ReadSheet | None, monthly_return: MonthlyReturn) -> dict[str, dict] | None:
    """Return cell -> `base` and `was` of a template's record; None without one, or when it is another return's."""
    rows = [tuple(row.texts) + ("",) * 3 for row in record.rows] if record else []
    if not any(row[:2] == (str(monthly_return.pk), monthly_return.unit.code) for row in rows):
        return None
    return {cell: {"base": version, "was": was} for cell, version, was, *_rest in rows if version.isascii() and version.isdigit()}


def counted_indicators(monthly_return: MonthlyReturn) -> list[Indicator]:
    """Return what a return counts, in the order of the form."""
    year, month = monthly_return.year, monthly_return.month
    return list(Indicator.objects.of_year(monthly_return.unit.parent_id, year).counted_in(year, month))


def _township_head(sheets) -> Head | None:
    head = find_head(sheets, TOWNSHIP_TARGETS, {})
    return head if "value" in head.columns and {"code", "name"} & set(head.columns) else None


def _village_head(sheets, indicators) -> Head | None:
    by_name = _names(row for row in indicators if row.is_by_village)
    for sheet in sheets:
        head = find_head([sheet], VILLAGE_TARGETS, {})
        if "village" in head.columns and any(_plain(text) in by_name for text in head.heads):
            return head
    return None


def _plain(text: str) -> str:
    return folded(BRACKETS.sub("", text))


def _names(indicators) -> dict[str, Indicator]:
    return {word: row for row in indicators for word in (folded(row.code), _plain(row.name))}


def _rows(sheets, head: Head):
    sheet = next(row for row in sheets if row.name == head.sheet)
    return [row for row in sheet.rows if row.number > head.row and not is_beside_the_data(row)]


def _text(row, place: int | None) -> str:
    return row.texts[place] if place is not None and place < len(row.texts) else ""


def _township_cells(sheets, head: Head, indicators):
    by_name = _names(indicators)
    for row in _rows(sheets, head):
        code, name, value = (_text(row, head.columns.get(column)) for column in ("code", "name", "value"))
        indicator = by_name.get(folded(code)) or by_name.get(_plain(name).removeprefix("其中"))
        if not value or (indicator and (not indicator.is_entered or indicator.is_by_village)):
            continue  # blank says nothing; what is calculated or counted by village is not typed here
        raw = {"cell": indicator.code if indicator else "", "name": indicator.name if indicator else name or code, "value": value}
        yield row.number, raw


def _village_cells(sheets, head: Head, indicators, monthly_return):
    by_name = _names(row for row in indicators if row.is_by_village and row.is_entered)
    columns = {place: by_name[_plain(text)] for place, text in enumerate(head.heads) if _plain(text) in by_name}
    units = villages_of_month(monthly_return.unit.children.all(), monthly_return.year, monthly_return.month)
    villages = {word: unit for unit in units for word in (unit.code, folded(unit.name))}
    for row in _rows(sheets, head):
        called = _text(row, head.columns["village"])
        unit = villages.get(folded(called)) or villages.get(_plain(called))
        for place, indicator in columns.items():
            if value := _text(row, place):
                cell = cell_name(indicator.code, unit.code) if unit else ""
                raw = {"cell": cell, "name": indicator.name, "village": unit.name if unit else called, "value": value}
                yield VILLAGE_OFFSET + row.number * COLUMN_STEP + place + 1, raw


def judge_cells(monthly_return: MonthlyReturn, rows) -> list[Judged]:
    """Tell filled cells apart: new, changed, unchanged, not understood. Two queries, whatever their number."""
    indicators = {row.code: row for row in counted_indicators(monthly_return)}
    figures = Figure.objects.filter(monthly_return=monthly_return).select_related("indicator", "unit", "updated_by")
    stored = {figure.anchor: figure for figure in figures}
    seen: dict[str, int] = {}
    return [_judge(number, raw, indicators, stored, seen) for number, raw in rows]


def _judge(number: int, raw: dict, indicators, stored, seen) -> Judged:
    indicator = indicators.get(raw["cell"].partition("@")[0])
    if indicator is None:
        return Judged(number, raw, errors={WHOLE_ROW: [_not_found(raw)]})
    if (first := seen.setdefault(raw["cell"], number)) != number:
        words = _("Row %(number)d of this file fills the same cell. Skip one of the two.")
        return Judged(number, raw, errors={WHOLE_ROW: [words % {"number": place_of(first)[1]}]})
    if words := formula_without_value(raw["value"]):
        return Judged(number, raw, errors={"value": [words]})
    read = parse_number(raw["value"], measure=indicator.measure, decimals=indicator.decimals, name=indicator.name)
    if read.kind == FigureKind.TEXT:
        return Judged(number, raw, errors={"value": [str(read.message)]})
    old = stored.get(raw["cell"])
    before = {"raw": shown_raw(old), "version": old.version if old else 0}
    if read.kind == FigureKind.BLANK or (old and (old.kind, old.value) == (read.kind, read.value)):
        return Judged(number, raw, status=RowStatus.DUPLICATE, before=before)
    status = RowStatus.UPDATE if old and old.kind != FigureKind.BLANK else RowStatus.NEW
    if "base" not in raw or raw["base"] == str(before["version"]):
        return Judged(number, raw, status=status, before=before)
    return _judge_newer(Judged(number, raw, status=status, before={**before, "newer": True}), indicator, read, old)


def _judge_newer(judged: Judged, indicator: Indicator, read, old: Figure | None) -> Judged:
    """Judge a cell that changed here since its template was downloaded: what the file left as it was changes nothing."""
    was = parse_number(judged.raw["was"], measure=indicator.measure, decimals=indicator.decimals, name=indicator.name)
    if (was.kind, was.value) == (read.kind, read.value):
        words = _("The file still has what stood here when it was downloaded; the newer figure here stays.")
        return replace(judged, status=RowStatus.DUPLICATE, errors={WHOLE_ROW: [words]})
    words = _("Changed here since the template was downloaded (%(was)s): %(who)s entered %(now)s on %(at)s.")
    shown = {
        "was": judged.raw["was"] or _("blank"), "now": judged.before["raw"] or _("blank"),
        "who": old.updated_by.display_name if old and old.updated_by else _("Somebody"),
        "at": localtime(old.updated_at).strftime("%m-%d %H:%M") if old else "",
    }  # fmt: skip
    return replace(judged, errors={WHOLE_ROW: [words % shown]})


def _not_found(raw: dict) -> str:
    if raw.get("village"):
        return _("“%(name)s” is no village or community of this township in this month.") % {"name": raw["village"]}
    return _("“%(name)s” is no indicator of this return. Use the name or the code of the template.") % {"name": raw["name"]}


def shown_raw(figure: Figure | None) -> str:
    """Return what stands in a cell, as text."""
    if figure is None:
        return ""
    return (
        plain(figure.value)
        if figure.value is not None
        else figure.raw or str(figure.get_kind_display() if figure.kind != FigureKind.BLANK else "")
    )
