"""Writing ledgers: entries saved, removed, imported; and the figures that follow them while their return is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import FigureKind, Source
from metrics.ledger_duplicates import duplicates
from metrics.ledger_sums import ledger_values
from metrics.ledgers import LedgerKind, LedgerRule
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import plain
from metrics.permissions import check_can_keep_ledger
from metrics.queries import villages_of_month
from metrics.services.figures import write_figures
from workflow.choices import Subject
from workflow.models import Event
from workflow.services import once, record_event
from workflow.transitions import Refused


class DuplicateEntry(Refused):
    """The entry is probably there already; `entries` are those it agrees with."""

    def __init__(self, entries: list):
        """Take the entries."""
        super().__init__(_("There is an entry like this already."))
        self.entries = entries


@transaction.atomic
def save_entry(*, by, kind: LedgerKind, entry, base_version: int = 0, form_key=None, asks_first: bool = False):
    """Add a ledger entry, once for one `form_key`, or change one; open figures that agreed with the ledger follow it.

    Raises PermissionDenied, Refused when somebody else changed or removed the entry since `base_version`, and DuplicateEntry
    when `asks_first` and a new entry is probably there already.
    """
    check_can_keep_ledger(by, entry.unit)
    if entry.pk:
        return _store_entry(by, kind, entry, base_version)

    def make():
        if asks_first and (same := duplicates(kind, entry)):
            raise DuplicateEntry(same)
        return _store_entry(by, kind, entry, base_version)

    return once(by=by, form_key=form_key, rows=kind.model.objects, make=make)


def _store_entry(by, kind: LedgerKind, entry, base_version: int):
    stored = _locked_entry(kind, entry) if entry.pk else None
    if stored and stored.version != base_version:
        raise Refused(_("Somebody else changed this entry meanwhile. Compare the two and save again."))
    entry.version = base_version + 1 if stored else 1
    entry.updated_by = by
    with figures_follow(by, kind, entry.unit, [day_of(kind, row) for row in (stored, entry) if row]):
        entry.save()
    record_entries(by, kind, entry.unit, "change_entry" if stored else "add_entry", [(entry.pk, stored, entry)])
    return entry


def _locked_entry(kind: LedgerKind, entry):
    stored = kind.model.objects.select_for_update().filter(pk=entry.pk).first()
    if stored is None:
        raise Refused(_("Somebody else removed this entry meanwhile."))
    return stored


@transaction.atomic
def remove_entry(*, by, kind: LedgerKind, entry) -> Event:
    """Remove a ledger entry; the Event that is returned keeps what it said. Raises Refused when it is gone already."""
    check_can_keep_ledger(by, entry.unit)
    stored, pk = _locked_entry(kind, entry), entry.pk
    with figures_follow(by, kind, stored.unit, [day_of(kind, stored)]):
        stored.delete()
    # Last, as everywhere: whoever writes history before they hold the returns can wait for a saver who waits for them.
    return record_entries(by, kind, stored.unit, "remove_entry", [(pk, stored, None)])


@transaction.atomic
def restore_entry(*, by, kind: LedgerKind, event: Event):
    """Bring a removed entry back under its own number from the Event of its removal; a second time changes nothing.

    Raises Refused when the Event is about something else.
    """
    check_can_keep_ledger(by, event.unit)
    change = removed_entry(kind, event)
    if change is None:
        raise Refused(_("This is no removal of an entry of this ledger."))
    if found := kind.model.objects.filter(pk=change["entry"]).first():
        return found
    entry = entry_of_data(kind, event.unit, change["old"])
    # Above every version it ever had: a page that still shows an older one must not overwrite it unnoticed.
    entry.pk, entry.version, entry.updated_by = change["entry"], _last_version(change, event) + 1, by
    with figures_follow(by, kind, event.unit, [day_of(kind, entry)]):
        entry.save(force_insert=True)
    record_entries(by, kind, event.unit, "restore_entry", [(entry.pk, None, entry)])
    return entry


def _last_version(change: dict, removal: Event) -> int:
    """Return the version an entry had when it was removed; removals of before it was kept are counted from its Events."""
    return change.get("version") or Event.objects.about(Subject.LEDGER, removal.subject_id).count()


def removed_entry(kind: LedgerKind, event: Event) -> dict | None:
    """Return the change of an Event that removed one entry of this ledger, None of any other Event."""
    if (event.subject_kind, event.deed) != (Subject.LEDGER, "remove_entry") or len(event.changes) != 1:
        return None
    return event.changes[0] if event.changes[0].get("ledger") == kind.code else None


def day_of(kind: LedgerKind, entry) -> date | None:
    """Return the day an entry counts for; None for a named item of the year without a date."""
    return getattr(entry, kind.date_field)


def record_entries(by, kind: LedgerKind, unit: Unit, deed: str, rows: Iterable[tuple[int, object, object]]) -> Event:
    """Append one Event about entries: rows of (id, entry before or None, entry after or None)."""
    rows = list(rows)
    changes = [
        {
            "ledger": kind.code,
            "entry": pk,
            "old": entry_data(kind, old) if old else None,
            "new": entry_data(kind, new) if new else None,
            **({} if new else {"version": old.version}),
        }
        for pk, old, new in rows
    ]
    subject_id = rows[0][0] if len(rows) == 1 else 0
    return record_event(by=by, unit=unit, subject_kind=Subject.LEDGER, subject_id=subject_id or 0, deed=deed, changes=changes)


def entry_data(kind: LedgerKind, entry) -> dict:
    """Return an entry's columns as plain data for JSON: what history keeps and undo restores."""
    return {name: _plain_data(getattr(entry, kind.field(name).attname)) for name in kind.columns}


def entry_of_data(kind: LedgerKind, unit: Unit, data: dict):
    """Return an unsaved entry from what `entry_data` kept."""
    columns = {name: kind.field(name) for name in kind.columns if name in data}
    return kind.model(unit=unit, **{column.attname: column.to_python(data[name]) for name, column in columns.items()})


def _plain_data(value):
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


@contextmanager
def figures_follow(by, kind: LedgerKind, unit: Unit, days: Iterable[date | None]) -> Iterator[list[dict]]:
    """Let open figures follow a change of a ledger: those that were blank or agreed with the ledger before it.

    Gives a list that tells afterwards how many figures of which returns followed: {"return", "count", "zeros"}.

    A typed figure that differs from the ledger stays as typed. Figures of submitted and approved returns never move.
    """
    open_returns = _open_returns(unit, [day for day in days if day])
    by_year = {year: _bound(kind, unit, year) for year in {row.year for row in open_returns}}
    bound = {row.pk: [rule for rule in by_year[row.year] if rule.counts_in(row.year, row.month)] for row in open_returns}
    open_returns = [row for row in open_returns if bound[row.pk]]
    before = [ledger_values(unit, row.year, row.month, bound[row.pk]) for row in open_returns]
    followed: list[dict] = []
    yield followed
    for monthly_return, old_values in zip(open_returns, before, strict=True):
        indicators = bound[monthly_return.pk]
        new_values = ledger_values(unit, monthly_return.year, monthly_return.month, indicators)
        if new_values != old_values:
            rows = _follow(by, monthly_return, indicators, old_values, new_values)
            zeros = sum(row.value == 0 for row in rows)
            followed += [{"return": monthly_return.pk, "count": len(rows), "zeros": zeros}] if rows else []


def fill_return(*, by, monthly_return: MonthlyReturn) -> None:
    """Fill an open return's blank cells from ledger entries that were there before it opened."""
    year, month = monthly_return.year, monthly_return.month
    counted = Indicator.objects.of_year(monthly_return.unit.parent_id, year).counted_in(year, month)
    indicators = [row for row in counted if row.has_cell and LedgerRule.of(row)]
    values = ledger_values(monthly_return.unit, monthly_return.year, monthly_return.month, indicators)
    _follow(by, monthly_return, indicators, {}, values)


def _open_returns(unit: Unit, days: list[date]) -> list[MonthlyReturn]:
    """Return the open returns from each day's month to the end of its year, locked: running figures look back."""
    wanted = models.Q(pk__in=())
    for year in {day.year for day in days}:
        wanted |= models.Q(year=year, month__gte=min(day.month for day in days if day.year == year))
    rows = MonthlyReturn.objects.editable().filter(wanted, unit=unit).order_by("year", "month")
    return list(rows.select_for_update(of=("self",)).select_related("unit"))


def _bound(kind: LedgerKind, unit: Unit, year: int) -> list[Indicator]:
    rules = [(row, LedgerRule.of(row)) for row in Indicator.objects.of_year(unit.parent_id, year) if row.has_cell]
    return [row for row, rule in rules if rule and rule.kind == kind.code]


def _follow(by, monthly_return, indicators, old_values: dict, new_values: dict) -> list[Figure]:
    by_code = {row.code: row for row in indicators}
    villages = {unit.code: unit for unit in monthly_return.unit.children.all()}
    standing = {unit.code for unit in villages_of_month(list(villages.values()), monthly_return.year, monthly_return.month)}
    stored = {row.anchor: row for row in _stored(monthly_return, indicators)}
    rows, changes = [], []
    for cell in sorted({*old_values, *new_values}):
        code, _at, village = cell.partition("@")
        old, value = stored.get(cell), new_values.get(cell)
        if village and old is None and village not in standing:  # it had ended before this month: no row, so no 0 either
            continue
        if not _follows(by_code[code], old, old_values.get(cell)) or _holds(old, value):
            continue
        new = _figure(by, monthly_return, by_code[code], villages.get(village, monthly_return.unit), old, value)
        rows.append(new)
        changes.append({"cell": cell_name(code, village), "old": old.raw if old else "", "new": new.raw})
    write_figures(by, monthly_return, rows, changes, deed="follow_ledger")
    return rows


def _stored(monthly_return, indicators) -> models.QuerySet:
    rows = Figure.objects.filter(monthly_return=monthly_return, indicator__in=indicators)
    return rows.select_related("indicator", "unit")


def _follows(indicator: Indicator, figure: Figure | None, ledger_before: Decimal | None) -> bool:
    """Whether a cell follows its ledger: it is counted from it alone, was blank, or agreed with it."""
    if indicator.source == Source.LEDGER or figure is None or figure.kind == FigureKind.BLANK:
        return True
    return figure.kind == FigureKind.VALUE and figure.value == ledger_before


def _holds(figure: Figure | None, value: Decimal | None) -> bool:
    if figure is None:
        return value is None
    return figure.value == value if value is not None else figure.kind != FigureKind.VALUE


def _figure(by, monthly_return, indicator, unit, old: Figure | None, value: Decimal | None) -> Figure:
    return Figure(
        monthly_return=monthly_return, indicator=indicator, unit=unit, version=(old.version if old else 0) + 1,
        kind=FigureKind.BLANK if value is None else FigureKind.VALUE, value=value, raw=plain(value),
        explanation="", updated_at=timezone.now(), updated_by=by,
    )  # fmt: skip
