"""Ledgers as data for their pages: the index by months, a table's rows, what two versions differ in. No HTTP, no HTML."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractMonth
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.grid_text import shown_value
from metrics.items import Difference
from metrics.ledger_filters import LedgerFilters
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kinds
from metrics.models import Indicator, MonthlyReturn
from workflow.choices import EDITABLE_STATES, State

WEB = ("http://", "https://")


@dataclass(frozen=True)
class MonthCount:
    """How many entries a month has, and the address that shows them."""

    month: int
    count: int
    address: str


@dataclass(frozen=True)
class LedgerCard:
    """One ledger in the index: entries by month, and the indicators that are counted from it."""

    kind: LedgerKind
    months: tuple[MonthCount, ...]
    total: int
    address: str
    feeds: tuple[str, ...]


def load_cards(user, year: int, unit: Unit | None) -> list[LedgerCard]:
    """Return every ledger with its counts of a year; one query a ledger, one for what they feed."""
    feeds = defaultdict(list)
    district = unit.parent_id if unit else user.unit_id  # without a township: a district's own people
    for indicator in Indicator.objects.of_year(district, year).counted_in(year):
        if indicator.has_cell and (rule := LedgerRule.of(indicator)):
            feeds[rule.kind].append(indicator.name)
    return [_card(kind, user, year, unit, tuple(feeds[kind.code])) for kind in ledger_kinds()]


def _card(kind: LedgerKind, user, year: int, unit: Unit | None, feeds: tuple[str, ...]) -> LedgerCard:
    entries = LedgerFilters(kind, year, unit).apply(kind.model.objects.visible_to(user))
    rows = entries.order_by().annotate(in_month=ExtractMonth(kind.date_field)).values_list("in_month").annotate(Count("pk"))
    counts = dict(rows)
    has_months = kind.page == LedgerKind.page
    months = tuple(
        MonthCount(month, counts.get(month, 0), LedgerFilters(kind, year, unit, (month, month)).address if has_months else "")
        for month in range(1, 13)
    )
    return LedgerCard(kind, months, sum(counts.values()), LedgerFilters(kind, year, unit).address, feeds)


@dataclass(frozen=True, slots=True)
class EntryCell:
    """One value of a row: `link` is an address on the web, or ""."""

    label: str
    text: str
    is_number: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry as a row; its name stands out, the other columns follow."""

    entry: models.Model
    date: str
    cells: tuple[EntryCell, ...]


def columns_of(kind: LedgerKind) -> tuple[str, ...]:
    """Return the columns beside date and name."""
    return tuple(name for name in kind.columns if name not in (kind.date_field, "name"))


def with_names(kind: LedgerKind, entries: QuerySet) -> QuerySet:
    """Load what a row names of other tables along with the entries."""
    return entries.select_related("unit", *kind.references)


def load_lines(kind: LedgerKind, entries) -> list[EntryLine]:
    """Return entries as rows."""
    return [EntryLine(entry, shown(kind, entry, kind.date_field), _cells(kind, entry)) for entry in entries]


def _cells(kind: LedgerKind, entry) -> tuple[EntryCell, ...]:
    cells = []
    for name in columns_of(kind):
        text = shown(kind, entry, name)
        link = text if kind.is_text(name) and text.startswith(WEB) else ""
        cells.append(EntryCell(label_of(kind, name), text, name in kind.countable, link))
    return tuple(cells)


def label_of(kind: LedgerKind, name: str) -> str:
    """Return a column's label."""
    return str(kind.field(name).verbose_name)


def shown(kind: LedgerKind, entry, name: str) -> str:
    """Return a column's text: labels of choices, names of villages, numbers grouped, nothing for what was left open."""
    column, value = kind.field(name), getattr(entry, name)
    if value is None or value == "":
        return ""
    if column.choices:
        return str(dict(column.choices).get(value, value))
    if isinstance(column, models.BooleanField):
        return _("yes") if value else ""
    if name in kind.countable:
        return shown_value(FigureKind.VALUE, value, getattr(column, "decimal_places", 0) or 0)
    return f"{value:%Y-%m-%d}" if isinstance(column, models.DateField) else str(value)


def differences(kind: LedgerKind, stored, typed) -> list[Difference]:
    """Return the columns in which two versions of an entry differ."""
    rows = [(label_of(kind, name), shown(kind, stored, name), shown(kind, typed, name)) for name in kind.columns]
    return [Difference(*row) for row in rows if row[1] != row[2]]


def kept_values(kind: LedgerKind, entry, names=None) -> dict:
    """Return an entry's values as a form's initial ones: those that the quick-add row keeps, or the named ones."""
    return {name: getattr(entry, kind.field(name).attname) for name in names or kind.kept}


def closed_months(unit: Unit, year: int) -> dict[int, str]:
    """Return month -> state of the returns that do not follow their ledgers any more."""
    rows = MonthlyReturn.objects.filter(unit=unit, year=year).exclude(state__in=EDITABLE_STATES).order_by("month")
    return dict(rows.values_list("month", "state"))


def month_note(unit: Unit, day) -> str:
    """Say that an entry of this day moves no figure, when its month's return is closed; "" when it is open or not there."""
    state = closed_months(unit, day.year).get(day.month) if day else None
    return closed_note({day.month: state}) if state else ""


def closed_note(months: dict[int, str]) -> str:
    """Say that entries of these months are kept and move no figure, and what to do when a figure has to be corrected."""
    if not months:
        return ""
    words, states = {"months": month_words(list(months))}, set(months.values())
    if states == {State.APPROVED}:
        return _("The return of %(months)s is approved: entries are kept, its figures do not move by themselves. To correct "
                 "one, ask the district to reopen the return.") % words  # fmt: skip
    if State.APPROVED not in states:
        return _("The return of %(months)s is submitted: entries are kept, its figures do not move by themselves. To correct "
                 "one, withdraw the return, or ask the reviewer to send it back.") % words  # fmt: skip
    return _("The returns of %(months)s are submitted or approved: entries are kept, their figures do not move by themselves. "
             "To correct one, the return has to be withdrawn, sent back or reopened first.") % words  # fmt: skip


def month_words(months: list[int]) -> str:
    """Return months in words: 1—3月、5月."""
    spans: list[list[int]] = []
    for month in months:
        if spans and month == spans[-1][-1] + 1:
            spans[-1].append(month)
        else:
            spans.append([month])
    return "、".join(f"{span[0]}—{span[-1]}月" if len(span) > 1 else f"{span[0]}月" for span in spans)
