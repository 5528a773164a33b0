"""Whose figure a token quotes and how its months are taken together: the report's own unit, one village, the whole district.

Every number still comes from YearBook.total or reports.district_book; nothing is added up here. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import Aggregation, Source
from metrics.models import Indicator
from metrics.periods import Period
from metrics.queries import ADDED_UP, Status, Total, YearBook, ratio_sides
from reports.district_book import DistrictBook, DistrictBooks, adding_fault, ratio_codes
from reports.tokens import HIGHEST_MONTH, PER_MONTH
from reports.unit_words import district_word

MOST_NAMES = 8


class ScopeError(ValueError):
    """A figure that cannot be quoted for this unit or taken together so; str() is the reason with the way out."""


def whole_district(unit: Unit) -> str:
    """Return the word of a token for a unit's district: 全区, 全县, 全市 or 全旗."""
    return f"全{district_word(unit.district)}"


@dataclass(frozen=True)
class VillageScope:
    """One village of the report's township, or one township of the report's district."""

    book: YearBook
    village: Unit

    @property
    def key(self) -> str:
        """What tells it from every other scope."""
        return self.village.code

    def total(self, indicator: Indicator, period: Period) -> Total:
        """Return its total. Raises ScopeError where the figure is not counted by village."""
        if not counted_by_village(self.book, indicator):
            raise ScopeError(
                _("“%(name)s” is counted for the whole township, not by village; leave “%(village)s” out.")
                % {"name": indicator.name, "village": self.village.name}
            )
        return self.book.village_total(indicator.code, period, self.village)

    def sides(self, indicator: Indicator, period: Period) -> tuple[Total, Total]:
        """Return numerator and denominator of its ratio."""
        if isinstance(self.book, DistrictBook):
            return ratio_sides(self.book.townships.of_year(period.year, indicator.code)[self.village.pk], indicator, period)
        return ratio_sides(self.book, indicator, period, self.village)


def find_village(book: YearBook, name: str, period: Period) -> VillageScope:
    """Return the village of a name in a period; in a district's report the township.

    Raises ScopeError for an unknown, an ended and an ambiguous one.
    """
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
    if name == book.unit.name or (book.unit.is_district and name == whole_district(book.unit)):
        return _("The report speaks of %(name)s anyway; leave that part out.") % {"name": name}
    names = [unit.name for unit in book.villages_in(period)]
    known = "、".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")
    words = {"name": name, "known": known or "—", "district": whole_district(book.unit)}
    if book.unit.is_district:
        return _("There is no township called “%(name)s” here. Write one of: %(known)s.") % words
    return _("There is no village called “%(name)s” here. Write “%(district)s” or one of: %(known)s.") % words


def _ended_reason(book: YearBook, village: Unit, period: Period) -> str:
    successor = next((unit for unit in book.villages if unit.pk == village.successor_id), None)
    words = {"name": village.name, "to": _month_words(village.valid_to), "period": period.label(with_year=True)}
    reason = _("“%(name)s” ended in %(to)s, so it has no figure of %(period)s; name a period up to then.") % words
    return f"{reason} " + _("From then on it is part of “%(name)s”.") % {"name": successor.name} if successor else reason


def counted_by_village(book: YearBook, indicator: Indicator) -> bool:
    """Whether each village has this figure: a cell of its own, or a ratio of two such. Each township has every one."""
    if book.unit.is_district:
        return True
    if indicator.aggregation == Aggregation.RATIO:
        return all(book.indicators[code].is_by_village for code in ratio_codes(indicator))
    return indicator.is_by_village and indicator.source != Source.DERIVED


@dataclass(frozen=True)
class DistrictScope:
    """All townships of the district together; there is a total only where every one of them has its months approved."""

    books: DistrictBooks
    key: str = "district"

    def total(self, indicator: Indicator, period: Period) -> Total:
        """Return the district's total. Raises ScopeError for what cannot be added."""
        if reason := adding_fault(indicator, self.books.indicators):
            raise ScopeError(reason)
        return self.books.total(indicator, period)

    def sides(self, indicator: Indicator, period: Period) -> tuple[Total, Total]:
        """Return numerator and denominator of its ratio."""
        return self.books.sides(indicator, period)


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
    if not aggregate or indicator.aggregation in ADDED_UP:
        return ""
    words = {"name": indicator.name, "how": aggregate, "known": f"{PER_MONTH}、{HIGHEST_MONTH}"}
    return _("“%(name)s” is no sum of months, so “%(how)s” cannot be formed; %(known)s suit counts of each month.") % words


def _month_words(day: date) -> str:
    return f"{day.year}年{day.month}月"
