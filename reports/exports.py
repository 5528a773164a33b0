"""What an export prints, and the work of the export job."""

import hashlib
from dataclasses import replace

from django.utils.translation import gettext as _

from reports.check_list import load_check_list
from reports.checks.manuscript import load_manuscript
from reports.document import ReportDocument
from reports.models import Report, ReportVersion
from reports.permissions import check_can_export
from reports.queries import frozen_document
from reports.render import files
from reports.render.fonts import FontsMissing
from reports.render.html import ReportRefused
from reports.render.pdf import RENDERER_VERSION, RenderError
from workflow.jobs import JobFailed, job_kind
from workflow.store import path_of, write_durably
from workflow.transitions import Refused

DRAFT_MARK = "未经审核"
EXPORT_KIND = "report_pdf"


def document_to_export(report: Report, version: int | None = None) -> ReportDocument:
    """Return a frozen version; without a number the one in force, or the draft marked as not approved.

    Raises Refused for a version that is not there and, naming the first gaps, when a draft lacks a figure, holds a number
    that is written wrongly, or quotes figures that have changed since: its text and its annexes would disagree.
    """
    frozen = frozen_document(report, version)
    if version is not None and frozen is None:
        raise Refused(_("This report has no version %(number)d.") % {"number": version})
    return frozen or _draft(report)


def _draft(report: Report) -> ReportDocument:
    script = load_manuscript(report)
    check_can_export(blocking=load_check_list(report, script).blocking_export)
    return replace(script.assembled.document, status_mark=DRAFT_MARK)


def content_key(document: ReportDocument, file_format: str = files.DEFAULT) -> str:
    """Return the name of this content in a format: equal documents under the same renderer share one file."""
    return _key(document.sha256, file_format)


def _key(sha256: str, file_format: str) -> str:
    return hashlib.sha256(f"{sha256} {RENDERER_VERSION} {file_format}".encode()).hexdigest()


def frozen_files() -> set[str]:
    """Return the names of the files that approved versions are exported to, in any format: they stay however old."""
    hashes = ReportVersion.objects.values_list("sha256", flat=True)
    return {f"{_key(sha256, name)}.{one.extension}" for sha256 in hashes for name, one in files.FORMATS.items()}


@job_kind(EXPORT_KIND)
def run_export(job, report_progress) -> dict:
    """Render a job's document, or find it in the store; notes name characters that no font has."""
    document = ReportDocument.from_json(job.parameters["document"])
    file_format = job.parameters.get("format", files.DEFAULT)
    name = f"{job.key}.{files.FORMATS[file_format].extension}"
    try:
        rendered = files.render(document, file_format, progress=report_progress)
    except (FontsMissing, ReportRefused, RenderError) as error:
        raise JobFailed(str(error)) from error
    report_progress(1, 1)  # a format without steps of its own; and a cancelled job stops before it writes
    write_durably(path_of(name), rendered.data)
    return {"artifact": name, "notes": missing_notes(rendered.missing)}


def missing_notes(missing) -> list[str]:
    """Return one line a character that no font has: what, where."""
    return [
        _("No font has the character “%(char)s” (%(code)s) in %(where)s; it prints as 〓.")
        % {"char": glyph.char, "code": glyph.codepoint, "where": glyph.where}
        for glyph in missing
    ]
