"""A district's figures over all its townships: the one place where townships are added up, for its own report and for 全区."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.book_rows import load_counted
from metrics.books import load_books
from metrics.choices import Aggregation, FigureKind
from metrics.comparison import townships_during
from metrics.models import Highlight, Indicator
from metrics.periods import LAST_MONTH, Period
from metrics.queries import ADDED_UP, HUNDRED, TOTALS, MonthPart, Status, Total, YearBook
from workflow.choices import State

ADDABLE = (*ADDED_UP, Aggregation.LAST, Aggregation.DISTINCT_YTD)
NO_AMOUNTS = ("%", "分")  # states measured so are no amounts that townships add up to


def ratio_codes(indicator: Indicator) -> list[str]:
    """Return numerator and denominator of a ratio."""
    return [indicator.formula[side] for side in ("numerator", "denominator")]


def adding_fault(indicator: Indicator, indicators: dict[str, Indicator]) -> str:
    """Return why the townships' figures of an indicator make none of the district, "" when they do."""
    if indicator.aggregation == Aggregation.RATIO:
        return next(filter(None, (adding_fault(indicators[code], indicators) for code in ratio_codes(indicator))), "")
    is_state = indicator.aggregation == Aggregation.LAST
    if indicator.aggregation in ADDABLE and not (is_state and indicator.measure in NO_AMOUNTS):
        return ""
    return _("“%(name)s” is no amount, so the townships' figures do not add up to one of the district.") % {
        "name": indicator.name
    }


def own_fault(indicator: Indicator, indicators: dict[str, Indicator]) -> str:
    """Return why a district has no such figure of its own, "" for what its townships add up to and for its settings."""
    return "" if indicator.aggregation == Aggregation.PARAM else adding_fault(indicator, indicators)


@dataclass
class DistrictBooks:
    """The approved figures of a district's townships, read when the first of them is asked for: one reading a year."""

    district: Unit
    indicators: dict[str, Indicator]
    wanted: set[str] = field(default_factory=set)
    _books: dict[int, dict[int, YearBook]] = field(default_factory=dict)
    _read: dict[int, set[str]] = field(default_factory=dict)
    _ranks: dict = field(default_factory=dict)

    def expect(self, codes: Iterable[str]) -> None:
        """Say which indicators will be asked for, so that they are read together."""
        self.wanted |= set(codes)

    def of_year(self, year: int, code: str = "") -> dict[int, YearBook]:
        """Return township id -> its book of a year, which answers this code and all that were expected."""
        if year not in self._read or (code and code not in self._read[year]):
            self.wanted |= {code} - {""}
            units = list(townships_during(self.district, year, LAST_MONTH))
            self._books[year] = load_books(self.district, units, year, self.wanted)
            self._read[year] = set(self.wanted)
            for book in self._books[year].values():
                book._ranks = self._ranks  # a ranking is the district's: worked out once for all of them
        return self._books[year]

    def total(self, indicator: Indicator, period: Period) -> Total:
        """Return the district's total: townships added up, a ratio divided anew; not applicable where adding_fault says why.

        It is missing as long as one township that existed has a month that is not approved.
        """
        if indicator.aggregation == Aggregation.RATIO:
            return self._ratio(indicator, period)
        if adding_fault(indicator, self.indicators):
            return Total(indicator, period, None, Status.NOT_APPLICABLE)
        is_flow = indicator.aggregation in ADDED_UP
        books = self.of_year(period.year, indicator.code).values()
        rows = [
            book.total(indicator.code, span)
            for book in books
            if indicator.code in book.indicators and (span := span_of(book.unit, period, is_flow=is_flow))
        ]
        return _added(indicator, period, rows)

    def sides(self, indicator: Indicator, period: Period) -> tuple[Total, Total]:
        """Return numerator and denominator of a ratio, each the townships' together."""
        self.expect(ratio_codes(indicator))
        above, below = (self.total(self.indicators[code], replace(period, as_of=False)) for code in ratio_codes(indicator))
        return above, below

    def _ratio(self, indicator: Indicator, period: Period) -> Total:
        above, below = self.sides(indicator, period)
        for side in (above, below):
            if side.status != Status.OK:
                return side._replace(indicator=indicator, period=period, value=None)
        if not below.value:
            return Total(indicator, period, None, Status.NOT_APPLICABLE, above.parts)
        scale = HUNDRED if indicator.measure == "%" else Decimal(1)
        return Total(indicator, period, above.value * scale / below.value, Status.OK, above.parts)


@dataclass
class DistrictBook(YearBook):
    """A year book of the district itself: its `villages` are the townships, its totals are theirs together.

    Approved figures only. `returns` and `cells` are empty: they are the townships', see `books_behind`.
    """

    townships: DistrictBooks = field(kw_only=True)

    @classmethod
    def load(cls, unit: Unit, year: int, *, population_kind: str = "") -> DistrictBook:
        """Return a district's book in a constant number of queries; the townships' figures are read when they are asked for."""
        indicators, before, settings = load_counted(unit.pk, year, population_kind)
        townships = DistrictBooks(unit, indicators)
        townships.expect(indicators)
        units = {row.pk: row for of in (year - 1, year) for row in townships_during(unit, of, LAST_MONTH)}
        return cls(
            unit=unit, year=year, approved_only=True, indicators=indicators, indicators_before=before, returns={}, cells={},
            villages=tuple(sorted(units.values(), key=lambda row: (row.order, row.code))), items={}, settings=settings,
            townships=townships, _ranks=townships._ranks,
        )  # fmt: skip

    def total(self, code: str, period: Period) -> Total:
        """Return the total of all townships over a period, worked out once. Raises KeyError for an unknown code."""
        found = self._totals.get((code, period))
        if found is None:
            indicator = self.indicator_of(code, period.year)
            if indicator is None:
                return Total(self.indicators[code], period, None, Status.NOT_APPLICABLE)
            is_param = indicator.aggregation == Aggregation.PARAM
            found = TOTALS[Aggregation.PARAM](self, indicator, period) if is_param else self.townships.total(indicator, period)
            self._totals[code, period] = found
        return found

    def village_total(self, code: str, period: Period, village: Unit) -> Total:
        """Return one township's total over the months in which it existed."""
        book = self.townships.of_year(period.year, code).get(village.pk)
        is_flow = self.indicators[code].aggregation in ADDED_UP
        span = span_of(village, period, is_flow=is_flow)
        if book is None or span is None or code not in book.indicators:
            return Total(self.indicators[code], period, None, Status.NOT_APPLICABLE)
        return book.total(code, span)

    def named_items(self, list_code: str, period: Period, *, of_year: bool = False) -> list[Highlight]:
        """Return the finished items of all townships: the first of each, then the second of each: a short list is fair."""
        books = self.townships.of_year(period.year).values()
        rows = [enumerate(book.named_items(list_code, period, of_year=of_year)) for book in books]
        return [row for _place, row in sorted((pair for found in rows for pair in found), key=lambda pair: pair[0])]

    def month_part(self, indicator: Indicator, year: int, month: int, village: Unit | None = None) -> MonthPart:
        """Return one month's value of all townships together, or of one."""
        period = Period(year, month, month)
        total = self.village_total(indicator.code, period, village) if village else self.total(indicator.code, period)
        return next(iter(total.parts), MonthPart(year, month, None, FigureKind.NOT_APPLICABLE))


def load_book(unit: Unit, year: int, *, population_kind: str = "") -> YearBook:
    """Return the approved figures that a report of a unit rests on: a township's own, or those of all the district's."""
    if unit.is_district:
        return DistrictBook.load(unit, year, population_kind=population_kind)
    return YearBook.load(unit, year, approved_only=True, population_kind=population_kind)


def district_books(book: YearBook) -> DistrictBooks:
    """Return the townships' figures behind a book, or beside it."""
    return book.townships if isinstance(book, DistrictBook) else DistrictBooks(book.unit.district, book.indicators)


def books_behind(book: YearBook, year: int) -> list[YearBook]:
    """Return the books that have the returns of a year: the township's own, or one a township."""
    return list(book.townships.of_year(year).values()) if isinstance(book, DistrictBook) else [book]


def span_of(unit: Unit, period: Period, *, is_flow: bool) -> Period | None:
    """Return the months that a township answers for: a flow until it ended, a state only if it exists at the period's end."""
    if existed(unit, period.year, period.first_month) and existed(unit, period.year, period.last_month):
        return period
    months = [month for month in period.months if existed(unit, period.year, month)]
    if not months or (not is_flow and months[-1] != period.last_month):
        return None
    return replace(period, first_month=months[0], last_month=months[-1]) if is_flow else period


def existed(unit: Unit, year: int, month: int) -> bool:
    """Whether a unit existed at a month's end."""
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
        status = Status.NOT_APPLICABLE if statuses <= {Status.NOT_APPLICABLE} else Status.NOT_COLLECTED
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
