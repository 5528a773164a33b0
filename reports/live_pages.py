"""The pages of what a report or a template's trial says now, printed to be looked at: the work of the job. No export."""

from dataclasses import replace

from reports.assembly import assemble
from reports.document import ReportDocument
from reports.exports import DRAFT_MARK, run_export
from reports.models import Report
from reports.queries import frozen_document
from workflow.jobs import job_kind
from workflow.store import path_of

REPORT_PAGES, TRIAL_PAGES = "report_pages", "trial_pages"


def document_to_look_at(report: Report) -> ReportDocument:
    """Return what the report says now: the frozen text of an approved one, else the draft, marked as not approved.

    Gaps do not stand in the way, for looking is not exporting: a number that is lacking prints as 〔待补〕.
    """
    return frozen_document(report) or replace(assemble(report).document, status_mark=DRAFT_MARK)


@job_kind(REPORT_PAGES, is_brief=True)
@job_kind(TRIAL_PAGES, is_brief=True)
def run_pages(job, report_progress) -> dict:
    """Print a job's document, unless the very same content has been printed meanwhile."""
    name = artifact_of(job.key)
    return {"artifact": name} if path_of(name).is_file() else run_export(job, report_progress)


def artifact_of(key: str) -> str:
    """Return the name of the file that holds a content's pages: the one that an export of it has, too."""
    return f"{key}.pdf"
