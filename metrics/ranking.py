"""A township's place among the district's: one month's figures of everybody, or no rank at all."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from accounts.choices import TOWNSHIP_KINDS
from accounts.models import Unit
from accounts.querysets import valid_during
from metrics.choices import FigureKind
from metrics.models import Figure, MonthlyReturn


def district_rank(book, code: str, period) -> int | None:
    """Return the township's own rank as of the period's last month, None without one; the rules are those of district_ranking.

    Over whatever is typed the database counts who is ahead: a page that shows one rank does not read every township's figure.
    """
    if book.approved_only:
        return district_ranking(book, code, period).get(book.unit.pk)
    key = (code, period.year, period.last_month)
    if key not in book._own_ranks:
        count_ranks(book, code, [period])
    return book._own_ranks[key]


def count_ranks(book, code: str, periods) -> None:
    """Have the own ranks over whatever is typed at hand for the last months of these periods, counted in one query."""
    months = [(period.year, period.last_month) for period in periods]
    own = {month: value for month in months if (value := _own_value(book, code, month)) is not None}
    book._own_ranks |= {(code, *month): None for month in months}
    if own:
        ahead = {f"ahead_{place}": Count("pk", filter=_of_month(*at, value__gt=own[at])) for place, at in enumerate(own)}
        years, numbers = ({month[side] for month in own} for side in (0, 1))
        figures = _figures(book, code).filter(monthly_return__year__in=years, monthly_return__month__in=numbers)
        counts = figures.aggregate(**ahead).values()
        book._own_ranks |= {(code, *month): count + 1 for month, count in zip(own, counts, strict=True)}


def _own_value(book, code: str, month: tuple[int, int]) -> Decimal | None:
    """Return the value that the township is ranked by, None when it had ended by then or the book has not loaded the month."""
    unit, day = book.unit, _last_day(*month)
    existed = unit.is_township and unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)
    return book.cells.get((code, *month, unit.pk), (None, None))[1] if existed else None


def district_ranking(book, code: str, period) -> dict[int, int]:
    """Return unit id -> rank (1 is best, ties share one) by the figures of the period's last month.

    Over approved figures nobody has a rank until the month is approved for every township that existed in it: a rank
    among those who happen to be in already would be praise without ground.
    """
    key = (code, period.year, period.last_month)
    if key not in book._ranks:
        book._ranks[key] = ranks_of(_values_of_month(book, code, period))
    return book._ranks[key]


def _values_of_month(book, code: str, period) -> dict[int, Decimal]:
    figures = _figures(book, code).filter(_of_month(period.year, period.last_month))
    if book.approved_only:
        day = _last_day(period.year, period.last_month)
        townships = Unit.objects.townships().filter(parent=book.district_id).valid_during(day, day)
        approved = MonthlyReturn.objects.filter(unit__in=townships, year=period.year, month=period.last_month).approved()
        if approved.count() < townships.count():
            return {}
        figures = figures.filter(monthly_return__in=approved)
    return dict(figures.values_list("monthly_return__unit_id", "value"))


def _figures(book, code: str) -> QuerySet[Figure]:
    """Return an indicator's values of the district's townships, of all months."""
    meant = {row.pk for year in (book.year, book.year - 1) if (row := book.indicator_of(code, year))}
    return Figure.objects.filter(
        indicator__in=meant, kind=FigureKind.VALUE, monthly_return__unit__parent=book.district_id,
        monthly_return__unit__kind__in=TOWNSHIP_KINDS,
    )  # fmt: skip


def _of_month(year: int, month: int, **more) -> Q:
    """The condition that a figure is of this month and of a township that existed at its end."""
    day = _last_day(year, month)
    existed = valid_during(day, day, "monthly_return__unit__")
    return Q(existed, monthly_return__year=year, monthly_return__month=month, **more)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def ranks_of(values: dict[int, Decimal]) -> dict[int, int]:
    """Return unit id -> place by values: 1 is the highest, equal ones share a place."""
    places: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {unit: places[value] for unit, value in values.items()}
