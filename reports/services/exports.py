"""Asking for an export."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.exports import EXPORT_KIND, content_key, document_to_export
from reports.models import Report
from reports.store import path_of
from workflow.choices import JobState, Subject
from workflow.jobs import request_job
from workflow.models import Job
from workflow.services import record_event


@transaction.atomic
def request_export(*, by, report: Report, version: int | None = None) -> Job:
    """Return the job that makes the PDF; equal content is served from the store at once. Raises Refused when it cannot print."""
    document, stem = document_to_export(report, version), report.stem_of_version(version)
    _forget_lost_files(content_key(document))
    job = request_job(
        by=by, unit=report.unit, kind=EXPORT_KIND, subject_id=report.pk, key=content_key(document),
        title=_("PDF of %(name)s") % {"name": stem}, parameters={"document": document.to_json()},
        file_name=f"{stem}.pdf",
    )  # fmt: skip
    if job.state == JobState.QUEUED and not job.tries:
        record_event(by=by, unit=report.unit, subject_kind=Subject.REPORT, subject_id=report.pk, deed="export",
                     changes=[{"sha256": document.sha256}])  # fmt: skip
    return job


def _forget_lost_files(key: str) -> None:
    """A finished job whose file is gone from the store is no longer an answer; the next request makes the file again."""
    for job in Job.objects.filter(kind=EXPORT_KIND, key=key, state=JobState.DONE):
        if not path_of(job.artifact).exists():
            Job.objects.filter(pk=job.pk).update(
                state=JobState.FAILED, error=_("The file is no longer in the store; export again.")
            )
