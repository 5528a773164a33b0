"""Saving typed cells: judged one by one, written together, nothing typed lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import STORED_SOURCES, FigureKind
from metrics.ledger_sums import ledger_values
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.numbers import parse_number, plain
from metrics.permissions import check_can_edit, check_can_edit_cell
from metrics.queries import villages_of_month
from metrics.services.editors import note_editor
from metrics.services.operations import Earlier, keep_operations, load_earlier
from workflow.choices import Subject
from workflow.services import record_event
from workflow.texts import fitted, most_of
from workflow.transitions import Refused


@dataclass(frozen=True)
class CellInput:
    """What was typed into a cell, and the version that was on the screen. `explanation` None leaves it as it is.

    `op_id` names the change, so that sending it again finds its first result; `after` are ids of this person's changes of
    the cell that were sent before it and never answered: whichever of them was carried out is what was on the screen.
    """

    cell: str
    raw: str
    base_version: int = 0
    explanation: str | None = None
    op_id: str = ""
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellResult:
    """What became of it. status: saved | unchanged | conflict | refused; `other` shows the stored side of a conflict.

    `dropped` is the explanation that went with the old number, so that whoever undoes the change can bring it back.
    """

    cell: str
    status: str
    version: int
    kind: str
    value: Decimal | None
    raw: str
    message: str = ""
    suggestion: str = ""
    other: dict | None = None
    dropped: str = ""


def record(by, monthly_return, deed, *, from_state="", to_state="", reason="", changes=()) -> None:
    """Append an Event about a return."""
    record_event(
        by=by, unit=monthly_return.unit, subject_kind=Subject.RETURN, subject_id=monthly_return.pk, deed=deed,
        from_state=from_state, to_state=to_state, reason=reason, changes=changes,
    )  # fmt: skip


def locked(monthly_return: MonthlyReturn) -> MonthlyReturn:
    """Return the return's row under a lock: every write to its figures or state waits for it."""
    return MonthlyReturn.objects.select_for_update(of=("self",)).select_related("unit").get(pk=monthly_return.pk)


@transaction.atomic
def save_figures(*, by, monthly_return, inputs: list[CellInput]) -> list[CellResult]:
    """Save typed cells; each is judged by its own version, and whatever cannot be read is kept as typed.

    One upsert and one Event whatever the number of cells. An operation that was carried out before gives its first result,
    even when the return has been closed since. Raises Refused or PermissionDenied when the return is closed to this person;
    a foreign or unknown cell comes back as `refused`.
    """
    monthly_return = locked(monthly_return)
    earlier = load_earlier(by, monthly_return, inputs)
    fresh = [typed for typed in inputs if typed.op_id not in earlier.results]
    if fresh:
        check_can_edit(by, monthly_return)
    saved = _save_fresh(by, monthly_return, fresh, earlier)
    keep_operations(by, monthly_return, [(typed, result) for typed, result in zip(fresh, saved, strict=True) if typed.op_id])
    answers = iter(saved)
    return [CellResult(**earlier.results[row.op_id]) if row.op_id in earlier.results else next(answers) for row in inputs]


def _save_fresh(by, monthly_return, inputs: list[CellInput], earlier: Earlier) -> list[CellResult]:
    cells = _writable_cells(by, monthly_return, inputs) if inputs else {}
    stored = _stored_figures(monthly_return, cells) if cells else {}
    counted = _counted_cells(monthly_return, cells)
    results, rows, changes = [], {}, []
    for typed in inputs:
        place = cells.get(typed.cell)
        old = rows.get(typed.cell) or (stored.get((place[0].code, place[1].pk)) if place else None)
        based = replace(typed, base_version=max(typed.base_version, earlier.version_after(typed)))
        result, new = _judge(by, monthly_return, based, place, old, counted)
        results.append(result)
        if new:
            changes.append(_change_of(typed.cell, old, new))
            rows[typed.cell] = new
    write_figures(by, monthly_return, list(rows.values()), changes)
    if rows:
        note_editor(by=by, monthly_return=monthly_return)
    return results


def _change_of(cell: str, old: Figure | None, new: Figure) -> dict:
    """Return a cell's line of the Event: old and new text, and old and new explanation where that changed."""
    change = {"cell": cell, "old": old.raw if old else "", "new": new.raw}
    before = old.explanation if old else ""
    return change if before == new.explanation else {**change, "old_explanation": before, "new_explanation": new.explanation}


def _writable_cells(by, monthly_return, inputs) -> dict[str, tuple[Indicator, Unit]]:
    """Map cell names to indicator and unit, leaving out what does not exist or is not this person's."""
    codes = {typed.cell.partition("@")[0] for typed in inputs}
    year, month = monthly_return.year, monthly_return.month
    counted = Indicator.objects.of_year(monthly_return.unit.parent_id, year).counted_in(year, month)
    indicators = counted.filter(code__in=codes, source__in=STORED_SOURCES)
    needed = indicators.select_related(None).order_by().only("code", "name", "measure", "decimals", "level", "source", "formula")
    by_code = {row.code: row for row in needed}
    villages = _villages(monthly_return) if any("@" in typed.cell for typed in inputs) else {}
    cells = {}
    for typed in inputs:
        code, _at, village = typed.cell.partition("@")
        indicator = by_code.get(code)
        unit = villages.get(village) if village else monthly_return.unit
        if indicator and unit and indicator.is_by_village == bool(village):
            check_can_edit_cell(by, monthly_return, village)
            cells[typed.cell] = (indicator, unit)
    return cells


def _villages(monthly_return) -> dict[str, Unit]:
    """Return the villages of the month by code: those valid at its end, and those that ended within it and have a figure."""
    children = list(monthly_return.unit.children.all())
    valid = villages_of_month(children, monthly_return.year, monthly_return.month)
    if len(valid) < len(children):
        filled = set(Figure.objects.filter(monthly_return=monthly_return).order_by().values_list("unit", flat=True).distinct())
        valid += [unit for unit in children if unit.pk in filled and unit not in valid]
    return {unit.code: unit for unit in valid}


def _counted_cells(monthly_return, cells) -> dict[str, Decimal | None]:
    """Return cell -> its ledger's sum (None without entries), for the cells that only their ledger fills."""
    counted = {name: indicator for name, (indicator, _unit) in cells.items() if not indicator.is_entered}
    if not counted:
        return {}
    values = ledger_values(monthly_return.unit, monthly_return.year, monthly_return.month, set(counted.values()))
    return {name: values.get(name) for name in counted}


def _ledger_fault(typed: str, read, ledger: Decimal | None) -> str:
    """Return why a cell that its ledger fills does not take what was typed, "" when it does."""
    if ledger is not None and (read.kind, read.value) != (FigureKind.VALUE, ledger):
        return _("This figure is counted from its ledger, which comes to %(sum)s. Correct the ledger instead.") % {
            "sum": plain(ledger)
        }
    if ledger is None and (read.kind == FigureKind.TEXT or read.value):
        return _("“%(typed)s” was not saved: this figure is counted from its ledger. Enter there what happened; here only 0, "
                 "不适用 or 未统计 can be typed.") % {"typed": typed}  # fmt: skip
    return ""


def _stored_figures(monthly_return, cells) -> dict[tuple[str, int], Figure]:
    """Return the stored cells by code and unit: by code, for a unit that came from another district has that one's rows."""
    codes = {indicator.code for indicator, _unit in cells.values()}
    rows = Figure.objects.filter(monthly_return=monthly_return, indicator__code__in=codes)
    named = rows.annotate(updated_name=F("updated_by__display_name"), code=F("indicator__code"))
    return {(row.code, row.unit_id): row for row in named}


def _judge(by, monthly_return, typed: CellInput, place, old: Figure | None, counted) -> tuple[CellResult, Figure | None]:
    """Return what becomes of one typed cell, and the row to write, if any."""
    if place is None:
        return _refused(typed, _("There is no such cell in this return.")), None
    indicator, unit = place
    read = parse_number(typed.raw[:200], measure=indicator.measure, decimals=indicator.decimals, name=indicator.name)
    if typed.cell in counted and (fault := _ledger_fault(typed.raw, read, counted[typed.cell])):
        return _refused(typed, fault), None
    try:
        explanation = _standing_explanation(old, read) if typed.explanation is None else _fitted_explanation(typed.explanation)
    except Refused as refusal:
        return _refused(typed, str(refusal)), None
    if old and (old.kind, old.value, old.raw, old.explanation) == (
        read.kind,
        read.value,
        _kept(read),
        explanation,
    ):
        return _result(typed, "unchanged", old, read), None
    if old is None and read.kind == FigureKind.BLANK and not explanation and not typed.base_version:
        return CellResult(typed.cell, "unchanged", 0, FigureKind.BLANK, None, ""), None
    if typed.base_version != (old.version if old else 0):
        return _result(typed, "conflict", old, read, other=_other_side(old)), None
    new = Figure(
        monthly_return=monthly_return, indicator_id=old.indicator_id if old else indicator.pk, unit=unit, kind=read.kind,
        value=read.value, raw=_kept(read),
        explanation=explanation, version=(old.version if old else 0) + 1, updated_at=timezone.now(), updated_by=by,
    )  # fmt: skip
    new.updated_name = by.display_name
    dropped = old.explanation if old and typed.explanation is None and not explanation else ""
    return replace(_result(typed, "saved", new, read), dropped=dropped), new


def _refused(typed: CellInput, message: str) -> CellResult:
    return CellResult(typed.cell, "refused", 0, FigureKind.BLANK, None, typed.raw, message)


def _standing_explanation(old: Figure | None, read) -> str:
    """Return the explanation that stays: one belongs to the number it explained, not to the next one."""
    return old.explanation if old and (old.kind, old.value) == (read.kind, read.value) else ""


def _fitted_explanation(text: str) -> str:
    return fitted(text, most_of("metrics.Figure", "explanation"), _("Explanation"))


def _kept(read) -> str:
    """Return what is stored as typed: blanks as nothing, numbers in plain digits, everything else letter by letter."""
    if read.kind == FigureKind.VALUE:
        return plain(read.value)
    return "" if read.kind == FigureKind.BLANK else read.text


def _result(typed, status, figure, read, other=None) -> CellResult:
    message = str(read.message)
    if status == "conflict":
        message = _("Somebody else changed this cell meanwhile. Both values are shown; choose one.")
        return CellResult(
            typed.cell,
            status,
            figure.version if figure else 0,
            read.kind,
            read.value,
            typed.raw,
            message,
            other=other,
        )
    return CellResult(typed.cell, status, figure.version, figure.kind, figure.value, figure.raw, message, read.suggestion)


def _other_side(old: Figure | None) -> dict:
    if old is None:
        return {"raw": "", "version": 0, "by": "", "at": ""}
    return {
        "raw": old.raw,
        "version": old.version,
        "by": old.updated_name or "",
        "at": timezone.localtime(old.updated_at).strftime("%m-%d %H:%M"),
    }


def write_figures(by, monthly_return, rows: list[Figure], changes: list[dict], deed: str = "save") -> None:
    """Write cells in one statement, and one Event with old and new texts; nothing when there is nothing to write."""
    if not rows:
        return
    Figure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["monthly_return", "indicator", "unit"],
        update_fields=["kind", "value", "raw", "explanation", "version", "updated_at", "updated_by"],
    )  # fmt: skip
    record(by, monthly_return, deed, changes=changes)


@transaction.atomic
def explain_figure(*, by, monthly_return, cell: str, text: str) -> Figure:
    """Keep the one-line explanation of a query; the reviewer reads it. Raises Refused when the cell has no figure yet."""
    monthly_return = locked(monthly_return)
    code, _at, village = cell.partition("@")
    check_can_edit_cell(by, monthly_return, village)
    rows = Figure.objects.filter(monthly_return=monthly_return, indicator__code=code)
    figure = rows.filter(unit__code=village or monthly_return.unit.code).first()
    if figure is None:
        raise Refused(_("Type the figure first, then explain it."))
    old, figure.explanation = figure.explanation, _fitted_explanation(text)
    figure.save(update_fields=["explanation"])
    record(by, monthly_return, "explain", changes=[{"cell": cell, "old": old, "new": figure.explanation}])
    return figure
