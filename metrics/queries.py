"""Totals: the one place where months, villages and named items become a figure. Screen, PDF and every export call it."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Unit
from metrics.book_rows import ItemDates, ReturnFacts, load_counted, load_item_dates, load_items, load_returns, month_of_item
from metrics.catalogue_years import codes_of
from metrics.choices import Aggregation, FigureKind, Source
from metrics.models import DistrictYear, Figure, Highlight, Indicator
from metrics.periods import Period
from metrics.ranking import district_rank

HUNDRED = Decimal(100)
# Parameters of the year: which field of the district's settings holds which indicator.
PARAMETER_FIELDS = {"vol_standard_hours": "volunteer_standard_hours"}
NO_CELL = (FigureKind.BLANK, None)
ADDED_UP = (Aggregation.SUM, Aggregation.COUNT)
MISSING_KINDS = frozenset({FigureKind.BLANK, FigureKind.TEXT})


class Status:
    """What a total is: a number, or why there is none. PARTIAL: some months were not collected, so the sum is not whole."""

    OK = "ok"
    MISSING = "missing"
    PARTIAL = "partial"
    NOT_APPLICABLE = "not_applicable"
    NOT_COLLECTED = "not_collected"


class MonthPart(NamedTuple):
    """One month's share in a total, with the return's state and who approved it when."""

    year: int
    month: int
    value: Decimal | None
    kind: str
    state: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the month should have a figure and has none."""
        return self.kind in MISSING_KINDS


class Total(NamedTuple):
    """An indicator over a period: exact value (None where there is none), status, and the months it rests on.

    Ratios in % are carried as per cent: 100 means 100 %.
    """

    indicator: Indicator
    period: Period
    value: Decimal | None
    status: str
    parts: tuple[MonthPart, ...] = ()

    @property
    def missing_months(self) -> tuple[int, ...]:
        """Months without an approved figure."""
        return tuple(part.month for part in self.parts if part.is_missing)

    @property
    def uncollected_months(self) -> tuple[int, ...]:
        """Months that somebody marked as not collected."""
        return tuple(part.month for part in self.parts if part.kind == FigureKind.NOT_COLLECTED)


Key = tuple[str, int, int, int]  # indicator code, year, month, unit id


@dataclass
class YearBook:
    """A township's figures of a year and the year before, loaded in a constant number of queries; answers every total.

    `approved_only`: months that are not approved count as missing; otherwise whatever is typed counts. `indicators` are the
    year's by code; a total of the year before goes by what the same code meant then (`indicators_before`).
    """

    unit: Unit
    year: int
    approved_only: bool
    indicators: dict[str, Indicator]
    indicators_before: dict[str, Indicator]
    returns: dict[tuple[int, int], ReturnFacts]
    cells: dict[Key, tuple[str, Decimal | None]]
    villages: tuple[Unit, ...]
    items: dict[tuple[str, int], list[Highlight] | list[ItemDates]]
    settings: dict[int, DistrictYear]
    _ranks: dict = field(default_factory=dict)
    _own_ranks: dict[tuple[str, int, int], int | None] = field(default_factory=dict)
    _totals: dict[tuple[str, Period], Total] = field(default_factory=dict)
    _villages: dict[tuple[int, int], list[Unit]] = field(default_factory=dict)

    @classmethod
    def load(cls, unit, year: int, *, approved_only=True, months: Q | None = None, population_kind="") -> YearBook:
        """Load what is needed for totals of `year` and of the same months of the year before.

        `months` narrows which returns are read (a Q over MonthlyReturn), for pages that show only some; of the named
        items, which such pages only count, it then reads the dates alone. `population_kind`: how indicators call the
        population, where it is not the district's kind of the year.
        """
        returns = load_returns(unit, year, months)
        by_pk = {facts.pk: at for at, facts in returns.items()}
        indicators, before, settings = load_counted(unit.parent_id, year, population_kind)
        figures = Figure.objects.filter(monthly_return__in=by_pk)
        figures = list(figures.values_list("monthly_return_id", "indicator_id", "unit_id", "kind", "value"))
        codes = codes_of([indicators, before], {row[1] for row in figures})
        cells = {(codes[i], *by_pk[r], u): (kind, value) for r, i, u, kind, value in figures}
        return cls(
            unit=unit, year=year, approved_only=approved_only, indicators=indicators, indicators_before=before, cells=cells,
            returns=returns, villages=tuple(unit.children.all()), settings=settings,
            items=load_items(unit, year) if months is None else load_item_dates(unit, year),
        )  # fmt: skip

    @property
    def district_id(self) -> int:
        """The id of the district whose set of indicators holds here; a district's own book is its own."""
        return self.unit.parent_id or self.unit.pk

    def total(self, code: str, period: Period) -> Total:
        """Return the total of an indicator over a period, worked out once. Raises KeyError for an unknown code.

        What the year before did not count does not apply there.
        """
        found = self._totals.get((code, period))
        if found is None:
            indicator = self.indicator_of(code, period.year)
            if indicator is None:
                return Total(self.indicators[code], period, None, Status.NOT_APPLICABLE)
            found = self._totals[code, period] = TOTALS[indicator.aggregation](self, indicator, period)
        return found

    def indicator_of(self, code: str, year: int) -> Indicator | None:
        """Return what a code means in a year, None where that year does not know it."""
        return (self.indicators if year == self.year else self.indicators_before).get(code)

    def village_totals(self, code: str, period: Period) -> dict[Unit, Total]:
        """Return the total of each village that existed in the period, in the order of villages.

        A village that has ended shows its flows, and no stock or running figure at the period's end.
        """
        indicator = self.indicators[code]
        at_end = {unit.pk for unit in self.villages_of(period.year, period.last_month)}
        rows = {}
        for unit in self.villages_during(period):
            is_flow = indicator.aggregation in ADDED_UP
            ended = Total(indicator, period, None, Status.NOT_APPLICABLE)
            rows[unit] = self.village_total(code, period, unit) if is_flow or unit.pk in at_end else ended
        return rows

    def village_total(self, code: str, period: Period, village: Unit) -> Total:
        """Return one village's total over the months in which it existed."""
        indicator = self.indicators[code]
        total = _ratio if indicator.aggregation == Aggregation.RATIO else _of_months
        return total(self, indicator, period, village=village)

    def villages_of(self, year: int, month: int) -> list[Unit]:
        """Return the villages of a month's return: those valid at its end, and any other that has a figure in it."""
        if (year, month) not in self._villages:
            valid = {unit.pk for unit in villages_of_month(self.villages, year, month)}
            counted = valid | self._typed_villages.get((year, month), set())
            self._villages[year, month] = [unit for unit in self.villages if unit.pk in counted]
        return self._villages[year, month]

    def villages_during(self, period: Period) -> list[Unit]:
        """Return the villages of any month of the period."""
        found = {unit.pk for month in period.months for unit in self.villages_of(period.year, month)}
        return [unit for unit in self.villages if unit.pk in found]

    @cached_property
    def _typed_villages(self) -> dict[tuple[int, int], set[int]]:
        typed = defaultdict(set)
        for (_code, year, month, unit), (kind, _value) in self.cells.items():
            if unit != self._own and kind == FigureKind.VALUE:
                typed[year, month].add(unit)
        return typed

    def villages_in(self, period: Period) -> list[Unit]:
        """Return the villages valid at the end of the period's last month."""
        return villages_of_month(self.villages, period.year, period.last_month)

    def named_items(self, list_code: str, period: Period, *, of_year: bool = False) -> list[Highlight]:
        """Return a list's finished items that belong to months of the period; `of_year`: and those of the year without a date."""
        months = {*period.months, None} if of_year else {*period.months}
        return [row for row in self.items.get((list_code, period.year), []) if month_of_item(row, period.year) in months]

    def month_part(self, indicator: Indicator, year: int, month: int, village: Unit | None = None) -> MonthPart:
        """Return one month's value: the township's cell, or the sum over its villages' cells.

        A month in which the indicator was not counted (not yet, or no more) is not applicable, whatever was typed.
        """
        indicator = self.indicator_of(indicator.code, year)
        if indicator is None or not indicator.counts_in(year, month):
            return MonthPart(year, month, None, FigureKind.NOT_APPLICABLE)
        facts = self.returns.get((year, month))
        if indicator.source == Source.LIST and not self.approved_only and (facts is None or facts.is_open):
            return MonthPart(year, month, self.listed(indicator, year, month), FigureKind.VALUE, facts.state if facts else "")
        if facts is None or (self.approved_only and not facts.is_approved):
            return MonthPart(year, month, None, FigureKind.BLANK, facts.state if facts else "")
        if indicator.is_by_village:
            kind, value = self._village_cells(indicator.code, year, month, village)
        else:
            kind, value = self.cells.get((indicator.code, year, month, self._own), NO_CELL)
        if kind == FigureKind.BLANK and indicator.source == Source.LIST:  # submitted before counts were kept
            kind, value = FigureKind.VALUE, self.listed(indicator, year, month)
        if kind == FigureKind.BLANK and not indicator.is_required:
            kind = FigureKind.NOT_COLLECTED
        return MonthPart(year, month, value, kind, facts.state, facts.approved_by, facts.approved_at)

    def listed(self, indicator: Indicator, year: int, month: int) -> Decimal:
        """Return how many items the list of an indicator holds for a month today."""
        return Decimal(len(self.named_items(indicator.formula["list"], Period(year, month, month))))

    @cached_property
    def children(self) -> dict[int, list[Indicator]]:
        """The indicators that are parts of another, by its id."""
        parts = defaultdict(list)
        for row in self.indicators.values():
            parts[row.parent_id].append(row)
        return parts

    @cached_property
    def _own(self) -> int:
        return self.unit.pk

    def _village_cells(self, code: str, year: int, month: int, village: Unit | None) -> tuple[str, Decimal | None]:
        units = self.villages_of(year, month) if village is None else [village]
        return _sum_cells([self.cells.get((code, year, month, unit.pk), NO_CELL) for unit in units])


def villages_of_month(villages, year: int, month: int) -> list[Unit]:
    """Return the villages that exist on the last day of a month (merged and renamed ones drop out or come in)."""
    last_day = date(year, month, monthrange(year, month)[1])
    return [
        unit for unit in villages
        if unit.valid_from <= last_day and (unit.valid_to is None or unit.valid_to >= last_day)
    ]  # fmt: skip


def _sum_cells(cells) -> tuple[str, Decimal | None]:
    """Add village cells. One blank leaves the township blank, one uncollected leaves it uncollected: neither is a silent 0."""
    kinds = {kind for kind, _value in cells}
    if not cells or not kinds.isdisjoint(MISSING_KINDS):
        return NO_CELL
    if FigureKind.VALUE in kinds and FigureKind.NOT_COLLECTED not in kinds:
        return FigureKind.VALUE, sum((value for _kind, value in cells if value is not None), Decimal(0))
    absent = FigureKind.NOT_COLLECTED if FigureKind.NOT_COLLECTED in kinds else FigureKind.NOT_APPLICABLE
    return absent, None


def _close(indicator, period, parts, value) -> Total:
    """Give a total its status from its months and value: a flow with an uncollected month is no whole sum."""
    kinds = {part.kind for part in parts}
    if not kinds.isdisjoint(MISSING_KINDS):
        return Total(indicator, period, value, Status.MISSING, tuple(parts))
    if value is not None:
        whole = FigureKind.NOT_COLLECTED not in kinds
        return Total(indicator, period, value, Status.OK if whole else Status.PARTIAL, tuple(parts))
    status = Status.NOT_APPLICABLE if kinds == {FigureKind.NOT_APPLICABLE} else Status.NOT_COLLECTED
    return Total(indicator, period, None, status, tuple(parts))


def _of_months(book: YearBook, indicator: Indicator, period: Period, village: Unit | None = None) -> Total:
    """Total an indicator from its months: sum (of counts of a list, too), mean, highest, or latest."""
    if indicator.source == Source.DERIVED:
        return _sum_of(book, indicator, period)
    latest = indicator.aggregation in (Aggregation.LAST, Aggregation.DISTINCT_YTD)
    if latest or (period.as_of and indicator.aggregation not in ADDED_UP):
        return _latest(book, indicator, period, village)
    months = [month for month in period.months if village is None or village in book.villages_of(period.year, month)]
    parts = [book.month_part(indicator, period.year, month, village) for month in months]
    values = [part.value for part in parts if part.value is not None]
    return _close(indicator, period, parts, combine(indicator.aggregation, values))


def combine(aggregation: str, values: list[Decimal]) -> Decimal | None:
    """Return the highest, the mean or the sum of values, None of none."""
    if not values:
        return None
    if aggregation == Aggregation.MAX:
        return max(values)
    total = sum(values, Decimal(0))
    return total / len(values) if aggregation == Aggregation.AVG else total


def _latest(book, indicator, period, village=None) -> Total:
    """Return the value at the period's end; only an as-of period looks further back, to the latest month with a value."""
    parts = []
    for month in reversed(range(1, period.last_month + 1)):
        part = book.month_part(indicator, period.year, month, village)
        if part.value is not None:
            return Total(indicator, period, part.value, Status.OK, (part,))
        parts.append(part)
        if not period.as_of:
            break
    return _close(indicator, period, parts[:1], None)


def _sum_of(book, indicator, period) -> Total:
    """Add up the indicators that a derived one is made of; a derived stock adds its flows from January on."""
    stock = indicator.aggregation == Aggregation.LAST
    span = Period(period.year, 1, period.last_month) if stock else period
    totals = [book.total(code, span) for code in indicator.formula.get("sum_of", ())]
    columns = zip(*(total.parts for total in totals), strict=False)
    parts = tuple(part for total in totals for part in total.parts) if stock else tuple(map(_merge_parts, columns))
    if any(total.status == Status.MISSING for total in totals):
        return Total(indicator, period, None if stock else _sum_values(parts), Status.MISSING, parts)
    return _close(indicator, period, parts, _sum_values(totals if stock else parts))


def _sum_values(rows) -> Decimal | None:
    """Add the values of totals or months; months whose parts are not all there have none and are left out."""
    values = [row.value for row in rows if row.value is not None]
    return sum(values, Decimal(0)) if values else None


def _merge_parts(parts) -> MonthPart:
    kind, value = _sum_cells([(part.kind, part.value) for part in parts])
    first = parts[0]
    return MonthPart(first.year, first.month, value, kind, first.state, first.approved_by, first.approved_at)


def _ratio(book: YearBook, indicator: Indicator, period: Period, village: Unit | None = None) -> Total:
    """Divide totals: never the mean of monthly or village ratios. Measure % is carried as per cent."""
    above, below = ratio_sides(book, indicator, period, village)
    parts = above.parts if above.status == Status.MISSING else below.parts
    if Status.MISSING in (above.status, below.status):
        return Total(indicator, period, None, Status.MISSING, parts)
    if above.value is None or not below.value:
        return Total(indicator, period, None, Status.NOT_APPLICABLE, above.parts)
    scale = HUNDRED if indicator.measure == "%" else Decimal(1)
    whole = Status.PARTIAL not in (above.status, below.status)
    status = Status.OK if whole else Status.PARTIAL
    return Total(indicator, period, above.value * scale / below.value, status, above.parts)


def ratio_sides(book: YearBook, indicator: Indicator, period: Period, village: Unit | None = None) -> tuple[Total, Total]:
    """Return numerator and denominator of a ratio: as of a date both of one month, the latest in which both are there."""
    for span in _ratio_spans(period):
        above, below = _ratio_sides(book, indicator, span, village)
        if above.value is not None and below.value is not None:
            break
    return above, below


def _ratio_spans(period: Period) -> list[Period]:
    if not period.as_of:
        return [period]
    return [Period(period.year, 1, month) for month in range(period.last_month, 0, -1)]


def _ratio_sides(book, indicator, period, village) -> tuple[Total, Total]:
    codes = [indicator.formula[side] for side in ("numerator", "denominator")]
    sides = [book.indicator_of(code, period.year) or book.indicators[code] for code in codes]
    if village:
        return tuple(_of_months(book, side, period, village) for side in sides)
    return tuple(book.total(side.code, period) for side in sides)


def _param(book: YearBook, indicator: Indicator, period: Period) -> Total:
    """Read the district's setting of the year."""
    settings = book.settings.get(period.year)
    name = PARAMETER_FIELDS.get(indicator.code)
    value = getattr(settings, name) if settings and name else None
    return Total(indicator, period, value, Status.OK if value is not None else Status.NOT_COLLECTED)


def _rank(book: YearBook, indicator: Indicator, period: Period) -> Total:
    """Rank the township by another indicator among the district's townships; ties share a rank."""
    rank = district_rank(book, indicator.formula["rank_of"], period)
    return Total(indicator, period, Decimal(rank) if rank else None, Status.OK if rank else Status.NOT_COLLECTED)


TOTALS = {
    Aggregation.SUM: _of_months,
    Aggregation.LAST: _of_months,
    Aggregation.MAX: _of_months,
    Aggregation.AVG: _of_months,
    Aggregation.DISTINCT_YTD: _of_months,
    Aggregation.RATIO: _ratio,
    Aggregation.COUNT: _of_months,
    Aggregation.PARAM: _param,
    Aggregation.RANK: _rank,
}
