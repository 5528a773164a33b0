"""Population: the yearly register of a township's villages, and the monthly cells that follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import PopulationKind
from accounts.models import Population, Unit
from metrics.choices import FigureKind
from metrics.models import DistrictYear, Figure, Indicator, MonthlyReturn
from metrics.permissions import check_can_keep_units
from metrics.queries import villages_of_month
from metrics.services.figures import record, write_figures
from workflow.choices import EDITABLE_STATES, Subject
from workflow.services import record_event
from workflow.transitions import Refused

POPULATION_CODE = "vol_household_population"


@dataclass(frozen=True)
class PersonsInput:
    """What a village's population of a year shall be, and what it was on the screen; None is not known."""

    village: Unit
    persons: int | None
    before: int | None


@transaction.atomic
def save_populations(*, by, township: Unit, year: int, inputs: list[PersonsInput]) -> int:
    """Keep the household population of a township's villages for a year; returns how many changed.

    Open months of the year follow in the cells that nobody typed. Raises PermissionDenied, or Refused naming the villages
    whose figure somebody else changed meanwhile.
    """
    check_can_keep_units(by, township)
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=township.pk)
    rows = Population.objects.filter(unit__parent=township, year=year, kind=PopulationKind.HOUSEHOLD)
    stored = dict(rows.values_list("unit_id", "persons"))
    fresh = [row for row in inputs if row.persons != row.before and row.persons != stored.get(row.village.pk)]
    moved = [f"{row.village.name} {stored.get(row.village.pk, '—')}" for row in fresh if stored.get(row.village.pk) != row.before]
    if moved:
        words = _("Somebody else changed the population meanwhile: %(rows)s. Compare and save again.")
        raise Refused(words % {"rows": "、".join(moved)})
    for row in fresh:
        if row.persons is None:
            rows.filter(unit=row.village).delete()
        else:
            Population.objects.update_or_create(
                unit=row.village, year=year, kind=PopulationKind.HOUSEHOLD, defaults={"persons": row.persons}
            )
    if fresh:
        follow_units(by, township, date(year, 1, 1))  # before the Event: everybody locks returns first, then the chain
        _record_register(by, township, year, fresh, stored)
    return len(fresh)


def _record_register(by, township: Unit, year: int, fresh: list[PersonsInput], stored: dict[int, int]) -> None:
    changes = [
        {"year": year, "unit": row.village.code, "name": row.village.name, "old": stored.get(row.village.pk), "new": row.persons}
        for row in fresh
    ]
    record_event(
        by=by, unit=township, subject_kind=Subject.UNIT, subject_id=township.pk, deed="save_populations", changes=changes
    )


def follow_units(by, township: Unit, since: date) -> None:
    """Let the open months from that of `since` on follow villages and register. Call it in the transaction of the deed."""
    papers = MonthlyReturn.objects.since(since).filter(unit=township, state__in=EDITABLE_STATES)
    for paper in papers.select_for_update(of=("self",)).select_related("unit").order_by("pk"):
        settings = DistrictYear.objects.filter(district=township.parent_id, year=paper.year).first() or DistrictYear()
        rows, gone = carried_cells(paper, settings)
        changes = [{"cell": row.anchor, "old": row.before, "new": row.raw} for row in rows]
        changes += [{"cell": row.anchor, "old": row.raw, "new": ""} for row in gone]
        Figure.objects.filter(pk__in=[row.pk for row in gone]).delete()
        if rows:
            write_figures(by, paper, rows, changes, deed="carry_population")
        elif gone:
            record(by, paper, "carry_population", changes=changes)


def carried_cells(monthly_return: MonthlyReturn, settings: DistrictYear) -> tuple[list[Figure], list[Figure]]:
    """Return the population cells to write from the register, and those to take away: of villages that are none any more.

    Cells that somebody typed stay. Each cell to write carries its old text as `before`.
    """
    year, month = monthly_return.year, monthly_return.month
    indicators = Indicator.objects.of_year(monthly_return.unit.parent_id, year).counted_in(year, month)
    indicator = indicators.filter(code=POPULATION_CODE).first()
    if indicator is None:
        return [], []
    children = list(monthly_return.unit.children.all())
    standing = villages_of_month(children, year, month)
    stored = {row.unit_id: row for row in _stored(monthly_return)}
    rows = []
    for unit, persons in registered(standing, children, year, settings.population_kind).items():
        old = stored.get(unit.pk)
        if old is None or (old.updated_by_id is None and old.value != persons):
            rows.append(_cell(monthly_return, old.indicator if old else indicator, unit, persons, old))
    there = {unit.pk for unit in standing}
    return rows, [row for pk, row in stored.items() if pk not in there and row.updated_by_id is None]


def _stored(monthly_return: MonthlyReturn):
    return Figure.objects.filter(monthly_return=monthly_return, indicator__code=POPULATION_CODE).select_related(
        "indicator", "unit"
    )


def _cell(monthly_return, indicator, unit, persons: int, old: Figure | None) -> Figure:
    cell = Figure(
        monthly_return=monthly_return, indicator=indicator, unit=unit, kind=FigureKind.VALUE, value=persons, raw=str(persons),
        version=old.version + 1 if old else 1, updated_at=timezone.now(),
    )  # fmt: skip
    cell.before = old.raw if old else ""
    return cell


def registered(standing: list[Unit], children: list[Unit], year: int, kind: str) -> dict[Unit, int]:
    """Return the population of the villages that stand in a month, from the newest figures up to the year.

    A village that others went into counts theirs too while it has no figure of its own; in a month in which one of them
    still stands its figure is of a later day, and it is left out.
    """
    register = Population.objects.filter(unit__in=children, year__lte=year, kind=kind).order_by("year")
    persons = dict(register.values_list("unit_id", "persons"))
    there, found = {unit.pk for unit in standing}, {}
    for unit in standing:
        behind = [row for row in children if row.successor_id == unit.pk]
        if any(row.pk in there for row in behind):
            continue
        counts = [persons.get(row.pk) for row in ([unit] if unit.pk in persons or not behind else behind)]
        if None not in counts:
            found[unit] = sum(counts)
    return found
