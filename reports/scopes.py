"""Whose figure a token quotes and how its months are taken together: the report's own unit, one village, the whole district.

Every number still comes from YearBook.total; nothing is added up here but townships. Reads only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.books import load_books
from metrics.choices import Aggregation, FigureKind, Source
from metrics.models import Indicator
from metrics.periods import Period
from metrics.queries import HUNDRED, MonthPart, Status, Total, YearBook
from reports.tokens import HIGHEST_MONTH, PER_MONTH
from reports.unit_words import district_word
from workflow.choices import State

FLOWS = (Aggregation.SUM, Aggregation.COUNT)
ADDABLE = (*FLOWS, Aggregation.LAST, Aggregation.DISTINCT_YTD)
NO_AMOUNTS = ("%", "分")  # states measured so are no amounts that townships add up to
MOST_NAMES = 8


class ScopeError(ValueError):
    """A figure that cannot be quoted for this unit or taken together so; str() is the reason with the way out."""


def whole_district(unit: Unit) -> str:
    """Return the word of a token for the district of a township: 全区, 全县, 全市 or 全旗."""
    return f"全{district_word(unit.parent)}"


@dataclass(frozen=True)
class VillageScope:
    """One village of the report's township."""

    book: YearBook
    village: Unit

    @property
    def key(self) -> str:
        """What tells it from every other scope."""
        return self.village.code

    def total(self, indicator: Indicator, period: Period) -> Total:
        """Return the village's total. Raises ScopeError where the figure is not counted by village."""
        if not counted_by_village(self.book, indicator):
            raise ScopeError(
                _("“%(name)s” is counted for the whole township, not by village; leave “%(village)s” out.")
                % {"name": indicator.name, "village": self.village.name}
            )
        return self.book.village_total(indicator.code, period, self.village)


def find_village(book: YearBook, name: str, period: Period) -> VillageScope:
    """Return the village of a name in a period. Raises ScopeError for an unknown, an ended and an ambiguous one."""
    named = [unit for unit in book.villages if unit.name == name]
    if not named:
        raise ScopeError(_unknown_reason(book, name, period))
    there = book.villages_during(period)
    living = [unit for unit in named if unit in there]
    if len(living) > 1:
        words = {"count": len(living), "name": name, "period": period.label(with_year=True)}
        reason = _("There are %(count)d villages called “%(name)s” in %(period)s. Name a period in which there was only one, or "
                   "have the district tell their names apart.")  # fmt: skip
        raise ScopeError(reason % words)
    village = living[0] if living else named[-1]
    if village.valid_from > period.last_day:
        words = {"name": name, "from": _month_words(village.valid_from), "period": period.label(with_year=True)}
        raise ScopeError(_("“%(name)s” exists since %(from)s, so there is nothing of %(period)s; name a later period.") % words)
    if village not in book.villages_of(period.year, period.last_month):
        raise ScopeError(_ended_reason(book, village, period))
    return VillageScope(book, village)


def _unknown_reason(book: YearBook, name: str, period: Period) -> str:
    if name == book.unit.name:
        return _("The report speaks of %(name)s anyway; leave that part out.") % {"name": name}
    names = [unit.name for unit in book.villages_in(period)]
    known = "、".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")
    words = {"name": name, "known": known or "—", "district": whole_district(book.unit)}
    return _("There is no village called “%(name)s” here. Write “%(district)s” or one of: %(known)s.") % words


def _ended_reason(book: YearBook, village: Unit, period: Period) -> str:
    successor = next((unit for unit in book.villages if unit.pk == village.successor_id), None)
    words = {"name": village.name, "to": _month_words(village.valid_to), "period": period.label(with_year=True)}
    reason = _("“%(name)s” ended in %(to)s, so it has no figure of %(period)s; name a period up to then.") % words
    return f"{reason} " + _("From then on it is part of “%(name)s”.") % {"name": successor.name} if successor else reason


def counted_by_village(book: YearBook, indicator: Indicator) -> bool:
    """Whether each village has this figure: a cell of its own, or a ratio of two such."""
    if indicator.aggregation == Aggregation.RATIO:
        return all(book.indicators[code].is_by_village for code in ratio_codes(indicator))
    return indicator.is_by_village and indicator.source != Source.DERIVED


def ratio_codes(indicator: Indicator) -> list[str]:
    """Return numerator and denominator of a ratio."""
    return [indicator.formula[side] for side in ("numerator", "denominator")]


@dataclass
class DistrictBooks:
    """The approved figures of a district's townships, read when the first token asks for them: one reading a year."""

    book: YearBook
    wanted: set[str] = field(default_factory=set)
    _books: dict[int, dict[int, YearBook]] = field(default_factory=dict)
    _read: dict[int, set[str]] = field(default_factory=dict)

    def expect(self, codes: Iterable[str]) -> None:
        """Say which indicators will be asked for, so that they are read together."""
        self.wanted |= set(codes)

    def of_year(self, year: int, code: str) -> list[YearBook]:
        """Return the books of a year's townships that answer this code."""
        if code not in self._read.get(year, ()):
            self.wanted.add(code)
            units = list(self._townships(year))
            self._books[year] = load_books(self.book.unit.parent, units, year, self.wanted)
            self._read[year] = set(self.wanted)
        return list(self._books[year].values())

    def _townships(self, year: int):
        rows = Unit.objects.townships().filter(parent=self.book.unit.parent_id)
        return rows.valid_during(date(year, 1, 1), date(year, 12, 31)).select_related("parent")


@dataclass(frozen=True)
class DistrictScope:
    """All townships of the district together; there is a total only where every one of them has its months approved."""

    books: DistrictBooks
    key: str = "district"

    def total(self, indicator: Indicator, period: Period) -> Total:
        """Return the district's total: townships added up, a ratio divided anew. Raises ScopeError for what cannot be added."""
        if indicator.aggregation == Aggregation.RATIO:
            return self._ratio(indicator, period)
        is_state = indicator.aggregation == Aggregation.LAST
        if indicator.aggregation not in ADDABLE or (is_state and indicator.measure in NO_AMOUNTS):
            raise ScopeError(
                _("“%(name)s” is no amount, so the townships' figures do not add up to one of the district.")
                % {"name": indicator.name}
            )
        rows = [
            book.total(indicator.code, span)
            for book in self.books.of_year(period.year, indicator.code)
            if (span := _span_of(book.unit, period, is_flow=indicator.aggregation in FLOWS))
        ]
        return _added(indicator, period, rows)

    def _ratio(self, indicator: Indicator, period: Period) -> Total:
        names = self.books.book.indicators
        self.books.expect(ratio_codes(indicator))
        above, below = (self.total(names[code], replace(period, as_of=False)) for code in ratio_codes(indicator))
        for side in (above, below):
            if side.status != Status.OK:
                return side._replace(indicator=indicator, period=period, value=None)
        if not below.value:
            return Total(indicator, period, None, Status.NOT_APPLICABLE, above.parts)
        scale = HUNDRED if indicator.measure == "%" else Decimal(1)
        return Total(indicator, period, above.value * scale / below.value, Status.OK, above.parts)


def _span_of(unit: Unit, period: Period, *, is_flow: bool) -> Period | None:
    """Return the months that a township answers for: a flow until it ended, a state only if it exists at the period's end."""
    months = [month for month in period.months if _exists(unit, period.year, month)]
    if not months or (not is_flow and months[-1] != period.last_month):
        return None
    return replace(period, first_month=months[0], last_month=months[-1]) if is_flow else period


def _exists(unit: Unit, year: int, month: int) -> bool:
    day = Period(year, month, month).last_day
    return unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)


def _added(indicator: Indicator, period: Period, rows: list[Total]) -> Total:
    """Add the townships' totals; one that is missing leaves the district missing, one not collected leaves it not whole."""
    parts = _months_together(rows)
    statuses = {row.status for row in rows}
    values = [row.value for row in rows if row.value is not None]
    value = sum(values, Decimal(0)) if values else None
    for status in (Status.MISSING, Status.PARTIAL):
        if status in statuses:
            return Total(indicator, period, value, status, parts)
    if value is None:
        status = Status.NOT_APPLICABLE if statuses == {Status.NOT_APPLICABLE} else Status.NOT_COLLECTED
        return Total(indicator, period, None, status, parts)
    return Total(indicator, period, value, Status.PARTIAL if Status.NOT_COLLECTED in statuses else Status.OK, parts)


def _months_together(rows: list[Total]) -> tuple[MonthPart, ...]:
    """Return each month's sum over the townships; who approved it is each township's own affair, when the last one did is not."""
    months = defaultdict(list)
    for row in rows:
        for part in row.parts:
            months[part.year, part.month].append(part)
    return tuple(_together(at, parts) for at, parts in sorted(months.items()))


def _together(at: tuple[int, int], parts: list[MonthPart]) -> MonthPart:
    missing = [part for part in parts if part.is_missing]
    values = [part.value for part in parts if part.value is not None]
    if missing or not values:
        kind = FigureKind.BLANK if missing else next((p.kind for p in parts if p.kind == FigureKind.NOT_COLLECTED), parts[0].kind)
        return MonthPart(*at, None, kind)
    latest = max((part.approved_at for part in parts if part.approved_at), default=None)
    return MonthPart(*at, sum(values, Decimal(0)), FigureKind.VALUE, State.APPROVED, "", latest)


def aggregated(total: Total, aggregate: str) -> Total:
    """Return a total's months taken together as the token says: their mean, or the highest of them, which then is its period.

    Raises ScopeError for a figure whose months do not add up, and where several months share the highest value.
    """
    if not aggregate:
        return total
    if reason := aggregate_fault(total.indicator, aggregate):
        raise ScopeError(reason)
    parts = [part for part in total.parts if part.value is not None]
    if total.status != Status.OK or not parts:
        return total
    if aggregate == PER_MONTH:
        return total._replace(value=sum((part.value for part in parts), Decimal(0)) / len(parts))
    best = max(part.value for part in parts)
    months = [part.month for part in parts if part.value == best]
    if len(months) > 1:
        words = {"months": "、".join(f"{month}月" for month in months), "name": total.indicator.name}
        raise ScopeError(_("%(months)s share the highest value of “%(name)s”, so there is no one highest month.") % words)
    return total._replace(value=best, period=Period(total.period.year, months[0], months[0]))


def aggregate_fault(indicator: Indicator, aggregate: str) -> str:
    """Return why the months of an indicator cannot be taken together so, "" when they can."""
    if not aggregate or indicator.aggregation in FLOWS:
        return ""
    words = {"name": indicator.name, "how": aggregate, "known": f"{PER_MONTH}、{HIGHEST_MONTH}"}
    return _("“%(name)s” is no sum of months, so “%(how)s” cannot be formed; %(known)s suit counts of each month.") % words


def _month_words(day: date) -> str:
    return f"{day.year}年{day.month}月"
