"""Asking for an export."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.exports import EXPORT_KIND, content_key, document_to_export
from reports.models import Report
from reports.permissions import check_can_ask_export
from reports.render import files
from workflow.choices import JobState, Subject
from workflow.jobs import forget_lost_files, request_job
from workflow.models import Job
from workflow.services import record_event


@transaction.atomic
def request_export(*, by, report: Report, version: int | None = None, file_format: str = files.DEFAULT) -> Job:
    """Return the job that makes the file; equal content is served from the store at once.

    Raises Refused when it cannot print or may not be printed by this person.
    """
    check_can_ask_export(by, report, version)
    document, stem = document_to_export(report, version), report.stem_of_version(version)
    key = content_key(document, file_format)
    forget_lost_files(EXPORT_KIND, key)
    job = request_job(
        by=by, unit=report.unit, kind=EXPORT_KIND, subject_id=report.pk, key=key,
        title=_("%(format)s of %(name)s") % {"format": files.FORMATS[file_format].label, "name": stem},
        parameters={"document": document.to_json(), "format": file_format}, file_name=files.file_name(stem, file_format),
    )  # fmt: skip
    if job.state == JobState.QUEUED and not job.tries:
        record_event(by=by, unit=report.unit, subject_kind=Subject.REPORT, subject_id=report.pk, deed="export",
                     changes=[{"sha256": document.sha256, "format": file_format}])  # fmt: skip
    return job
