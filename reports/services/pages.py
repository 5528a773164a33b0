"""Asking for the pages of what is being written: print work of a moment, no deed, so it leaves no Event and is soon gone."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.document import ReportDocument
from reports.exports import content_key
from reports.live_pages import REPORT_PAGES, TRIAL_PAGES, artifact_of, document_to_look_at
from reports.models import Report, ReportTemplate
from reports.permissions import check_can_read_templates
from reports.services.trials import TRIAL_MARK
from workflow.choices import OPEN_JOB_STATES, JobState
from workflow.jobs import cancel_jobs, forget_lost_files, request_job
from workflow.models import Job
from workflow.pruning_services import remove_brief_jobs
from workflow.store import path_of

KEPT = 2  # finished ones a person and report: the one on the screen, and the one that takes its place


def request_pages(*, by, report: Report) -> Job:
    """Return the job that prints what the report says now; unchanged content is there at once.

    One at a time for a person and report: an older one that still waits or runs is cancelled.
    """
    return _request(by, report.unit, REPORT_PAGES, report.pk, document_to_look_at(report))


def request_trial_pages(*, by, template: ReportTemplate, document: ReportDocument) -> Job:
    """Return the job that prints a template's trial on a township, marked as one."""
    check_can_read_templates(by)
    return _request(by, template.district, TRIAL_PAGES, template.pk, replace(document, status_mark=TRIAL_MARK))


@transaction.atomic
def _request(by, unit: Unit, kind: str, subject_id: int, document: ReportDocument) -> Job:
    key = content_key(document)
    forget_lost_files(kind, key)
    own = Job.objects.filter(kind=kind, requested_by=by, subject_id=subject_id)
    cancel_jobs(own.exclude(key=key))
    made = artifact_of(key)
    job = request_job(
        by=by, unit=unit, kind=kind, subject_id=subject_id, key=key, title=_("Pages of %(name)s") % {"name": document.title},
        parameters={"document": document.to_json()}, file_name=made, made=made if path_of(made).is_file() else "",
    )  # fmt: skip
    _remove_older(own.exclude(pk=job.pk))
    return job


def _remove_older(jobs) -> None:
    ended = list(jobs.exclude(state__in=OPEN_JOB_STATES).order_by("-pk"))
    done = [job for job in ended if job.state == JobState.DONE]
    going = [job for job in ended if job not in done[: KEPT - 1]]
    if going:
        transaction.on_commit(lambda: remove_brief_jobs(going))
