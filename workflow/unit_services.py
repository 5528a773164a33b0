"""Taking a table of units in, all or nothing, with its Event (see account_services for why it lives here)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Population, Unit
from accounts.unit_table import UnitLine, UnitTableError, level_of
from workflow.choices import Subject
from workflow.services import record_event


@transaction.atomic
def import_units(*, by, lines: list[UnitLine], year: int) -> tuple[int, int]:
    """Create and update units with their household population of `year`; returns how many were made and how many changed.

    Raises UnitTableError when a parent is missing or of the wrong level; nothing is written then. `by` None is the command
    line.
    """
    units = {unit.code: unit for unit in Unit.objects.all()}
    made, changed, faults = 0, 0, []
    for order, line in enumerate(sorted(lines, key=lambda line: level_of(line.kind))):
        parent = units.get(line.parent_code)
        if fault := _parent_fault(line, parent):
            faults.append(fault)
            continue
        known = units.get(line.code)
        units[line.code] = unit = _save_unit(line, parent, known, order)
        made, changed = made + (known is None), changed + (known is not None)
        if line.persons is not None:
            Population.objects.update_or_create(unit=unit, year=year, defaults={"persons": line.persons})
    if faults:
        raise UnitTableError(faults)
    _record(by, units, lines, made, changed)
    return made, changed


def _parent_fault(line: UnitLine, parent: Unit | None) -> str:
    if level_of(line.kind) == 0:
        return ""
    values = {"number": line.number, "code": line.parent_code}
    if parent is None:
        return _("line %(number)d: parent_code %(code)s is neither in the table nor known") % values
    if level_of(parent.kind) != level_of(line.kind) - 1:
        return _("line %(number)d: parent_code %(code)s is not of the level above") % values
    return ""


def _save_unit(line: UnitLine, parent, known: Unit | None, order: int) -> Unit:
    unit = known or Unit(code=line.code)
    unit.name, unit.kind, unit.parent, unit.valid_from, unit.order = line.name, line.kind, parent, line.valid_from, order
    unit.save()
    return unit


def _record(by, units, lines, made, changed) -> None:
    districts = {_district_of(units[line.code]) for line in lines}
    for district in districts:
        facts = {"made": made, "changed": changed}
        record_event(
            by=by, unit=district, subject_kind=Subject.UNIT, subject_id=district.pk, deed="import_units", changes=[facts]
        )


def _district_of(unit: Unit) -> Unit:
    while unit.parent_id:
        unit = unit.parent
    return unit
