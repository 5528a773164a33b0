"""A district's townships side by side: each one's totals of a year up to a month, its place by each, and what it lacks."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Unit
from metrics.books import load_books
from metrics.catalogue_years import load_indicators
from metrics.choices import Source
from metrics.models import Area, Indicator
from metrics.numbers import format_grid
from metrics.periods import Period
from metrics.queries import Status, YearBook
from metrics.ranking import ranks_of

NOT_COMPARED = (Source.PARAM, Source.RANK)  # one value for all; a place already


@dataclass(frozen=True)
class ComparedCell:
    """A township's total, None where it is not whole; `rank` None unless all townships have theirs."""

    value: Decimal | None
    rank: int | None
    shown: str


@dataclass(frozen=True)
class ComparedLine:
    """One township; `missing`: the months in which it stood and whose return is not approved."""

    unit: Unit
    cells: tuple[ComparedCell, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """Townships by indicators of one area, of January to `last_month`; only approved figures count."""

    district: Unit
    year: int
    last_month: int
    area: Area
    columns: tuple[Indicator, ...]
    lines: tuple[ComparedLine, ...]

    @property
    def lacking(self) -> tuple[ComparedLine, ...]:
        """The townships that still lack a month."""
        return tuple(line for line in self.lines if line.missing)


def load_areas() -> list[Area]:
    """Return the work areas in the order of the form."""
    return list(Area.objects.order_by("order"))


def load_comparison(district: Unit, year: int, last_month: int, areas: list[Area]) -> tuple[Comparison, ...]:
    """Return a table an area. A constant number of queries, whatever the number of townships and areas."""
    indicators = [row for row in load_indicators(district.pk, year)[0].values() if _is_compared(row, year, last_month)]
    townships = list(townships_during(district, year, last_month))
    period = Period(year, 1, last_month)
    wanted = [row for row in indicators if row.area_id in {area.pk for area in areas}]
    books = load_books(district, townships, year, [row.code for row in wanted])
    at_end = {unit.pk for unit in townships if _stood_in(unit, year, last_month)}
    tables = []
    for area in areas:
        columns = tuple(row for row in wanted if row.area_id == area.pk)
        cells = [_column(row, period, books, at_end) for row in columns]
        lines = tuple(
            ComparedLine(unit, tuple(column[unit.pk] for column in cells), _missing_months(books[unit.pk], period))
            for unit in townships
        )
        tables.append(Comparison(district, year, last_month, area, columns, lines))
    return tuple(tables)


def townships_during(district: Unit, year: int, last_month: int):
    """Return the townships that stood on a day of January to the month, in the district's order."""
    rows = Unit.objects.townships().filter(parent=district).select_related("parent")
    return rows.valid_during(date(year, 1, 1), _last_day(year, last_month)).order_by("order", "code")


def _is_compared(indicator: Indicator, year: int, last_month: int) -> bool:
    counts = any(indicator.counts_in(year, month) for month in range(1, last_month + 1))
    return counts and indicator.source not in NOT_COMPARED


def _column(indicator: Indicator, period: Period, books: dict[int, YearBook], at_end: set[int]) -> dict[int, ComparedCell]:
    """Return unit id -> its cell. Places are given only when every township that stands at the end has a whole figure: a
    place among those who happen to be in already would be praise without ground.
    """
    totals = {pk: book.total(indicator.code, period) for pk, book in books.items()}
    values = {pk: total.value if total.status == Status.OK else None for pk, total in totals.items()}
    standing = {pk: values[pk] for pk in at_end}
    ranks = ranks_of(standing) if None not in standing.values() else {}
    return {pk: ComparedCell(value, ranks.get(pk), _shown(indicator, value)) for pk, value in values.items()}


def _shown(indicator: Indicator, value: Decimal | None) -> str:
    return "" if value is None else format_grid(value, indicator.decimals)


def _missing_months(book: YearBook, period: Period) -> tuple[int, ...]:
    approved = {month for (year, month), facts in book.returns.items() if year == period.year and facts.is_approved}
    return tuple(month for month in period.months if _stood_in(book.unit, period.year, month) and month not in approved)


def _stood_in(unit: Unit, year: int, month: int) -> bool:
    day = _last_day(year, month)
    return unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
