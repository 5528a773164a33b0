"""Asking for all townships' reports of a year at once."""

import hashlib
import json
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _

from reports.batches import BATCH_KIND, last_finished, list_entries
from reports.permissions import check_can_ask_batch
from reports.render import files
from workflow.choices import Subject
from workflow.jobs import request_job
from workflow.models import Job
from workflow.services import record_event
from workflow.transitions import Refused


@transaction.atomic
def request_batch(*, by, year: int, with_drafts: bool, file_format: str) -> Job:
    """Return the job that packs the files of by's district: one that waits or runs for the same, else a new one.

    Versions are those in force now; drafts are printed as they stand when their turn comes. Raises PermissionDenied, and
    Refused when there is nothing to pack.
    """
    check_can_ask_batch(by, with_drafts=with_drafts)
    district = by.unit
    entries = list_entries(district, year, with_drafts=with_drafts)
    total = sum(entry.is_pending for entry in entries)
    if not total:
        raise Refused(_("There is no report of %(year)d to export; the list says why for each township.") % {"year": year})
    title = batch_title(district, year)
    asked = [district.code, year, with_drafts, file_format, by.pk, last_finished(by)]
    lines = [asdict(entry) for entry in entries]
    parameters = {"entries": lines, "format": file_format, "total": total, "is_counted": True}
    job = request_job(
        by=by, unit=district, kind=BATCH_KIND, subject_id=district.pk,
        key=hashlib.sha256(json.dumps([BATCH_KIND, *asked]).encode()).hexdigest(),
        title=_("%(format)s of %(name)s") % {"format": files.FORMATS[file_format].label, "name": title},
        parameters=parameters,
        file_name=f"{title}_{file_format}.zip",
    )  # fmt: skip
    if job.parameters is parameters:  # else it was asked for before, and that was recorded
        record_event(by=by, unit=district, subject_kind=Subject.UNIT, subject_id=district.pk, deed="export_reports",
                     changes=[{"year": year, "format": file_format, "with_drafts": with_drafts}])  # fmt: skip
    return job


def batch_title(district, year: int) -> str:
    """Return what the archive is called."""
    return f"{district.name}各镇街{year}年度宣传工作总结"
