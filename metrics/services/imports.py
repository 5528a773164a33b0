"""Taking in a file, up to its preview: kept, columns matched, rows judged, mended, left out. Nothing of it counts yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.choices import ImportState, RowStatus
from metrics.imports.heads import data_rows, find_head, folded_head, targets_of
from metrics.imports.judging import Judged, clean_rows, existing_entries, tell_apart
from metrics.imports.originals import clean_name, keep_original, read_original
from metrics.imports.preview import RETURN_KIND
from metrics.imports.return_rows import judge_cells, return_cells
from metrics.ledgers import LedgerKind, ledger_kind
from metrics.models import ColumnMemory, ImportBatch, ImportRow
from metrics.permissions import check_can_fill_from_file, check_can_import, check_can_keep_ledger
from metrics.querysets import NEWER
from metrics.services.ledgers import entry_data
from metrics.workbooks.gate import MOST_ROWS, too_many_rows
from metrics.workbooks.reading import read_file, read_template
from workflow.choices import OPEN_JOB_STATES, Subject
from workflow.jobs import request_job
from workflow.models import Job
from workflow.services import record_event
from workflow.transitions import Refused

JUDGE_JOB, WRITE_JOB = "import_judge", "import_write"
ROWS_AT_ONCE = 500  # more are judged and written by a worker
CHUNK = 500


def kind_of(batch: ImportBatch) -> LedgerKind:
    """Return the ledger a batch is for."""
    return ledger_kind(batch.kind)


def record_import(by, batch: ImportBatch, deed: str, changes=()) -> None:
    """Append an Event about a batch: its file by name and hash, and what became of it."""
    facts = {"ledger": batch.kind, "file": batch.file_name, "sha256": batch.sha256, **batch.counts}
    record_event(
        by=by, unit=batch.unit, subject_kind=Subject.IMPORT, subject_id=batch.pk, deed=deed, changes=[facts, *changes]
    )  # fmt: skip


def start_import(*, by, unit, kind: LedgerKind, file_name: str, data: bytes) -> ImportBatch:
    """Take in a file for a ledger: read it behind the gate, keep it, match its columns.

    Raises PermissionDenied, or WorkbookRefused with what is wrong with the file and the way out.
    """
    check_can_keep_ledger(by, unit)
    file_name = clean_name(file_name)
    sheets = read_file(data, file_name)
    memory = dict(ColumnMemory.objects.filter(unit=unit, kind=kind.code).values_list("head", "field"))
    head = find_head(sheets, targets_of(kind), memory)
    batch = ImportBatch(unit=unit, kind=kind.code, header=list(head.heads), columns=head.columns, head_row=head.row)
    batch.sheet = head.sheet[:100]
    return _kept(by, batch, file_name, data)


def start_return_import(*, by, monthly_return, file_name: str, data: bytes) -> ImportBatch:
    """Take in a month's filled template and judge its cells. Raises PermissionDenied, Refused or WorkbookRefused."""
    check_can_fill_from_file(by, monthly_return)
    file_name = clean_name(file_name)
    sheets, record = read_template(data, file_name)
    cells = return_cells(sheets, monthly_return, record)
    batch = ImportBatch(unit=monthly_return.unit, kind=RETURN_KIND, monthly_return=monthly_return)
    with transaction.atomic():
        _kept(by, batch, file_name, data)
        write_rows(batch, judge_cells(monthly_return, cells))
    return batch


@transaction.atomic
def _kept(by, batch: ImportBatch, file_name: str, data: bytes) -> ImportBatch:
    batch.file_name, batch.sha256, batch.created_by = file_name, hashlib.sha256(data).hexdigest(), by
    batch.stored_as = keep_original(data)
    batch.save(force_insert=True)
    record_import(by, batch, "start_import")
    return batch


def open_job(batch: ImportBatch) -> Job | None:
    """Return the worker's job that is busy with a batch, if any."""
    jobs = Job.objects.filter(kind__in=(JUDGE_JOB, WRITE_JOB), subject_id=batch.pk, state__in=OPEN_JOB_STATES)
    return jobs.first()


def latest_job(batch: ImportBatch) -> Job | None:
    """Return the newest job about a batch as it stands: an older one, of columns matched otherwise, says nothing any more."""
    jobs = Job.objects.filter(kind__in=(JUDGE_JOB, WRITE_JOB), key=f"{batch.public_id}:{batch.version}")
    return jobs.order_by("-pk").first()


def with_lock(batch: ImportBatch) -> ImportBatch:
    """Return a batch's row under a lock."""
    rows = ImportBatch.objects.select_for_update(of=("self",))
    return rows.select_related("unit", "monthly_return__unit").get(pk=batch.pk)


def locked_batch(by, batch: ImportBatch) -> ImportBatch:
    """Return a batch under a lock, ready to be worked on. Raises Refused when it is over or a worker has it."""
    batch = with_lock(batch)
    check_can_import(by, batch)
    if batch.state not in (ImportState.MATCHING, ImportState.PREVIEW):
        raise Refused(_("This import is “%(state)s” already.") % {"state": batch.get_state_display()})
    return batch


@transaction.atomic
def match_columns(*, by, batch: ImportBatch, columns: dict[str, int]) -> ImportBatch:
    """Keep which column fills which field, remember it for the township's next file, and judge the rows.

    More than 500 rows are judged by a worker: `open_job` tells. Raises Refused for a field that is needed and has no column.
    """
    batch = locked_batch(by, batch)
    _check_no_job(batch)
    targets = targets_of(kind_of(batch))
    missing = [target.label for target in targets if target.is_required and target.name not in columns]
    if missing:
        raise Refused(_("No column is chosen for: %(labels)s.") % {"labels": "、".join(missing)})
    batch.columns = {target.name: columns[target.name] for target in targets if target.name in columns}
    batch.state, batch.version = ImportState.MATCHING, batch.version + 1
    batch.save(update_fields=["columns", "state", "version"])
    _remember(batch)
    rows = file_rows(batch)
    if len(rows) > ROWS_AT_ONCE:
        request_import_job(by, batch, JUDGE_JOB, {})
        return batch
    return judge_batch(batch=batch, rows=rows)


def _check_no_job(batch: ImportBatch) -> None:
    if open_job(batch):
        raise Refused(_("A worker is busy with this import. Wait until it is done, or cancel it."))


def _remember(batch: ImportBatch) -> None:
    """A column that was left out on purpose is remembered too, by an empty field."""
    by_place = {place: name for name, place in batch.columns.items()}
    heads = {folded_head(head): by_place.get(place, "") for place, head in enumerate(batch.header) if head}
    rows = [ColumnMemory(unit=batch.unit, kind=batch.kind, head=head, field=name) for head, name in heads.items() if head]
    ColumnMemory.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["unit", "kind", "head"], update_fields=["field"]
    )  # fmt: skip


def request_import_job(by, batch: ImportBatch, job_kind: str, parameters: dict) -> Job:
    """Ask a worker to judge or write a batch; its page shows the progress."""
    page = reverse("metrics:import_detail", args=[batch.public_id])
    return request_job(
        by=by, unit=batch.unit, kind=job_kind, subject_id=batch.pk, key=f"{batch.public_id}:{batch.version}",
        title=_("Import of %(file)s") % {"file": batch.file_name[:150]}, file_name="",
        parameters={"batch": batch.pk, "page": page, **parameters},
    )  # fmt: skip


def file_rows(batch: ImportBatch) -> list[tuple[int, dict]]:
    """Read a ledger file's rows again, field -> text. Raises WorkbookRefused."""
    rows = data_rows(read_original(batch), batch.sheet, batch.head_row, batch.columns)
    if len(rows) > MOST_ROWS:
        raise too_many_rows()
    return rows


def judge_batch(*, batch: ImportBatch, rows=None, progress: Callable[[int, int], None] | None = None) -> ImportBatch:
    """Judge every row of a ledger's file and open the preview. `progress(done, total)` may raise to stop it."""
    rows = file_rows(batch) if rows is None else rows
    judged = judge_rows(batch, rows, progress)
    with transaction.atomic():
        write_rows(batch, judged)
    return batch


def judge_rows(batch: ImportBatch, rows, progress=None) -> list[Judged]:
    """Return the rows of a batch, judged against what is stored now."""
    if batch.kind == RETURN_KIND:
        return judge_cells(batch.monthly_return, rows)
    kind = kind_of(batch)
    tell = (lambda done: progress(done, len(rows))) if progress else None
    cleaned = clean_rows(kind, batch.unit, rows, tell)
    return told_apart(kind, batch.unit, cleaned)


def told_apart(kind: LedgerKind, unit, cleaned: list[Judged], *, locked: bool = False) -> list[Judged]:
    """Tell read rows apart by what the ledger holds now."""
    existing = existing_entries(kind, unit, cleaned, locked=locked)
    return tell_apart(kind, cleaned, existing, lambda entry: entry_data(kind, entry))


def write_rows(batch: ImportBatch, judged: list[Judged]) -> None:
    """Replace the rows of a batch; which were left out stays as it was."""
    skipped = set(batch.rows.filter(is_skipped=True).values_list("number", flat=True))
    batch.rows.all().delete()
    ImportRow.objects.bulk_create(
        [_row(batch, row, row.number in skipped) for row in judged], batch_size=CHUNK
    )  # fmt: skip
    batch.state, batch.version = ImportState.PREVIEW, batch.version + 1
    recount(batch)
    batch.save(update_fields=["state", "version", "counts"])


def _row(batch: ImportBatch, judged: Judged, is_skipped: bool) -> ImportRow:
    return ImportRow(
        batch=batch, number=judged.number, raw=judged.raw, errors=judged.errors, status=judged.status, is_skipped=is_skipped,
        entry_id=judged.target_id if judged.status == RowStatus.UPDATE else None, replaced=judged.before or {},
    )  # fmt: skip


def recount(batch: ImportBatch) -> None:
    """Count a batch's rows by what becomes of them; `skipped` are those left out by hand.

    `newer` are those, counted as changed or new already, whose cell moved on since the template was downloaded.
    """
    batch.counts = batch.rows.aggregate(
        skipped=Count("pk", filter=Q(is_skipped=True)),
        newer=Count("pk", filter=NEWER),
        **{status: Count("pk", filter=Q(status=status, is_skipped=False)) for status in RowStatus.values},
    )


@transaction.atomic
def mend_row(*, by, batch: ImportBatch, number: int, values: dict[str, str]) -> ImportRow:
    """Correct a row in the preview: known fields only, judged at once. What was typed is kept, right or wrong."""
    batch = locked_batch(by, batch)
    _check_no_job(batch)
    row = batch.rows.select_for_update().get(number=number)
    known = ("value",) if batch.kind == RETURN_KIND else kind_of(batch).columns
    row.raw = {**row.raw, **{name: text[:4_000] for name, text in values.items() if name in known}}
    if batch.kind == RETURN_KIND:
        others = [(other.number, other.raw) for other in batch.rows.exclude(pk=row.pk)]
        judged = next(told for told in judge_rows(batch, [*others, (number, row.raw)]) if told.number == number)
    else:
        judged = judge_rows(batch, [(number, row.raw)])[0]
    changed = _row(batch, judged, False)
    changed.pk = row.pk
    changed.save(force_update=True)
    _touched(batch)
    return changed


@transaction.atomic
def skip_row(*, by, batch: ImportBatch, number: int, skip: bool) -> None:
    """Leave a row out of the import, or take it in again."""
    batch = locked_batch(by, batch)
    _check_no_job(batch)
    batch.rows.filter(number=number).update(is_skipped=skip)
    _touched(batch)


def _touched(batch: ImportBatch) -> None:
    recount(batch)
    batch.version += 1
    batch.save(update_fields=["counts", "version"])


def chosen_columns(batch: ImportBatch, data) -> dict[str, int]:
    """Read the choices of the matching step: `column-<place>` -> field; a field chosen twice keeps its first column."""
    names = {target.name for target in targets_of(kind_of(batch))}
    columns: dict[str, int] = {}
    for place in range(len(batch.header)):
        name = data.get(f"column-{place}", "")
        if name in names:
            columns.setdefault(name, place)
    return columns
