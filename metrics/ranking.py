"""A township's place among the district's: one month's figures of everybody, or no rank at all."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

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
    own = book.cells.get((code, period.year, period.last_month, book.unit.pk))
    if own is None or own[0] != FigureKind.VALUE or not _is_among_townships(book.unit, _last_day(period)):
        return None
    return 1 + _figures_of_month(book, code, period).filter(value__gt=own[1]).count()


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
    figures = _figures_of_month(book, code, period)
    if book.approved_only:
        day = _last_day(period)
        townships = Unit.objects.townships().filter(parent=book.unit.parent_id).valid_during(day, day)
        approved = MonthlyReturn.objects.filter(unit__in=townships, year=period.year, month=period.last_month).approved()
        if approved.count() < townships.count():
            return {}
        figures = figures.filter(monthly_return__in=approved)
    return dict(figures.values_list("monthly_return__unit_id", "value"))


def _figures_of_month(book, code: str, period) -> QuerySet[Figure]:
    day = _last_day(period)
    return Figure.objects.filter(
        valid_during(day, day, "monthly_return__unit__"), monthly_return__unit__kind__in=TOWNSHIP_KINDS,
        monthly_return__unit__parent=book.unit.parent_id, monthly_return__year=period.year,
        monthly_return__month=period.last_month, indicator=book.indicators[code], kind=FigureKind.VALUE,
    )  # fmt: skip


def _is_among_townships(unit: Unit, day: date) -> bool:
    return unit.is_township and unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)


def _last_day(period) -> date:
    return date(period.year, period.last_month, monthrange(period.year, period.last_month)[1])


def _ranks(values: dict[int, Decimal]) -> dict[int, int]:
    places: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        places.setdefault(value, place)
    return {unit: places[value] for unit, value in values.items()}
