"""Rows of a file judged by the form of hand entry, then told apart: new, changed, said before, refused. Writes nothing."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext as _

from metrics.choices import RowStatus
from metrics.ledger_forms import NamedRowField, folded, ledger_form, new_entry
from metrics.ledgers import LedgerKind
from metrics.models import Highlight
from metrics.workbooks.reading import formula_without_value

WHOLE_ROW = ""  # the key of messages that belong to no single cell
EPOCH, SERIALS = date(1899, 12, 30), range(36_526, 73_051)  # days as a spreadsheet counts them, from 2000 to 2099
Progress = Callable[[int], None] | None
STEP = 250  # rows between two reports of progress


@dataclass(frozen=True)
class Judged:
    """A row with what becomes of it. `entry` is what would be saved; `before` the stored data of an entry that it changes."""

    number: int
    raw: dict[str, str]
    entry: object = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    status: str = RowStatus.ERROR
    target_id: int | None = None
    before: dict | None = None


def clean_rows(kind: LedgerKind, unit, rows: Iterable[tuple[int, dict]], progress: Progress = None) -> list[Judged]:
    """Read every row by the ledger's form: an unsaved entry, or what is wrong with which cell. Costs no query a row."""
    form_class, named, judged = ledger_form(kind), {}, []
    for place, (number, raw) in enumerate(rows, start=1):
        judged.append(_clean(kind, unit, form_class, named, number, raw))
        if progress and place % STEP == 0:
            progress(place)
    return judged


def _clean(kind, unit, form_class, named: dict, number: int, raw: dict) -> Judged:
    formulas = {name: [words] for name, text in raw.items() if (words := formula_without_value(text))}
    form = form_class({name: cell_text(kind, name, text) for name, text in raw.items()}, instance=new_entry(kind, unit))
    for name, form_field in form.fields.items():
        if isinstance(form_field, NamedRowField):
            if name not in named:
                named[name] = list(form_field.queryset)
            form_field.rows = named[name]
    if not form.is_valid() or formulas:
        errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()} | formulas
        return Judged(
            number, raw, errors={(name if name in kind.columns else WHOLE_ROW): texts for name, texts in errors.items()}
        )
    entry = form.instance
    if isinstance(entry, Highlight) and entry.date_from:
        entry.year = entry.date_from.year
    return Judged(number, raw, entry)


def cell_text(kind: LedgerKind, name: str, text: str) -> str:
    """Return a cell as the form reads it: a day without its time of day, a spreadsheet's serial number as its day."""
    if not isinstance(kind.field(name), models.DateField) or not text:
        return text
    word = unicodedata.normalize("NFKC", text).strip()
    if word.isascii() and word.isdigit() and int(word) in SERIALS:
        return (EPOCH + timedelta(days=int(word))).isoformat()
    day, _space, clock = word.partition(" ")
    return day if ":" in clock else word


def existing_entries(kind: LedgerKind, unit, rows: Iterable[Judged], *, locked: bool = False) -> dict[tuple, list]:
    """Return identity -> stored entries that the rows might be. One query."""
    entries = kind.entries(unit)
    if kind.date_field in kind.identity:
        days = [day for row in rows if row.entry is not None and (day := getattr(row.entry, kind.date_field))]
        without = models.Q(**{f"{kind.date_field}__isnull": True})
        within = models.Q(**{f"{kind.date_field}__range": (min(days), max(days))}) if days else models.Q(pk__in=())
        entries = entries.filter(within | without)
    found = defaultdict(list)
    for entry in entries.select_for_update(of=("self",)) if locked else entries:
        found[identity_of(kind, entry)].append(entry)
    return found


def identity_of(kind: LedgerKind, entry) -> tuple:
    """Return what two entries agree in when one is the other again."""
    return tuple(_comparable(getattr(entry, kind.field(name).attname)) for name in kind.identity)


def _comparable(value):
    return folded(value) if isinstance(value, str) else value


def tell_apart(kind: LedgerKind, rows: list[Judged], existing: dict[tuple, list], data_of: Callable) -> list[Judged]:
    """Return the rows with their status. `data_of(entry)` gives an entry's columns as plain data.

    A blank cell says nothing: in a changed entry it leaves standing what stood there.
    """
    seen, taken = defaultdict(list), set()
    told = []
    for row in rows:
        if row.entry is None:
            told.append(row)
            continue
        verdict = _tell(kind, row, existing.get(identity_of(kind, row.entry), []), seen, taken, data_of)
        told.append(verdict)
        seen[identity_of(kind, row.entry)].append((row.number, data_of(row.entry)))
    return told


def _tell(kind, row: Judged, same: list, seen, taken: set, data_of) -> Judged:
    for number, data in seen[identity_of(kind, row.entry)]:
        if data == data_of(row.entry):
            return _said(row, _("Row %(number)d of this file says the same.") % {"number": number})
    changed = []
    for stored in same:
        before = data_of(stored)
        merged = {**before, **{name: value for name, value in data_of(row.entry).items() if row.raw.get(name, "").strip()}}
        if merged == before:
            return replace(_said(row, _("The ledger holds this entry already.")), target_id=stored.pk)
        if stored.pk not in taken:
            changed.append((stored, before))
    if len(changed) > 1:
        words = _("The ledger holds %(count)d entries of this day and name; change the right one there.")
        return replace(row, errors={WHOLE_ROW: [words % {"count": len(changed)}]})
    if not changed:
        return replace(row, status=RowStatus.NEW)
    stored, before = changed[0]
    taken.add(stored.pk)
    return replace(row, status=RowStatus.UPDATE, entry=_merged(kind, row, stored), target_id=stored.pk, before=before)


def _said(row: Judged, words: str) -> Judged:
    return replace(row, status=RowStatus.DUPLICATE, errors={WHOLE_ROW: [words]})


def _merged(kind: LedgerKind, row: Judged, stored):
    """Return the stored entry with the row's filled cells in it."""
    for name in kind.columns:
        if row.raw.get(name, "").strip():
            setattr(stored, name, getattr(row.entry, name))
    if isinstance(stored, Highlight) and stored.date_from:
        stored.year = stored.date_from.year
    return stored
