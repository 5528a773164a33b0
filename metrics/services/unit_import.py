"""Taking a table of units in, all or nothing, with its Event; and saying before what it would do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.choices import PopulationKind
from accounts.models import Population, Unit
from metrics.services.population import follow_units
from metrics.services.units import check_months_open
from metrics.unit_table import Fault, UnitLine, UnitTableError, level_of
from workflow.choices import Subject
from workflow.services import record_event
from workflow.transitions import Refused

LONG_AGO = date(2000, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Planned:
    """What a line does: `new`, `changed`, `ended` or `same`; `changes` are field, old and new as text."""

    number: int
    code: str
    name: str
    what: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass
class UnitPlan:
    """What a table comes to: its lines in the order of the file, and why others are refused."""

    rows: list[Planned] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def count(self, *what: str) -> int:
        """Return how many lines do this."""
        return sum(row.what in what for row in self.rows)


class _DryRun(Exception):
    """Takes back what a dry run has written."""


def plan_units(*, lines: list[UnitLine], year: int) -> UnitPlan:
    """Return what import_units would do, by doing it and taking it back."""
    plan = UnitPlan()
    try:
        with transaction.atomic():
            _take_in(None, lines, year, plan)
            raise _DryRun
    except _DryRun:
        return plan


@transaction.atomic
def import_units(*, by, lines: list[UnitLine], year: int) -> UnitPlan:
    """Create, change and end units with their household population of `year`; returns what was done, line by line.

    Raises UnitTableError when a line cannot be: a parent missing or of the wrong level, a predecessor that does not end
    before, a month that is handed in; nothing is written then. `by` None is the command line.
    """
    plan = UnitPlan()
    units = _take_in(by, lines, year, plan)
    if plan.faults:
        raise UnitTableError([str(fault) for fault in plan.faults])
    _record(by, units, lines, plan)
    return plan


def _take_in(by, lines: list[UnitLine], year: int, plan: UnitPlan) -> dict[str, Unit]:
    units = {
        unit.code: unit
        for unit in Unit.objects.select_for_update(of=("self",), no_key=True).select_related("parent").order_by("pk")
    }
    order = max((unit.order for unit in units.values()), default=-1) + 1
    first_days: dict[int, date] = {}
    good = []
    for place, line in enumerate(sorted(lines, key=lambda line: level_of(line.kind))):
        reason = _parent_fault(line, units)
        if not reason:
            good.append(line)
            reason = _save_unit(line, units, order + place, plan, first_days)
        plan.faults += [Fault(line.number, line.code, reason)] if reason else []
    for line in good:
        reason = _name_successors(line, units, plan)
        plan.faults += [Fault(line.number, line.code, reason)] if reason else []
    _save_persons(good, units, year, first_days)
    for pk, day in first_days.items():
        follow_units(by, Unit.objects.get(pk=pk), day)
    plan.rows.sort(key=lambda row: row.number)
    plan.faults.sort(key=lambda fault: fault.number)
    return units


def _parent_fault(line: UnitLine, units: dict[str, Unit]) -> str:
    known, parent = units.get(line.code), units.get(line.parent_code)
    if known and level_of(known.kind) != level_of(line.kind):
        return _("%(name)s is of another level already; a code stays with its unit") % {"name": known.name}
    if level_of(line.kind) == 0:
        return ""
    if parent is None:
        return _("parent_code %(code)s is neither in the table nor known") % {"code": line.parent_code}
    if level_of(parent.kind) != level_of(line.kind) - 1:
        return _("parent_code %(code)s is not of the level above") % {"code": line.parent_code}
    return ""


def _save_unit(line: UnitLine, units: dict[str, Unit], order: int, plan: UnitPlan, first_days: dict[int, date]) -> str:
    """Write one unit and note what changed; returns why not, when not."""
    known = units.get(line.code)
    old, left = (_facts(known), known.parent) if known else ({}, None)
    unit = known or Unit(code=line.code, order=order, valid_from=LONG_AGO)
    unit.name, unit.kind, unit.parent = line.name, line.kind, units.get(line.parent_code)
    unit.valid_from, unit.valid_to = line.valid_from or unit.valid_from, line.valid_to or unit.valid_to
    now = _facts(unit)
    changes = tuple((name, str(old[name] or ""), str(now[name] or "")) for name in old if old[name] != now[name])
    if unit.valid_to and unit.valid_to < unit.valid_from:
        return _("it began on %(day)s and cannot end before that") % {"day": date_format(unit.valid_from, "Y-m-d")}
    if unit.is_village and (day := _first_day(old, now)):
        try:
            for township in {unit.parent, left or unit.parent}:
                check_months_open(township, day)
                first_days[township.pk] = min(day, first_days.get(township.pk, day))
        except Refused as refusal:
            return str(refusal)
    if not known or changes:
        unit.save()
    units[line.code] = unit
    ends = any(name == "valid_to" for name, _old, _new in changes)
    what = "new" if not known else "ended" if ends else "changed" if changes or line.persons is not None else "same"
    plan.rows.append(Planned(line.number, line.code, line.name, what, changes))
    return ""


def _facts(unit: Unit) -> dict:
    parent = unit.parent.code if unit.parent else ""
    days = {"valid_from": unit.valid_from, "valid_to": unit.valid_to}
    return {"name": unit.name, "kind": str(unit.kind), "parent_code": parent, **days}


def _first_day(old: dict, now: dict) -> date | None:
    """Return the first day on which a village is in a township and was not, or the other way round."""
    if not old or old["parent_code"] != now["parent_code"]:
        return min(row["valid_from"] for row in (old, now) if row)
    days = {old["valid_from"], now["valid_from"]} if old["valid_from"] != now["valid_from"] else set()
    if old["valid_to"] != now["valid_to"]:
        days |= {day + DAY for day in (old["valid_to"], now["valid_to"]) if day}
    return min(days, default=None)


def _name_successors(line: UnitLine, units: dict[str, Unit], plan: UnitPlan) -> str:
    """Let the predecessors of a line name it; returns why not, when not."""
    heir = units.get(line.code)
    for code in line.predecessors if heir is not None and heir.pk else ():
        unit = units.get(code)
        if unit is None:
            return _("predecessor %(code)s is neither in the table nor known") % {"code": code}
        values = {"code": code, "name": unit.name}
        if level_of(unit.kind) != level_of(heir.kind) or (heir.is_village and unit.parent_id != heir.parent_id):
            return _("predecessor %(code)s %(name)s is of another level or another township") % values
        if unit.valid_to is None:
            return _("predecessor %(code)s %(name)s has no valid_to: a unit that merges ends") % values
        if heir.valid_from > unit.valid_to + DAY or (heir.valid_to and heir.valid_to <= unit.valid_to):
            return _("predecessor %(code)s %(name)s ends on a day after which this unit does not stand") % values
        if unit.successor_id != heir.pk:
            unit.successor = heir
            unit.save(update_fields=["successor"])
            _note_successor(unit, heir, plan)
    return ""


def _note_successor(unit: Unit, heir: Unit, plan: UnitPlan) -> None:
    change = ("predecessors", "", unit.code)
    for place, row in enumerate(plan.rows):
        if row.code == heir.code:
            what = "changed" if row.what == "same" else row.what
            plan.rows[place] = replace(row, what=what, changes=(*row.changes, change))


def _save_persons(lines: list[UnitLine], units: dict[str, Unit], year: int, first_days: dict[int, date]) -> None:
    for line in lines:
        unit = units.get(line.code)
        if line.persons is not None and unit is not None and unit.pk:
            Population.objects.update_or_create(
                unit=unit, year=year, kind=PopulationKind.HOUSEHOLD, defaults={"persons": line.persons}
            )
            if unit.is_village:
                first_days[unit.parent_id] = min(date(year, 1, 1), first_days.get(unit.parent_id, date(year, 1, 1)))


def _record(by, units: dict[str, Unit], lines: list[UnitLine], plan: UnitPlan) -> None:
    facts = {"made": plan.count("new"), "changed": plan.count("changed", "ended")}
    rows = [{"unit": row.code, "what": row.what, "changes": row.changes} for row in plan.rows if row.what != "same"]
    for district in {_district_of(units[line.code]) for line in lines}:
        own = [row for row in rows if _district_of(units[row["unit"]]) == district]
        record_event(
            by=by, unit=district, subject_kind=Subject.UNIT, subject_id=district.pk, deed="import_units", changes=[facts, *own]
        )


def _district_of(unit: Unit) -> Unit:
    while unit.parent_id:
        unit = unit.parent
    return unit
