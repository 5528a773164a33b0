"""Names that a village went or will go by: merged and renamed villages, for whoever pastes an older or a newer table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.ledger_sums import month_end
from metrics.models import MonthlyReturn
from metrics.queries import villages_of_month


@dataclass(frozen=True)
class OtherName:
    """A name that is no row of a month's sheet: the code of the village that stands for it ("" when unknown), and why."""

    name: str
    code: str
    note: str

    @property
    def data(self) -> dict[str, str]:
        """As the page's script reads it."""
        return {"name": self.name, "id": self.code, "note": self.note}


def other_names(monthly_return: MonthlyReturn) -> list[OtherName]:
    """Return the villages that do not exist at the end of the month, each with the one that counts for it; one query."""
    villages = list(monthly_return.unit.children.all())
    valid = {unit.pk for unit in villages_of_month(villages, monthly_return.year, monthly_return.month)}
    end = month_end(monthly_return.year, monthly_return.month)
    by_pk = {unit.pk: unit for unit in villages}
    found = []
    for unit in villages:
        if unit.pk not in valid:
            is_gone = unit.valid_from <= end
            found.append(_gone(unit, by_pk, valid) if is_gone else _to_come(unit, by_pk, valid))
    return found


def _gone(unit: Unit, by_pk: dict[int, Unit], valid: set[int]) -> OtherName:
    heir = _heir(unit, by_pk, valid)
    values = {"old": unit.name, "day": date_format(unit.valid_to, "Y-m-d")}
    if heir is not None:
        words = _("%(old)s ended on %(day)s; %(new)s came in its place.")
        return OtherName(unit.name, heir.code, words % {**values, "new": heir.name})
    return OtherName(unit.name, "", _("%(old)s ended on %(day)s; choose the village that counts it now.") % values)


def _heir(unit: Unit, by_pk: dict[int, Unit], valid: set[int]) -> Unit | None:
    """Return the valid village that followed one, over any number of mergers and renamings."""
    known = set()
    while unit is not None and unit.pk not in valid and unit.pk not in known:
        known.add(unit.pk)
        unit = by_pk.get(unit.successor_id)
    return unit if unit is not None and unit.pk in valid else None


def _to_come(unit: Unit, by_pk: dict[int, Unit], valid: set[int]) -> OtherName:
    """Say which village a later one is in this month, when it came out of a single one."""
    forebears, wave, known = [], [unit], {unit.pk}
    while wave:
        pks = {row.pk for row in wave}
        wave = [row for row in by_pk.values() if row.successor_id in pks and row.pk not in known]
        known |= {row.pk for row in wave}
        forebears += [row for row in wave if row.pk in valid]
        wave = [row for row in wave if row.pk not in valid]
    values = {"new": unit.name, "day": date_format(unit.valid_from, "Y-m-d")}
    if len(forebears) != 1:
        return OtherName(unit.name, "", _("%(new)s exists only from %(day)s on.") % values)
    words = _("%(new)s exists only from %(day)s on; in this month it is %(old)s.")
    return OtherName(unit.name, forebears[0].code, words % {**values, "old": forebears[0].name})


def ended_words(unit: Unit, monthly_return: MonthlyReturn) -> str:
    """Return why a village that has figures in a month is not one of its villages at the end; "" for one that is."""
    end = month_end(monthly_return.year, monthly_return.month)
    if unit.valid_to is None or unit.valid_to >= end:
        return ""
    words = _("Ended on %(day)s. Its figures count in this month; clear them if they are entered with the village that followed.")
    return words % {"day": date_format(unit.valid_to, "Y-m-d")}
