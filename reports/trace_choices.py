"""What a person may choose from when a place is to quote another figure: names, periods, formats, whose, how. No binding."""

from __future__ import annotations

from dataclasses import dataclass

from reports.binding import Binder
from reports.formats import FORMATS
from reports.picker import periods_until, scopes_of
from reports.tokens import AGGREGATES


@dataclass(frozen=True)
class Choices:
    """The words that the parts of a token may be."""

    names: tuple[str, ...]
    periods: tuple[str, ...]
    formats: tuple[str, ...]
    scopes: tuple[str, ...]
    aggregates: tuple[str, ...] = AGGREGATES


def load_choices(binder: Binder) -> Choices:
    """Return them for a report's year and cut-off month."""
    rows = [row.name for row in binder.book.indicators.values() if row.counts_in(binder.book.year)]
    lists = {row.code: row.name for row in binder.lists.values()}
    return Choices((*rows, *lists.values()), periods_until(binder.cutoff_month), tuple(FORMATS), scopes_of(binder))
