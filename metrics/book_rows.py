"""The rows a book of totals is made from, each kind in one query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from accounts.models import Unit
from metrics.catalogue_years import ByCode, load_indicators
from metrics.models import DistrictYear, Highlight, MonthlyReturn
from metrics.models.highlights import ItemStatus
from metrics.population import name_by_population
from workflow.choices import EDITABLE_STATES, State


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

    @property
    def is_open(self) -> bool:
        """Whether the township may still change them."""
        return self.state in EDITABLE_STATES


class ItemDates(NamedTuple):
    """What counting needs of a named item."""

    date_from: date | None
    date_to: date | None


def month_of_item(item: Highlight | ItemDates, year: int) -> int | None:
    """Return the one month of its list's year in which an item counts, None without a date: then it is the year's alone.

    That is the month of its first day, however many it lasts; what began before the year counts in January.
    """
    if item.date_from is None:
        return None
    return item.date_from.month if item.date_from.year >= year else 1


def load_counted(district: int, year: int, population_kind: str = "") -> tuple[ByCode, ByCode, dict[int, DistrictYear]]:
    """Return what a district (its id) counts in a year and in the year before, by code, and its settings by year.

    `population_kind`: how the indicators call the population, where it is not the district's kind of the year.
    """
    settings = {row.year: row for row in DistrictYear.objects.filter(district=district)}
    indicators, before = load_indicators(district, year)
    kind = population_kind or getattr(settings.get(year), "population_kind", "")
    name_by_population({row.pk: row for rows in (indicators, before) for row in rows.values()}.values(), kind)
    return indicators, before, settings


def load_returns(unit: Unit, year: int, months: Q | None) -> dict[tuple[int, int], ReturnFacts]:
    """Return the returns of the year and the year before by (year, month); `months` narrows them."""
    wanted = MonthlyReturn.objects.filter(months or Q(), unit=unit, year__in=(year - 1, year)).order_by()
    rows = wanted.values_list("year", "month", "pk", "state", "approved_by__display_name", "approved_at")
    return {(of_year, month): ReturnFacts(pk, state, name or "", at) for of_year, month, pk, state, name, at in rows}


def load_items(unit: Unit, year: int) -> dict[tuple[str, int], list[Highlight]]:
    """Return the finished items of the year and the year before by (list code, year), in the order people gave."""
    found = defaultdict(list)
    for row in _finished_items(unit, year).annotate(list_code=F("named_list__code")):
        found[row.list_code, row.year].append(row)
    return found


def load_item_dates(unit: Unit, year: int) -> dict[tuple[str, int], list[ItemDates]]:
    """Return when these items were, for whoever only counts them."""
    found = defaultdict(list)
    rows = _finished_items(unit, year).order_by().values_list("named_list__code", "year", "date_from", "date_to")
    for list_code, of_year, first, last in rows:
        found[list_code, of_year].append(ItemDates(first, last))
    return found


def _finished_items(unit: Unit, year: int) -> QuerySet[Highlight]:
    return Highlight.objects.filter(unit=unit, year__in=(year - 1, year), status=ItemStatus.DONE)
