"""Year books of many townships at once, for pages that compare or plan: a constant number of queries for all of them."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django.db.models import F

from accounts.models import Unit
from metrics.book_rows import ReturnFacts
from metrics.catalogue_years import ByCode, codes_of, load_indicators
from metrics.models import DistrictYear, Figure, Highlight, MonthlyReturn
from metrics.models.highlights import ItemStatus
from metrics.queries import YearBook


def load_books(district: Unit, units: list[Unit], year: int, codes) -> dict[int, YearBook]:
    """Return unit id -> a book of a year's approved figures that answers totals of these codes, of that year alone."""
    indicators, before = load_indicators(district.pk, year)
    needed = with_inputs(codes, indicators)
    returns = MonthlyReturn.objects.filter(unit__in=units, year=year)
    facts = defaultdict(dict)
    columns = ("pk", "unit_id", "month", "state", "approved_by__display_name", "approved_at")
    for pk, unit, month, state, name, at in returns.order_by().values_list(*columns):
        facts[unit][year, month] = ReturnFacts(pk, state, name or "", at)
    figures = Figure.objects.filter(monthly_return__in=returns.order_by(), indicator__code__in=needed)
    rows = list(
        figures.values_list("monthly_return__unit_id", "monthly_return__month", "indicator_id", "unit_id", "kind", "value")
    )
    names, cells = codes_of([indicators, before], {row[2] for row in rows}), defaultdict(dict)
    for unit, month, indicator, place, kind, value in rows:
        cells[unit][names[indicator], year, month, place] = (kind, value)
    villages, items = _villages(units), _items(units, year)
    settings = {row.year: row for row in DistrictYear.objects.filter(district=district, year=year)}
    return {
        unit.pk: YearBook(
            unit=unit, year=year, approved_only=True, indicators=indicators, indicators_before=before, returns=facts[unit.pk],
            cells=cells[unit.pk], villages=villages[unit.pk], items=items[unit.pk], settings=settings,
        )
        for unit in units
    }  # fmt: skip


def with_inputs(codes, indicators: ByCode) -> set[str]:
    """Return codes with everything they are calculated from."""
    found, waiting = set(), list(codes)
    while waiting:
        code = waiting.pop()
        if code in indicators and code not in found:
            found.add(code)
            formula = indicators[code].formula
            waiting += [*formula.get("sum_of", ()), *(formula[side] for side in ("numerator", "denominator") if side in formula)]
    return found


def _villages(units) -> dict[int, tuple[Unit, ...]]:
    rows = Unit.objects.filter(parent__in=units).order_by("parent_id", "order", "code")
    return defaultdict(tuple, {parent: tuple(group) for parent, group in groupby(rows, key=lambda row: row.parent_id)})


def _items(units, year: int) -> dict[int, dict[tuple[str, int], list[Highlight]]]:
    found, known = defaultdict(lambda: defaultdict(list)), {unit.pk: unit for unit in units}
    rows = Highlight.objects.filter(unit__in=units, year=year, status=ItemStatus.DONE).annotate(list_code=F("named_list__code"))
    for row in rows:
        row.unit = known[row.unit_id]
        found[row.unit_id][row.list_code, year].append(row)
    return found
