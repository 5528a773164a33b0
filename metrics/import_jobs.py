"""Large imports as work of a worker: judging rows, writing them. The batch is the truth; a run that is killed starts again."""

from metrics.choices import ImportState
from metrics.models import ImportBatch
from metrics.services.import_deeds import write_import
from metrics.services.imports import JUDGE_JOB, WRITE_JOB, judge_batch
from metrics.workbooks.gate import WorkbookRefused
from workflow.jobs import JobFailed, job_kind
from workflow.transitions import Refused


def _batch(job) -> ImportBatch:
    return ImportBatch.objects.select_related("unit", "monthly_return__unit").get(pk=job.parameters["batch"])


@job_kind(JUDGE_JOB)
def run_judging(job, report_progress) -> dict:
    """Judge the rows of a file and open its preview."""
    batch = _batch(job)
    if batch.state != ImportState.MATCHING:
        return {}
    try:
        judge_batch(batch=batch, progress=report_progress)
    except WorkbookRefused as refusal:
        raise JobFailed(str(refusal)) from refusal
    return {}


@job_kind(WRITE_JOB)
def run_writing(job, report_progress) -> dict:
    """Write a confirmed import."""
    facts = job.parameters
    try:
        write_import(
            by=job.requested_by, batch=_batch(job), base_version=facts["version"], all_or_nothing=facts["all_or_nothing"],
            progress=report_progress,
        )  # fmt: skip
    except Refused as refusal:
        raise JobFailed(str(refusal)) from refusal
    return {}
