"""The preview of an import as data: which rows are shown, cell by cell, with messages, old values and what they may hold."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from metrics.choices import ImportState, RowStatus
from metrics.exports.ledgers import choices_of
from metrics.imports.heads import FILE_LANGUAGE, targets_of
from metrics.imports.judging import WHOLE_ROW
from metrics.imports.return_rows import counted_indicators, place_of
from metrics.ledgers import LedgerKind, LedgerRule
from metrics.models import ImportBatch, ImportRow, MonthlyReturn
from metrics.querysets import NEWER

OUTCOMES = (*RowStatus.values, "skipped")
RETURN_KIND = "return"  # the kind of a batch that fills a month's cells
SHOWS = ("all", *OUTCOMES, "newer")


@dataclass(frozen=True)
class PreviewCell:
    """One cell: the text of the file, what is wrong with it, and, in a changed entry, what stands there now."""

    name: str
    label: str
    text: str
    messages: tuple[str, ...] = ()
    old: str | None = None
    choices: tuple[str, ...] = ()
    is_input: bool = False


@dataclass(frozen=True)
class PreviewRow:
    """One row as shown; `place` says where it stands in the file."""

    row: ImportRow
    place: str
    cells: tuple[PreviewCell, ...]
    messages: tuple[str, ...]
    is_open: bool
    status: str


def rows_to_show(batch: ImportBatch, show: str) -> QuerySet:
    """Return the rows of one tab of the preview; `skipped` are those left out by hand, `newer` see services."""
    if show == "skipped":
        return batch.rows.filter(is_skipped=True)
    if show == "newer":
        return batch.rows.filter(NEWER)
    if show in RowStatus.values:
        return batch.rows.filter(status=show, is_skipped=False)
    return batch.rows.all()


def tabs(batch: ImportBatch, show: str) -> list[tuple[str, str, int, bool]]:
    """Return (name, label, count, is current) of the preview's tabs."""
    labels = {"all": _("All"), **{status.value: str(status.label) for status in RowStatus}, "skipped": _("Left out")}
    if batch.kind == RETURN_KIND:
        labels[RowStatus.DUPLICATE] = _("Unchanged")
    labels["newer"] = _("Changed here meanwhile")
    total = sum(batch.counts.get(name, 0) for name in OUTCOMES)
    return [(name, labels[name], total if name == "all" else batch.counts.get(name, 0), name == show) for name in SHOWS]


@dataclass(frozen=True)
class Followed:
    """An open return whose figures follow the ledger: how many did, how many of them are 0; both 0 before the import."""

    monthly_return: MonthlyReturn
    count: int = 0
    zeros: int = 0


def followed_returns(batch: ImportBatch, user) -> list[Followed]:
    """Return what an import did to the months' figures; before it, the open returns whose figures may follow."""
    returns = MonthlyReturn.objects.visible_to(user).filter(unit=batch.unit).select_related("unit").order_by("year", "month")
    if batch.kind == RETURN_KIND:
        return []
    if batch.state == ImportState.PREVIEW:
        return [Followed(row) for row in returns.editable() if _is_counted_from(batch.kind, row)]
    told = {row["return"]: row for row in batch.counts.get("followed", ())} if batch.state == ImportState.IMPORTED else {}
    return [Followed(row, told[row.pk]["count"], told[row.pk]["zeros"]) for row in returns.filter(pk__in=told)]


def _is_counted_from(kind: str, monthly_return: MonthlyReturn) -> bool:
    rules = (LedgerRule.of(row) for row in counted_indicators(monthly_return) if row.has_cell)
    return any(rule.kind == kind for rule in rules if rule)


def ledger_rows(
    batch: ImportBatch, kind: LedgerKind, rows: list[ImportRow], *, may_edit: bool, edit: int | None
) -> list[PreviewRow]:
    """Return ledger rows: a cell a matched column, and one for every other column in which something is wrong."""
    wrong = {name for row in rows for name in row.errors}
    with override(FILE_LANGUAGE):
        targets = [target for target in targets_of(kind) if target.name in batch.columns or target.name in wrong]
        choices = {target.name: choices_of(kind.field(target.name), batch.unit) for target in targets}
    before = _shown_before(kind, rows)
    return [_ledger_row(targets, choices, row, before.get(row.number, {}), may_edit, edit) for row in rows]


def _shown_before(kind: LedgerKind, rows: list[ImportRow]) -> dict[int, dict[str, str]]:
    """Return row number -> field -> what stood in the entry that the row changes. One query a related table."""
    stored = {row.number: row.replaced.get("data", row.replaced) for row in rows if row.status == RowStatus.UPDATE}
    names: dict[str, dict] = {}
    for name in kind.columns if stored else ():
        if kind.field(name).is_relation:
            found = kind.field(name).related_model._default_manager.filter(pk__in={data.get(name) for data in stored.values()})
            names[name] = {row.pk: row.name for row in found}
    return {
        number: {name: shown_data(kind, name, value, names.get(name, {})) for name, value in data.items()}
        for number, data in stored.items()
    }


def _ledger_row(targets, choices, row: ImportRow, before: dict, may_edit: bool, edit: int | None) -> PreviewRow:
    is_open = may_edit and not row.is_skipped and (row.status == RowStatus.ERROR or row.number == edit)
    cells = tuple(_ledger_cell(target, choices[target.name], row, before, is_open) for target in targets)
    return PreviewRow(row, str(row.number), cells, tuple(row.errors.get(WHOLE_ROW, ())), is_open, row.get_status_display())


def _ledger_cell(target, choices, row: ImportRow, before: dict, is_open: bool) -> PreviewCell:
    text, messages = row.raw.get(target.name, ""), tuple(row.errors.get(target.name, ()))
    old = before.get(target.name) if text.strip() else None
    return PreviewCell(
        target.name, target.label, text, messages, old if old is not None and old != text.strip() else None, choices,
        is_open and (bool(messages) or row.status != RowStatus.ERROR),
    )  # fmt: skip


def shown_data(kind: LedgerKind, name: str, value, names: dict) -> str:
    """Return a stored column's plain data as people read it; `names` are those of rows it may point to."""
    column = kind.field(name)
    if value is None or value == "":
        return ""
    if column.choices:
        with override(FILE_LANGUAGE):
            return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.is_relation:
        return names.get(value, str(value))
    return str(value)


def return_rows(rows: list[ImportRow], *, may_edit: bool, edit: int | None) -> list[PreviewRow]:
    """Return a month's cells as rows: indicator, village, value."""
    return [_return_row(row, may_edit, edit) for row in rows]


def _return_row(row: ImportRow, may_edit: bool, edit: int | None) -> PreviewRow:
    is_open = may_edit and not row.is_skipped and (row.status == RowStatus.ERROR or row.number == edit) and bool(row.raw["cell"])
    by_village, number, column = place_of(row.number)
    place = _("village sheet, row %(row)d, column %(column)d") % {"row": number, "column": column} if by_village else str(number)
    old = row.replaced.get("raw") if row.status == RowStatus.UPDATE else None
    cells = (
        PreviewCell("name", _("Indicator"), row.raw["name"]),
        PreviewCell("village", _("Village"), row.raw.get("village", "")),
        PreviewCell("value", _("This month"), row.raw["value"], tuple(row.errors.get("value", ())), old, is_input=is_open),
    )
    status = _("Unchanged") if row.status == RowStatus.DUPLICATE else row.get_status_display()
    return PreviewRow(row, place, cells, tuple(row.errors.get(WHOLE_ROW, ())), is_open, status)
