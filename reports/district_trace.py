"""Where a number of a district's own report comes from: each township's value, its months with their returns, who approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import Source
from metrics.models import Indicator
from metrics.periods import Period
from metrics.queries import Status, Total, YearBook
from reports.annexes import shown_total
from reports.binding import Binder
from reports.district_book import DistrictBook, existed
from reports.grounds import DIVIDED_PLACES, NO_SHARE, Share, ShareKey, is_told_in, shares_of, unit_values
from reports.tokens import Token


@dataclass(frozen=True)
class TownshipMonth:
    """A month of a township: its return (None: not opened) and whether it counts."""

    label: str
    return_pk: int | None
    counts: bool


@dataclass(frozen=True)
class MovedMonth:
    """A month of a township that differs from what the text rests on; "" for a value that was or is not there."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class TownshipLine:
    """A township in a district's number; `approved_by` and `approved_at` are those of the month approved last.

    `was`: its value when the text took it in, "" where that is the same; `moved`: its months that differ since then.
    """

    name: str
    shown: str
    months: tuple[TownshipMonth, ...]
    approved_by: str
    approved_at: datetime | None
    was: str = ""
    moved: tuple[MovedMonth, ...] = ()

    @property
    def is_moved(self) -> bool:
        """Whether this township is why the number has changed."""
        return bool(self.was or self.moved)

    @property
    def counted(self) -> int:
        """How many months count."""
        return sum(month.counts for month in self.months)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The months that do not."""
        return tuple(month.label for month in self.months if not month.counts)


@dataclass(frozen=True)
class TownshipTable:
    """The townships behind a number over a period; `cell`: the cell in each return that holds it, "" for a calculated one."""

    period: str
    measure: str
    cell: str
    is_by_village: bool
    lines: tuple[TownshipLine, ...]


def load_townships(binder: Binder, token: Token, indicator: Indicator, periods: Iterable[Period]) -> tuple[TownshipTable, ...]:
    """Return a table a period for a number of all townships; none for a township's report or a number of one township."""
    book = binder.book
    if not isinstance(book, DistrictBook) or token.scope:
        return ()
    return tuple(_table(book, indicator, period) for period in periods)


def township_book(binder: Binder, whose: Unit | None, period: Period | None) -> YearBook:
    """Return the book that a number is counted in: of a figure that names a township of the district's report, that one's."""
    book = binder.book
    if isinstance(book, DistrictBook) and whose is not None and period is not None:
        return book.townships.of_year(period.year)[whose.pk]
    return book


def _table(book: DistrictBook, indicator: Indicator, period: Period) -> TownshipTable:
    books = book.townships.of_year(period.year)
    totals = book.village_totals(indicator.code, period)
    lines = tuple(_line(books[unit.pk], total, period) for unit, total in totals.items() if unit.pk in books)
    has_cell = indicator.has_cell or indicator.source == Source.LIST
    cell = indicator.code if has_cell and not indicator.is_by_village else ""
    return TownshipTable(period.label(with_year=True), indicator.measure, cell, indicator.is_by_village, lines)


def _line(book: YearBook, total: Total, period: Period) -> TownshipLine:
    months = [month for month in _months_of(total, period) if existed(book.unit, period.year, month)]
    facts = {month: book.returns.get((period.year, month)) for month in months}
    approved = [row for row in facts.values() if row and row.is_approved]
    newest = max(approved, key=lambda row: row.approved_at, default=None)
    shown = shown_total(total) if total.status != Status.MISSING else "—"
    return TownshipLine(
        book.unit.name, shown, tuple(_month(month, row) for month, row in facts.items()),
        newest.approved_by if newest else "", newest.approved_at if newest else None,
    )  # fmt: skip


def _months_of(total: Total, period: Period) -> list[int]:
    """Return the months that a township's value rests on; of one that is not there, those of the period."""
    rested = {part.month for part in total.parts if part.year == period.year}
    return sorted(rested) or list(period.months)


def _month(month: int, facts) -> TownshipMonth:
    return TownshipMonth(f"{month}月", facts.pk if facts else None, bool(facts and facts.is_approved))


def mark_moved(tables: tuple[TownshipTable, ...], settled: Iterable[dict], now: Iterable[dict]) -> tuple[TownshipTable, ...]:
    """Return the tables with those townships marked whose share differs between two sets of sources; only the first is told."""
    if not tables:
        return ()
    moved, was, values = _moved_months(shares_of(settled), shares_of(now)), unit_values(settled), unit_values(now)
    changed = {unit: value or "—" for unit, value in was.items() if unit in values and _differ(value, values[unit])}
    lines = tuple(
        replace(line, was=changed.get(line.name, ""), moved=tuple(moved.get(line.name, ()))) for line in tables[0].lines
    )
    return (replace(tables[0], lines=lines), *tables[1:])


def _moved_months(before: dict[ShareKey, Share], after: dict[ShareKey, Share]) -> dict[str, list[MovedMonth]]:
    moved: dict[str, list[MovedMonth]] = defaultdict(list)
    for key in sorted({*before, *after}):
        old, new = before.get(key, NO_SHARE).value, after.get(key, NO_SHARE).value
        if key.unit and key.month and old != new and is_told_in(before, key) and is_told_in(after, key):
            side = _("denominator") if key.part else ""
            moved[key.unit].append(MovedMonth(f"{side}{int(key.month[-2:])}月", old, new))
    return moved


def _differ(old: str, new: str) -> bool:
    """Whether two kept values differ; what was kept with more decimals than today is the same number."""
    if not old or not new:
        return old != new
    places = Decimal(1).scaleb(-DIVIDED_PLACES)
    return Decimal(old).quantize(places) != Decimal(new).quantize(places)
