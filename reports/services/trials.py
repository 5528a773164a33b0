"""Printing a template's trial on a township: a file to look at, marked as a trial; nothing of it becomes a report."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from reports.document import ReportDocument
from reports.exports import EXPORT_KIND, content_key
from reports.models import ReportTemplate
from reports.permissions import check_can_read_templates
from reports.services.templates import record_template
from workflow.choices import JobState
from workflow.jobs import forget_lost_files, request_job
from workflow.models import Job

TRIAL_MARK = "试排"


@transaction.atomic
def request_trial_print(*, by, template: ReportTemplate, document: ReportDocument) -> Job:
    """Return the job that makes the PDF of a trial's document; equal content is served from the store at once."""
    check_can_read_templates(by)
    document = replace(document, status_mark=TRIAL_MARK)
    key, stem = content_key(document), f"{document.unit_name}_{template.year}年总结模板试排"
    forget_lost_files(EXPORT_KIND, key)
    job = request_job(
        by=by, unit=template.district, kind=EXPORT_KIND, subject_id=template.pk, key=key,
        title=_("PDF of %(name)s") % {"name": stem}, parameters={"document": document.to_json()}, file_name=f"{stem}.pdf",
    )  # fmt: skip
    if job.state == JobState.QUEUED and not job.tries:
        record_template(by, template, "print_trial", [{"unit": document.unit_code, "sha256": document.sha256}])
    return job
