"""An import counts: entries or figures written in one transaction with one Event; and taken back as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import ImportState, RowStatus
from metrics.imports.judging import Judged, clean_rows
from metrics.imports.return_rows import judge_cells, shown_raw
from metrics.models import Figure, Highlight, ImportBatch, ImportRow
from metrics.permissions import check_can_import, check_can_undo_import
from metrics.services.figures import CellInput, locked, save_figures
from metrics.services.imports import (
    CHUNK,
    RETURN_KIND,
    ROWS_AT_ONCE,
    WRITE_JOB,
    kind_of,
    locked_batch,
    open_job,
    record_import,
    request_import_job,
    told_apart,
    with_lock,
    write_rows,
)
from metrics.services.ledgers import day_of, entry_data, figures_follow
from workflow.transitions import Refused

COUNTING = (RowStatus.NEW, RowStatus.UPDATE)
MOST_NAMED = 5  # rows that a refusal names


@dataclass(frozen=True)
class _Moved:
    """The preview that was confirmed is no longer true; `judged` is how its rows read now."""

    judged: list[Judged]


def confirm_import(*, by, batch: ImportBatch, base_version: int, all_or_nothing: bool = False) -> ImportBatch:
    """Write what the preview promises. Twice is once; more than 500 rows are written by a worker (`open_job` tells).

    Raises PermissionDenied, or Refused: when the preview is no longer what was seen, when another person changed what it
    would change (the preview then shows the new state), or, with `all_or_nothing`, when a row is refused.
    """
    with transaction.atomic():
        stored = with_lock(batch)
        check_can_import(by, stored)
        if stored.state == ImportState.IMPORTED:
            return stored
        _check_ready(by, stored, base_version, all_or_nothing)
        if open_job(stored):
            return stored
        if _size(stored) > ROWS_AT_ONCE:
            request_import_job(by, stored, WRITE_JOB, {"version": base_version, "all_or_nothing": all_or_nothing})
            return stored
    return write_import(by=by, batch=stored, base_version=base_version, all_or_nothing=all_or_nothing)


def _size(batch: ImportBatch) -> int:
    return sum(batch.counts.get(status, 0) for status in RowStatus.values)


def _check_ready(by, batch: ImportBatch, base_version: int, all_or_nothing: bool) -> None:
    locked_batch(by, batch)
    if batch.state != ImportState.PREVIEW or batch.version != base_version:
        raise Refused(_("The preview has changed since this page was shown. Look at it once more, then confirm."))
    if all_or_nothing and batch.counts.get(RowStatus.ERROR):
        words = _("%(count)d rows are refused, so nothing was imported. Correct or skip them, or import the others alone.")
        raise Refused(words % {"count": batch.counts[RowStatus.ERROR]})
    if not any(batch.counts.get(status) for status in COUNTING):
        raise Refused(_("There is nothing to import: no row is new or changed."))


def write_import(
    *, by, batch: ImportBatch, base_version: int, all_or_nothing: bool = False, progress: Callable[[int, int], None] | None = None
) -> ImportBatch:
    """Read the rows once more, outside any lock, then write them all or, when the preview is no longer true, none."""
    rows = [(row.number, row.raw) for row in batch.rows.filter(is_skipped=False)]
    cleaned = None
    if batch.kind != RETURN_KIND:
        tell = (lambda done: progress(done, len(rows) + CHUNK)) if progress else None
        cleaned = clean_rows(kind_of(batch), batch.unit, rows, tell)
    with transaction.atomic():
        batch = with_lock(batch)
        if batch.state == ImportState.IMPORTED:
            return batch
        _check_ready(by, batch, base_version, all_or_nothing)
        moved = _write_cells(by, batch, rows) if cleaned is None else import_entries(by=by, batch=batch, cleaned=cleaned)
        if progress:
            progress(len(rows) + CHUNK, len(rows) + CHUNK)  # raises when the job was cancelled: nothing is written then
        if moved:
            _show_moved(batch, moved)
        else:
            batch.state, batch.imported_at, batch.version = ImportState.IMPORTED, timezone.now(), batch.version + 1
            batch.save(update_fields=["state", "imported_at", "version", "counts"])
    if moved:
        raise Refused(_("The preview was no longer true: some rows read differently now. It shows how they are; confirm again."))
    return batch


def _show_moved(batch: ImportBatch, moved: _Moved) -> None:
    """Put the new judgement into the preview; rows left out by hand stay as they are."""
    left_out = [
        Judged(row.number, row.raw, None, row.errors, row.status, row.entry_id, row.replaced)
        for row in batch.rows.filter(is_skipped=True)
    ]
    write_rows(batch, sorted([*moved.judged, *left_out], key=lambda row: row.number))


def _is_as_shown(batch: ImportBatch, judged: list[Judged]) -> bool:
    shown = {row.number: row for row in batch.rows.filter(is_skipped=False)}
    return all(
        (shown[row.number].status, shown[row.number].entry_id, shown[row.number].replaced)
        == (row.status, row.target_id if row.status == RowStatus.UPDATE else None, row.before or {})
        for row in judged
    )


@transaction.atomic
def import_entries(*, by, batch: ImportBatch, cleaned: list[Judged]) -> _Moved | None:
    """Write the new and changed entries of a batch in bulk, with one Event; open figures follow over all their days.

    Returns how the rows read now, and writes nothing, when that differs from the preview.
    """
    kind = kind_of(batch)
    Unit.objects.select_for_update(no_key=True).get(pk=batch.unit_id)  # the same file sent by two people counts once
    judged = told_apart(kind, batch.unit, cleaned, locked=True)
    if not _is_as_shown(batch, judged):
        return _Moved(judged)
    new = [row for row in judged if row.status == RowStatus.NEW]
    changed = [row for row in judged if row.status == RowStatus.UPDATE]
    days = [day_of(kind, row.entry) for row in (*new, *changed)]
    days += [kind.field(kind.date_field).to_python(row.before[kind.date_field]) for row in changed]
    with figures_follow(by, kind, batch.unit, days) as followed:
        _create(by, batch, kind, [row.entry for row in new])
        save_changed(by, kind, [row.entry for row in changed])
    _keep_ids(batch, new, changed)
    batch.counts = {**batch.counts, "followed": followed}
    differences = [
        {"ledger": kind.code, "entry": row.entry.pk, "old": row.before, "new": entry_data(kind, row.entry)} for row in changed
    ]
    record_import(by, batch, "import_entries", differences)
    return None


def _create(by, batch: ImportBatch, kind, entries: list) -> None:
    for entry in entries:
        entry.batch, entry.updated_by = batch, by
    kind.model.objects.bulk_create(entries, batch_size=CHUNK)


def save_changed(by, kind, entries: list) -> None:
    """Write changed entries in bulk, each under a new version."""
    if not entries:
        return
    for entry in entries:
        entry.version, entry.updated_by, entry.updated_at = entry.version + 1, by, timezone.now()
    fields = [*kind.columns, "version", "updated_by", "updated_at", *(["year"] if kind.model is Highlight else [])]
    kind.model.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=CHUNK
    )  # fmt: skip


def _keep_ids(batch: ImportBatch, new: list[Judged], changed: list[Judged]) -> None:
    """Note which entry a row became and under which version, so that the batch can be taken back."""
    rows = {row.number: row for row in batch.rows.filter(status__in=COUNTING, is_skipped=False)}
    for judged in (*new, *changed):
        row = rows[judged.number]
        row.entry_id, row.replaced = judged.entry.pk, {"data": judged.before, "version": judged.entry.version}
    ImportRow.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["id"], update_fields=["entry_id", "replaced"], batch_size=CHUNK
    )  # fmt: skip


def _write_cells(by, batch: ImportBatch, rows) -> _Moved | None:
    """Write a month's cells through the one service of figures, each under the version that the preview saw."""
    monthly_return = locked(batch.monthly_return)
    judged = judge_cells(monthly_return, rows)
    if not _is_as_shown(batch, judged):
        return _Moved(judged)
    counting = [row for row in judged if row.status in COUNTING]
    inputs = [CellInput(row.raw["cell"], row.raw["value"], row.before["version"]) for row in counting]
    results = save_figures(by=by, monthly_return=monthly_return, inputs=inputs)
    versions = {result.cell: result.version for result in results}
    stored = {row.number: row for row in batch.rows.all()}
    for row in counting:
        stored[row.number].replaced = {**row.before, "after": versions[row.raw["cell"]]}
    ImportRow.objects.bulk_update([stored[row.number] for row in counting], ["replaced"], batch_size=CHUNK)
    record_import(by, batch, "import_cells")
    return None


@transaction.atomic
def undo_import(*, by, batch: ImportBatch) -> ImportBatch:
    """Take a whole import back: its entries go, what it changed stands as before. Twice is once.

    Raises PermissionDenied, or Refused naming the rows that somebody changed since: their work would be lost.
    """
    batch = with_lock(batch)
    check_can_import(by, batch)
    if batch.state == ImportState.UNDONE:
        return batch
    if batch.state != ImportState.IMPORTED:
        raise Refused(_("This file has not been imported, so there is nothing to take back."))
    check_can_undo_import(by, batch)
    rows = list(batch.rows.filter(status__in=COUNTING, is_skipped=False))
    if batch.kind == RETURN_KIND:
        _undo_cells(by, batch, rows)
    else:
        _undo_entries(by, batch, rows)
    batch.state, batch.undone_at, batch.version = ImportState.UNDONE, timezone.now(), batch.version + 1
    batch.save(update_fields=["state", "undone_at", "version"])
    return batch


def _undo_entries(by, batch: ImportBatch, rows: list[ImportRow]) -> None:
    kind = kind_of(batch)
    stored = _stored_entries(kind, batch, [row.entry_id for row in rows])
    _refuse_changed(
        [row for row in rows if row.entry_id not in stored or stored[row.entry_id].version != row.replaced["version"]], kind
    )
    made = [stored[row.entry_id] for row in rows if row.status == RowStatus.NEW]
    changed = [(stored[row.entry_id], row.replaced["data"]) for row in rows if row.status == RowStatus.UPDATE]
    days = [day_of(kind, entry) for entry in stored.values()]
    days += [kind.field(kind.date_field).to_python(data[kind.date_field]) for _entry, data in changed]
    with figures_follow(by, kind, batch.unit, days):
        pks = [entry.pk for entry in made]
        for start in range(0, len(pks), CHUNK):
            kind.entries(batch.unit).filter(pk__in=pks[start : start + CHUNK]).delete()
        for entry, data in changed:
            _put_back(kind, entry, data)
        save_changed(by, kind, [entry for entry, _data in changed])
    gone = [{"ledger": kind.code, "entry": entry.pk, "old": entry_data(kind, entry), "new": None} for entry in made]
    record_import(by, batch, "undo_import", gone)


def _stored_entries(kind, batch: ImportBatch, pks: list[int]) -> dict[int, object]:
    found = {}
    for start in range(0, len(pks), CHUNK):
        rows = kind.entries(batch.unit).filter(pk__in=pks[start : start + CHUNK])
        found |= {entry.pk: entry for entry in rows.select_for_update(of=("self",))}
    return found


def _refuse_changed(rows: list[ImportRow], kind) -> None:
    if not rows:
        return
    named = "、".join(str(row.number) for row in rows[:MOST_NAMED])
    words = _("%(count)d entries of this import were changed or removed since (rows %(rows)s), so it stays. "
              "Correct single entries in the ledger.")  # fmt: skip
    raise Refused(words % {"count": len(rows), "rows": named})


def _put_back(kind, entry, data: dict) -> None:
    """Set an entry's columns to what history kept of them."""
    for name in kind.columns:
        column = kind.field(name)
        reader = column.target_field if column.is_relation else column
        setattr(entry, column.attname, reader.to_python(data[name]))
    if isinstance(entry, Highlight) and entry.date_from:
        entry.year = entry.date_from.year


def _undo_cells(by, batch: ImportBatch, rows: list[ImportRow]) -> None:
    monthly_return = locked(batch.monthly_return)
    figures = Figure.objects.filter(monthly_return=monthly_return).select_related("indicator", "unit")
    stored = {figure.anchor: figure for figure in figures}
    moved = [row for row in rows if stored[row.raw["cell"]].version != row.replaced["after"]]
    if moved:
        named = "、".join(f"{row.raw['name']}（{shown_raw(stored[row.raw['cell']])}）" for row in moved[:MOST_NAMED])
        words = _("%(count)d cells were changed since this import: %(names)s. So it stays; correct single cells.")
        raise Refused(words % {"count": len(moved), "names": named})
    inputs = [CellInput(row.raw["cell"], row.replaced["raw"], row.replaced["after"]) for row in rows]
    save_figures(by=by, monthly_return=monthly_return, inputs=inputs)
    record_import(by, batch, "undo_import")
