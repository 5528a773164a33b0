"""All townships' reports of a year in one go: which there are, making each one's file, and the job that packs them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.batch_files import pack_zip
from reports.exports import content_key, document_to_export, missing_notes
from reports.models import Report
from reports.render import files
from reports.render.fonts import FontsMissing
from reports.render.html import ReportRefused
from reports.render.pdf import RenderError
from reports.render.printable import printable
from workflow.choices import JobState
from workflow.jobs import JobFailed, JobPaused, job_kind, write
from workflow.models import Job
from workflow.store import path_of, write_durably
from workflow.transitions import Refused

BATCH_KIND = "reports_batch"
SHARE = 40  # seconds of one run: with the longest report and the packing it stays under the worker's soft limit
MOST_NOTES = 60


@dataclass
class Entry:
    """One township's line. `report` None: it has none; `version` 0: a draft. Either `artifact` or `reason` once it is done."""

    number: int
    unit: str
    code: str
    report: int | None
    state: str
    version: int
    stem: str = ""
    artifact: str = ""
    reason: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def is_pending(self) -> bool:
        """Whether its file has still to be made."""
        return not (self.artifact or self.reason)

    def file_name(self, file_format: str) -> str:
        """Return its name among the others; the number keeps two townships of one name apart."""
        return f"{self.number:03}_{files.file_name(self.stem, file_format)}"


def list_entries(district: Unit, year: int, *, with_drafts: bool) -> list[Entry]:
    """Return a line for each township that stood in the year, in the district's order. Two queries, whatever their number."""
    units = Unit.objects.townships().filter(parent=district).valid_during(date(year, 1, 1), date(year, 12, 31))
    reports = {row.unit_id: row for row in Report.objects.filter(unit__parent=district, year=year).select_related("unit")}
    townships = enumerate(units.order_by("order", "code"), start=1)
    return [_entry(number, unit, reports.get(unit.pk), year, with_drafts) for number, unit in townships]


def _entry(number: int, unit: Unit, report: Report | None, year: int, with_drafts: bool) -> Entry:
    if report is None:
        reason = _("There is no report of %(year)d yet.") % {"year": year}
        return Entry(number, unit.name, unit.code, None, "", 0, reason=reason)
    state = report.get_state_display()
    if report.is_approved:
        return Entry(number, unit.name, unit.code, report.pk, state, report.version_number, report.file_stem)
    entry = Entry(number, unit.name, unit.code, report.pk, state, 0, f"{report.file_stem}（未经审核）")
    if not with_drafts:
        entry.reason = _("It is “%(state)s”; approved reports only were asked for.") % {"state": state}
    return entry


def make_file(entry: Entry, file_format: str) -> None:
    """Make a line's file in the store, or find it there; what stands in the way becomes the line's reason.

    Raises FontsMissing: without fonts no line can be printed.
    """
    report = Report.objects.select_related("unit__parent").filter(pk=entry.report).first()
    if report is None:
        entry.reason = _("The report is no longer there.")
        return
    try:
        document = document_to_export(report, entry.version or None)
        name = f"{content_key(document, file_format)}.{files.FORMATS[file_format].extension}"
        missing = printable(document)[1] if path_of(name).exists() else _print(document, file_format, name)
    except (Refused, ReportRefused, RenderError) as refusal:
        entry.reason = str(refusal)
        return
    entry.artifact, entry.notes = name, missing_notes(missing)


def _print(document, file_format: str, name: str):
    rendered = files.render(document, file_format)
    write_durably(path_of(name), rendered.data)
    return rendered.missing


@job_kind(BATCH_KIND)
def run_batch(job: Job, report_progress) -> dict:
    """Make the files that are still to be made, township by township, then pack them. What is done is written down each time,
    so a later run, after a pause or a killed worker, goes on where this one stopped.
    """
    began = time.monotonic()
    entries = [Entry(**row) for row in job.parameters["entries"]]
    file_format = job.parameters["format"]
    total = job.parameters["total"]

    def tell() -> None:
        report_progress(total - sum(entry.is_pending for entry in entries), total)

    tell()
    for entry in entries:
        if entry.is_pending:
            _make_or_fail(entry, file_format)
            write(job, parameters={**job.parameters, "entries": [asdict(row) for row in entries]})
            tell()
            if time.monotonic() - began > SHARE:
                raise JobPaused
    name = f"{job.key}.zip"
    try:
        pack_zip(path_of(name), entries, file_format, job.title, step=tell)
    except OSError as error:
        raise JobFailed(_("The files could not be packed: %(reason)s") % {"reason": error.strerror or error}) from error
    return {"artifact": name, "notes": notes_of(entries)}


def _make_or_fail(entry: Entry, file_format: str) -> None:
    try:
        make_file(entry, file_format)
    except FontsMissing as error:
        raise JobFailed(str(error)) from error


def notes_of(entries: list[Entry]) -> list[str]:
    """Return what the person should look at: townships that were left out first, then characters without a font."""
    notes = [_("%(unit)s is left out: %(reason)s") % {"unit": row.unit, "reason": row.reason} for row in entries if row.reason]
    notes += [f"{row.unit}：{note}" for row in entries for note in row.notes]
    if len(notes) <= MOST_NOTES:
        return notes
    more = _("%(count)d more: see the list in the file.") % {"count": len(notes) - MOST_NOTES}
    return [*notes[:MOST_NOTES], more]


def last_finished(by) -> int:
    """Return the number of a person's last finished batch, 0 before the first: a new one after it is new work."""
    done = Job.objects.filter(kind=BATCH_KIND, requested_by=by, state=JobState.DONE).order_by("-pk")
    return done.values_list("pk", flat=True).first() or 0
