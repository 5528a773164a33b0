"""Figures that are counted from named items: what a list says today beside what was handed in. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from metrics.book_rows import month_of_item
from metrics.choices import FigureKind, Source
from metrics.models import Indicator
from metrics.queries import YearBook


@dataclass(frozen=True)
class MovedCount:
    """A month whose list holds another number of items today than when its return was handed in (`kept`)."""

    indicator: Indicator
    month: int
    return_pk: int
    kept: Decimal
    listed: Decimal


def moved_count(book: YearBook, indicator: Indicator, year: int, month: int) -> MovedCount | None:
    """Return how a list has moved away from the count of a closed return, None when it has not or the return is open."""
    facts = book.returns.get((year, month))
    if indicator.source != Source.LIST or facts is None or facts.is_open or not indicator.counts_in(year, month):
        return None
    kind, kept = book.cells.get((indicator.code, year, month, book.unit.pk), (FigureKind.BLANK, None))
    listed = book.listed(indicator, year, month)
    return MovedCount(indicator, month, facts.pk, kept, listed) if kind == FigureKind.VALUE and kept != listed else None


def moved_counts(book: YearBook, months: Iterable[int]) -> list[MovedCount]:
    """Return all of them in these months of the book's year, in the order of the form. No queries."""
    months = list(months)
    rows = [row for row in book.indicators.values() if row.source == Source.LIST]
    found = (moved_count(book, row, book.year, month) for row in rows for month in months)
    return [row for row in found if row]


def undated(book: YearBook, indicator: Indicator, year: int) -> int:
    """Return how many finished items of an indicator's list have no date and so count in no month."""
    return sum(month_of_item(row, year) is None for row in book.items.get((indicator.formula["list"], year), ()))
