"""A township's place among the district's: one month's figures of everybody, or no rank at all."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.models import Figure, MonthlyReturn


def district_ranking(book, code: str, period) -> dict[int, int]:
    """Return unit id -> rank (1 is best, ties share one) by the figures of the period's last month.

    Over approved figures nobody has a rank until the month is approved for every township that existed in it: a rank
    among those who happen to be in already would be praise without ground.
    """
    key = (code, period.year, period.last_month)
    if key not in book._ranks:
        book._ranks[key] = _ranks(_values_of_month(book, code, period))
    return book._ranks[key]


def _values_of_month(book, code: str, period) -> dict[int, Decimal]:
    day = date(period.year, period.last_month, monthrange(period.year, period.last_month)[1])
    townships = Unit.objects.townships().filter(parent=book.unit.parent_id).valid_during(day, day)
    returns = MonthlyReturn.objects.filter(unit__in=townships, year=period.year, month=period.last_month)
    if book.approved_only:
        returns = returns.approved()
        if returns.count() < townships.count():
            return {}
    figures = Figure.objects.filter(monthly_return__in=returns, indicator=book.indicators[code], kind=FigureKind.VALUE)
    return dict(figures.values_list("monthly_return__unit_id", "value"))


def _ranks(values: dict[int, Decimal]) -> dict[int, int]:
    places: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {unit: places[value] for unit, value in values.items()}
