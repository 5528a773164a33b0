"""Targets of a district's townships: typed, pasted or proposed, they are all written here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

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
        changes.append(_change(unit, year, typed.code, old, new.value if new else None))
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


def _write(
    by, about: Unit, writing: list[Target], leaving: list[int], changes: list[dict], note: str, deed="set_targets"
) -> None:
    if not changes:
        return
    Target.objects.bulk_create(
        writing, update_conflicts=True, unique_fields=["unit", "year", "code"],
        update_fields=["value", "note", "version", "updated_at", "updated_by"],
    )  # fmt: skip
    Target.objects.filter(pk__in=leaving).delete()
    record_event(
        by=by, unit=about, subject_kind=Subject.TARGET, subject_id=about.pk, deed=deed, reason=note, changes=changes,
    )  # fmt: skip


@dataclass(frozen=True)
class AdoptedTargets:
    """What became of an approved plan: `standing` are the plan's own targets now, `kept` what somebody else had set, by code."""

    standing: dict[str, Target]
    kept: dict[str, Target]


@transaction.atomic
def adopt_targets(*, by, unit: Unit, year: int, values: dict[str, Decimal], own: dict[str, int], note: str) -> AdoptedTargets:
    """Make a unit's targets of a year out of its approved plan; whoever calls has judged that `by` may approve it. One Event.

    `own` are the targets that an earlier version of the same plan set (code -> the version it left): these alone are replaced,
    or taken away where the plan no longer names them. A target that differs and is not among them stays as it is.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.parent_id)  # as save_targets: one writer after the other
    stored = {row.code: row for row in Target.objects.filter(unit=unit, year=year)}
    mine = {code for code, version in own.items() if code in stored and stored[code].version == version}
    kept = {code: stored[code] for code in values if code in stored and code not in mine and stored[code].value != values[code]}
    changed = {
        code: value for code, value in values.items()
        if code not in stored or (code in mine and stored[code].value != value)
    }  # fmt: skip
    writing = [_adopted(by, unit, year, code, value, stored.get(code), note) for code, value in changed.items()]
    leaving = [stored[code].pk for code in mine if code not in values]
    changes = [_change(unit, year, row.code, stored.get(row.code), row.value) for row in writing]
    changes += [_change(unit, year, code, stored[code], None) for code in sorted(mine) if code not in values]
    changes += [{**_change(unit, year, code, row, row.value), "planned": plain(values[code])} for code, row in kept.items()]
    _write(by, unit, writing, leaving, changes, note, deed="adopt_targets")
    rows = Target.objects.filter(unit=unit, year=year, code__in=changed.keys() | (mine & values.keys()))
    return AdoptedTargets({row.code: row for row in rows}, kept)


def _adopted(by, unit, year, code, value, old: Target | None, note: str) -> Target:
    version = (old.version if old else 0) + 1
    return Target(
        unit=unit, year=year, code=code, value=value, version=version, updated_by=by, updated_at=timezone.now(), note=note
    )


def _change(unit, year, code, old: Target | None, new: Decimal | None) -> dict:
    return {"unit": unit.code, "indicator": code, "year": year, "old": plain(old.value) if old else "", "new": plain(new)}
