"""Checking a paper or a file against the version that it claims to be: by its verification code, and byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

from reports.document import ReportDocument
from reports.exports import EXPORT_KIND
from reports.models import ReportVersion
from reports.render.files import FORMATS, Format
from reports.render.json import render_json
from reports.verification import hash_start
from workflow.choices import JobState
from workflow.models import Job
from workflow.store import path_of

MOST_BYTES = 30_000_000


@dataclass(frozen=True)
class Verdict:
    """Whether a file is one that was made from the version: the format it has, None when it is none of them."""

    format: Format | None
    compared: int  # files on record, the JSON included


def find_version(user, code: str) -> ReportVersion | None:
    """Return the version of a code among those the person may see."""
    start = hash_start(code)
    if start is None:
        return None
    rows = ReportVersion.objects.visible_to(user).filter(sha256__startswith=start)
    return rows.select_related("report__unit", "approved_by").first()


def compare_file(version: ReportVersion, data: bytes) -> Verdict:
    """Compare a file with every export of the version that lies in the store, and with its JSON, which is made anew."""
    if data == render_json(ReportDocument.from_json(version.document)):
        return Verdict(FORMATS["json"], 1)
    compared = 1
    for job in _made_from(version):
        path = path_of(job.artifact)
        if not path.is_file():
            continue
        compared += 1
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return Verdict(FORMATS[job.parameters.get("format", "pdf")], compared)
    return Verdict(None, compared)


def _made_from(version: ReportVersion) -> list[Job]:
    """Return a finished job for each file that was made from the version."""
    jobs = Job.objects.filter(kind=EXPORT_KIND, subject_id=version.report_id, state=JobState.DONE).exclude(artifact="")
    return list({job.artifact: job for job in jobs if job.parameters.get("document") == version.document}.values())
