"""Totals: the one place where months, villages and named items become a figure. Screen, PDF and every export call it."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, OuterRef, Q, Subquery

from accounts.models import Unit
from metrics.choices import Aggregation, FigureKind, Source
from metrics.models import DistrictYear, Figure, Highlight, Indicator, MonthlyReturn
from metrics.models.highlights import ItemStatus
from metrics.periods import Period
from workflow.choices import State

HUNDRED = Decimal(100)
# Parameters of the year: which field of the district's settings holds which indicator.
PARAMETER_FIELDS = {"vol_standard_hours": "volunteer_standard_hours"}


class Status:
    """What a total is: a number, or why there is none."""

    OK = "ok"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    NOT_COLLECTED = "not_collected"


@dataclass(frozen=True)
class MonthPart:
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
        return self.kind in (FigureKind.BLANK, FigureKind.TEXT)


@dataclass(frozen=True)
class Total:
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


@dataclass(frozen=True)
class ReturnFacts:
    """What a total says of the return behind a month."""

    pk: int
    state: str
    approved_by: str
    approved_at: datetime | None

    @property
    def is_approved(self) -> bool:
        """Whether its figures count."""
        return self.state == State.APPROVED


Key = tuple[str, int, int, int]  # indicator code, year, month, unit id


@dataclass
class YearBook:
    """A township's figures of a year and the year before, loaded in a constant number of queries; answers every total.

    `approved_only`: months that are not approved count as missing; otherwise whatever is typed counts.
    """

    unit: Unit
    year: int
    approved_only: bool
    indicators: dict[str, Indicator]
    returns: dict[tuple[int, int], ReturnFacts]
    cells: dict[Key, tuple[str, Decimal | None]]
    villages: tuple[Unit, ...]
    items: dict[tuple[str, int], list[Highlight]]
    settings: dict[int, DistrictYear]
    _ranks: dict = field(default_factory=dict)

    @classmethod
    def load(cls, unit: Unit, year: int, *, approved_only: bool = True, months: Q | None = None) -> YearBook:
        """Load what is needed for totals of `year` and of the same months of the year before.

        `months` narrows which returns are read (a Q over MonthlyReturn), for pages that show only some.
        """
        span = MonthlyReturn.objects.filter(unit=unit, year__in=(year - 1, year)).select_related("approved_by")
        rows = list(span.filter(months) if months is not None else span)
        by_pk = {row.pk: (row.year, row.month) for row in rows}
        indicators = _catalogue()
        codes = {row.pk: row.code for row in indicators.values()}
        figures = Figure.objects.filter(monthly_return__in=by_pk).values_list(
            "monthly_return_id", "indicator_id", "unit_id", "kind", "value"
        )
        cells = {(codes[i], *by_pk[r], u): (kind, value) for r, i, u, kind, value in figures}
        return cls(
            unit=unit, year=year, approved_only=approved_only, indicators=indicators, cells=cells,
            returns={(row.year, row.month): _return_facts(row) for row in rows},
            villages=tuple(unit.children.all()), items=_items(unit, year),
            settings={row.year: row for row in DistrictYear.objects.filter(district=unit.parent_id)},
        )  # fmt: skip

    def total(self, code: str, period: Period) -> Total:
        """Return the total of an indicator over a period. Raises KeyError for an unknown code."""
        indicator = self.indicators[code]
        return TOTALS[indicator.aggregation](self, indicator, period)

    def village_totals(self, code: str, period: Period) -> dict[Unit, Total]:
        """Return the total of each village that existed in the period's last month, in the order of villages."""
        indicator = self.indicators[code]
        if indicator.aggregation == Aggregation.RATIO:
            return {unit: _ratio(self, indicator, period, village=unit) for unit in self.villages_in(period)}
        return {unit: _of_months(self, indicator, period, village=unit) for unit in self.villages_in(period)}

    def villages_in(self, period: Period) -> list[Unit]:
        """Return the villages valid at the end of the period's last month."""
        return villages_of_month(self.villages, period.year, period.last_month)

    def named_items(self, list_code: str, period: Period) -> list[Highlight]:
        """Return a list's finished items of the period: dated within it, or of the year without a date."""
        rows = self.items.get((list_code, period.year), [])
        whole = period.first_month == 1
        return [row for row in rows if (row.date_from is None and whole) or (row.date_from and _overlaps(row, period))]

    def month_part(self, indicator: Indicator, year: int, month: int, village: Unit | None = None) -> MonthPart:
        """Return one month's value: the township's cell, or the sum over its villages' cells."""
        facts = self.returns.get((year, month))
        if facts is None or (self.approved_only and not facts.is_approved):
            return MonthPart(year, month, None, FigureKind.BLANK, facts.state if facts else "")
        kind, value = self._cell(indicator, year, month, village)
        if kind == FigureKind.BLANK and not indicator.is_required:
            kind = FigureKind.NOT_COLLECTED
        return MonthPart(year, month, value, kind, facts.state, facts.approved_by, facts.approved_at)

    def _cell(self, indicator, year, month, village) -> tuple[str, Decimal | None]:
        blank = (FigureKind.BLANK, None)
        if not indicator.is_by_village:
            return self.cells.get((indicator.code, year, month, self.unit.pk), blank)
        units = [village] if village else villages_of_month(self.villages, year, month)
        return _sum_cells([self.cells.get((indicator.code, year, month, unit.pk), blank) for unit in units])


def villages_of_month(villages, year: int, month: int) -> list[Unit]:
    """Return the villages that exist on the last day of a month (merged and renamed ones drop out or come in)."""
    last_day = date(year, month, monthrange(year, month)[1])
    return [
        unit for unit in villages
        if unit.valid_from <= last_day and (unit.valid_to is None or unit.valid_to >= last_day)
    ]  # fmt: skip


def _catalogue() -> dict[str, Indicator]:
    """Return all indicators by code in the order of the form; a parent is its own row, not a second object beside it."""
    rows = {row.pk: row for row in Indicator.objects.select_related("area")}
    for row in rows.values():
        row.parent = rows.get(row.parent_id)
    return {row.code: row for row in rows.values()}


def _return_facts(row: MonthlyReturn) -> ReturnFacts:
    name = row.approved_by.display_name if row.approved_by else ""
    return ReturnFacts(row.pk, row.state, name, row.approved_at)


def _items(unit: Unit, year: int) -> dict[tuple[str, int], list[Highlight]]:
    found = defaultdict(list)
    rows = Highlight.objects.filter(unit=unit, year__in=(year - 1, year), status=ItemStatus.DONE)
    for row in rows.annotate(list_code=F("named_list__code")):
        found[row.list_code, row.year].append(row)
    return found


def _overlaps(item: Highlight, period: Period) -> bool:
    first = (item.date_from.year, item.date_from.month)
    last = (item.date_to.year, item.date_to.month) if item.date_to else first
    return first <= (period.year, period.last_month) and last >= (period.year, period.first_month)


def _sum_cells(cells) -> tuple[str, Decimal | None]:
    """Add village cells. One blank leaves the township blank; absences alone stay an absence."""
    kinds = {kind for kind, _value in cells}
    if not cells or kinds & {FigureKind.BLANK, FigureKind.TEXT}:
        return FigureKind.BLANK, None
    if FigureKind.VALUE in kinds:
        return FigureKind.VALUE, sum((value for _kind, value in cells if value is not None), Decimal(0))
    absent = FigureKind.NOT_APPLICABLE if FigureKind.NOT_APPLICABLE in kinds else FigureKind.NOT_COLLECTED
    return absent, None


def _close(indicator, period, parts, value) -> Total:
    """Give a total its status from its months and value."""
    if any(part.is_missing for part in parts):
        return Total(indicator, period, value, Status.MISSING, tuple(parts))
    if value is not None:
        return Total(indicator, period, value, Status.OK, tuple(parts))
    absent = {part.kind for part in parts}
    status = Status.NOT_APPLICABLE if absent == {FigureKind.NOT_APPLICABLE} else Status.NOT_COLLECTED
    return Total(indicator, period, None, status, tuple(parts))


def _of_months(book: YearBook, indicator: Indicator, period: Period, village: Unit | None = None) -> Total:
    """Total an entered indicator from its months: sum, mean, highest, or latest."""
    if indicator.source == Source.DERIVED:
        return _sum_of(book, indicator, period)
    latest = indicator.aggregation in (Aggregation.LAST, Aggregation.DISTINCT_YTD)
    if latest or (period.as_of and indicator.aggregation != Aggregation.SUM):
        return _latest(book, indicator, period, village)
    months = [month for month in period.months if village is None or villages_of_month([village], period.year, month)]
    parts = [book.month_part(indicator, period.year, month, village) for month in months]
    values = [part.value for part in parts if part.value is not None]
    return _close(indicator, period, parts, _combine(indicator.aggregation, values))


def _combine(aggregation: str, values: list[Decimal]) -> Decimal | None:
    if not values:
        return None
    if aggregation == Aggregation.MAX:
        return max(values)
    total = sum(values, Decimal(0))
    return total / len(values) if aggregation == Aggregation.AVG else total


def _latest(book, indicator, period, village=None) -> Total:
    """Return the value at the period's end; as-of periods and absences look further back, a blank last month does not."""
    parts = []
    for month in reversed(range(1, period.last_month + 1)):
        part = book.month_part(indicator, period.year, month, village)
        if part.value is not None:
            return Total(indicator, period, part.value, Status.OK, (part,))
        parts.append(part)
        if part.is_missing and not period.as_of:
            break
    parts = parts if not period.as_of else parts[:1]
    return _close(indicator, period, parts, None)


def _sum_of(book, indicator, period) -> Total:
    """Add up the indicators that a derived one is made of; a derived stock adds its flows from January on."""
    stock = indicator.aggregation == Aggregation.LAST
    span = Period(period.year, 1, period.last_month) if stock else period
    totals = [book.total(code, span) for code in indicator.formula.get("sum_of", ())]
    columns = zip(*(total.parts for total in totals), strict=False)
    parts = tuple(part for total in totals for part in total.parts) if stock else tuple(map(_merge_parts, columns))
    values = [total.value for total in totals if total.value is not None]
    value = sum(values, Decimal(0)) if values else None
    if any(total.status == Status.MISSING for total in totals):
        return Total(indicator, period, value, Status.MISSING, parts)
    return _close(indicator, period, parts, value)


def _merge_parts(parts) -> MonthPart:
    kind, value = _sum_cells([(part.kind, part.value) for part in parts])
    first = parts[0]
    return MonthPart(first.year, first.month, value, kind, first.state, first.approved_by, first.approved_at)


def _ratio(book: YearBook, indicator: Indicator, period: Period, village: Unit | None = None) -> Total:
    """Divide totals: never the mean of monthly or village ratios. Measure % is carried as per cent."""
    sides = [book.indicators[indicator.formula[side]] for side in ("numerator", "denominator")]
    above, below = (_of_months(book, side, period, village) if village else book.total(side.code, period) for side in sides)
    parts = above.parts if above.status == Status.MISSING else below.parts
    if Status.MISSING in (above.status, below.status):
        return Total(indicator, period, None, Status.MISSING, parts)
    if above.value is None or not below.value:
        return Total(indicator, period, None, Status.NOT_APPLICABLE, above.parts)
    scale = HUNDRED if indicator.measure == "%" else Decimal(1)
    return Total(indicator, period, above.value * scale / below.value, Status.OK, above.parts)


def _count(book: YearBook, indicator: Indicator, period: Period) -> Total:
    """Count named items."""
    count = len(book.named_items(indicator.formula["list"], period))
    return Total(indicator, period, Decimal(count), Status.OK)


def _param(book: YearBook, indicator: Indicator, period: Period) -> Total:
    """Read the district's setting of the year."""
    settings = book.settings.get(period.year)
    name = PARAMETER_FIELDS.get(indicator.code)
    value = getattr(settings, name) if settings and name else None
    return Total(indicator, period, value, Status.OK if value is not None else Status.NOT_COLLECTED)


def _rank(book: YearBook, indicator: Indicator, period: Period) -> Total:
    """Rank the township by the latest value of another indicator among the district's townships; ties share a rank."""
    standing = district_ranking(book, indicator.formula["rank_of"], period)
    rank = standing.get(book.unit.pk)
    return Total(indicator, period, Decimal(rank) if rank else None, Status.OK if rank else Status.NOT_COLLECTED)


def district_ranking(book: YearBook, code: str, period: Period) -> dict[int, int]:
    """Return unit id -> rank (1 is best) by the latest value up to the period's end; units without a value are left out."""
    key = (code, period.year, period.last_month)
    if key not in book._ranks:
        book._ranks[key] = _ranks(_latest_by_township(book, code, period))
    return book._ranks[key]


def _latest_by_township(book, code, period) -> dict[int, Decimal]:
    """Return township id -> its latest value: one row a township, not one a month, so that large districts stay quick."""
    figures = Figure.objects.filter(
        indicator=book.indicators[code], kind=FigureKind.VALUE, monthly_return__unit=OuterRef("pk"),
        monthly_return__year=period.year, monthly_return__month__lte=period.last_month,
    )  # fmt: skip
    if book.approved_only:
        figures = figures.filter(monthly_return__state=State.APPROVED)
    latest = Subquery(figures.order_by("-monthly_return__month").values("value")[:1])
    rows = Unit.objects.filter(parent=book.unit.parent_id).order_by().values_list("pk", latest)
    return {pk: value for pk, value in rows if value is not None}


def _ranks(values: dict[int, Decimal]) -> dict[int, int]:
    places: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {unit: places[value] for unit, value in values.items()}


TOTALS = {
    Aggregation.SUM: _of_months,
    Aggregation.LAST: _of_months,
    Aggregation.MAX: _of_months,
    Aggregation.AVG: _of_months,
    Aggregation.DISTINCT_YTD: _of_months,
    Aggregation.RATIO: _ratio,
    Aggregation.COUNT: _count,
    Aggregation.PARAM: _param,
    Aggregation.RANK: _rank,
}
