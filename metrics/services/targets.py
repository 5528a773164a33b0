"""Targets of a district's townships: typed, pasted or proposed, they are all written here."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.models import Indicator, Target
from metrics.numbers import Kind, parse_number, plain
from metrics.permissions import check_can_set_targets
from metrics.progress import can_have_target
from workflow.choices import Subject
from workflow.services import record_event


@dataclass(frozen=True)
class TargetInput:
    """What was typed for a township and an indicator, and the version that was on the screen; blank takes the target away."""

    unit: int
    code: str
    raw: str
    base_version: int = 0


@dataclass(frozen=True)
class TargetResult:
    """What became of it. status: saved, unchanged, conflict or refused; `message` says why it was not saved."""

    typed: TargetInput
    status: str
    message: str = ""


@transaction.atomic
def save_targets(*, by, district: Unit, year: int, inputs: list[TargetInput], note: str = "") -> list[TargetResult]:
    """Save targets; each is judged by its own version, and what cannot be read comes back refused. One Event for all.

    `note` is what the saved ones go back to: a document, a formula.

    Raises PermissionDenied. Units of other districts and unknown indicators are refused.
    """
    check_can_set_targets(by, district)
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)  # two administrators write one after the other
    units = {unit.pk: unit for unit in Unit.objects.townships().filter(parent=district)}
    indicators = {row.code: row for row in Indicator.objects.of_year(district, year).counted_in(year) if can_have_target(row)}
    stored = {(row.unit_id, row.code): row for row in Target.objects.filter(unit__in=units, year=year)}
    results, writing, leaving, changes = [], [], [], []
    for typed in inputs:
        unit, indicator, old = units.get(typed.unit), indicators.get(typed.code), stored.get((typed.unit, typed.code))
        result, new = _judge(by, year, typed, unit, indicator, old)
        results.append(result)
        if result.status != "saved":
            continue
        if new:
            new.note = note.strip()[:120]
            writing.append(new)
        else:
            leaving.append(old.pk)
        changes.append({"unit": unit.code, "indicator": typed.code, "year": year, "old": plain(old.value) if old else "",
                        "new": plain(new.value) if new else ""})  # fmt: skip
    _write(by, district, writing, leaving, changes, note)
    return results


def _judge(by, year, typed: TargetInput, unit, indicator, old: Target | None) -> tuple[TargetResult, Target | None]:
    """Return what becomes of one typed target, and the row to write; a blank that was there is saved without a row."""
    if unit is None or indicator is None:
        return TargetResult(typed, "refused", _("There is no such township or indicator in this year.")), None
    where = f"{unit.name} · {indicator.name}"
    read = parse_number(typed.raw[:200], measure=indicator.measure, decimals=indicator.decimals, name=indicator.name)
    if read.kind not in (Kind.VALUE, Kind.BLANK):
        reason = read.message or _("Type the target in digits, or leave it blank where there is none.")
        return TargetResult(typed, "refused", f"{where}：{reason}"), None
    if read.value == (old.value if old else None):
        return TargetResult(typed, "unchanged"), None
    if typed.base_version != (old.version if old else 0):
        now = plain(old.value) if old else _("blank")
        words = _("%(where)s: somebody else set it to %(now)s meanwhile; you typed “%(typed)s”. Save again to replace theirs.")
        return TargetResult(typed, "conflict", words % {"where": where, "now": now, "typed": typed.raw}), None
    if read.kind == Kind.BLANK:
        return TargetResult(typed, "saved"), None
    return TargetResult(typed, "saved"), Target(
        unit=unit, year=year, code=indicator.code, value=read.value,
        version=(old.version if old else 0) + 1, updated_by=by, updated_at=timezone.now(),
    )  # fmt: skip


def _write(by, district: Unit, writing: list[Target], leaving: list[int], changes: list[dict], note: str) -> None:
    if not changes:
        return
    Target.objects.bulk_create(
        writing, update_conflicts=True, unique_fields=["unit", "year", "code"],
        update_fields=["value", "note", "version", "updated_at", "updated_by"],
    )  # fmt: skip
    Target.objects.filter(pk__in=leaving).delete()
    record_event(
        by=by, unit=district, subject_kind=Subject.TARGET, subject_id=district.pk, deed="set_targets", reason=note,
        changes=changes,
    )  # fmt: skip
