"""Looking back from a month at villages that have merged or changed since: what was several then is one now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from accounts.models import Unit
from metrics.choices import Aggregation
from metrics.models import Indicator
from metrics.queries import YearBook, combine


class Forebears:
    """Which villages of other months stand behind each village of the month `year`, `month`, by the chain of successors.

    Seen from June, a merger on 1 July has not happened: each village has its own past. Seen from July, the past of the
    village that came out of it is that of all of them together.
    """

    def __init__(self, book: YearBook, year: int, month: int):
        """Follow every village of the book to the one that stands for it in the month."""
        self.book = book
        there = {unit.pk for unit in book.villages_of(year, month)}
        by_pk = {unit.pk: unit for unit in book.villages}
        self._behind: dict[int, list[Unit]] = defaultdict(list)
        for unit in book.villages:
            heir, steps = unit, len(by_pk)
            while heir is not None and heir.pk not in there and steps:
                heir, steps = by_pk.get(heir.successor_id), steps - 1
            if heir is not None and heir.pk in there:
                self._behind[heir.pk].append(unit)

    def of(self, village: Unit, year: int, month: int) -> list[Unit]:
        """Return the villages whose figures of another month make up this one's."""
        behind = self._behind.get(village.pk, [village])
        if behind == [village]:
            return behind
        then = {unit.pk for unit in self.book.villages_of(year, month)}
        return [unit for unit in behind if unit.pk in then]

    def value(self, indicator: Indicator, year: int, month: int, village: Unit) -> Decimal | None:
        """Return the figure of another month as `month_part` finds it, over all villages that stand behind this one."""
        parts = [self.book.month_part(indicator, year, month, unit) for unit in self.of(village, year, month)]
        return taken_together(indicator, [part.value for part in parts])


def taken_together(indicator: Indicator, values: Sequence[Decimal | None]) -> Decimal | None:
    """Return several villages' figures as one; None when one of them has none, for a part is not the whole."""
    if not values or None in values:
        return None
    return combine(indicator.aggregation if indicator.aggregation in (Aggregation.MAX, Aggregation.AVG) else "", list(values))
