"""Asking for the printed monthly return as a PDF. The page is made here; a worker prints it (reports.return_pdf)."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from metrics.imports.heads import FILE_LANGUAGE
from metrics.models import MonthlyReturn
from metrics.return_form import load_paper
from metrics.workbooks.tables import file_name
from workflow.jobs import forget_lost_files, request_job
from workflow.models import Job

RETURN_PDF = "return_pdf"
STYLE = "css/return-paper.css"


@transaction.atomic
def request_return_pdf(*, by, monthly_return: MonthlyReturn, is_empty: bool = False) -> Job:
    """Return the job that prints a return, or its empty form; equal content is served from the store at once."""
    with override(FILE_LANGUAGE):
        page = render_to_string("metrics/return_pdf.html", load_paper(monthly_return, is_empty=is_empty))
    what = "月报空表" if is_empty else "月报"
    name = file_name(monthly_return.unit.name, monthly_return.period_label, what, extension="pdf")
    key = _key(page)
    forget_lost_files(RETURN_PDF, key)
    return request_job(
        by=by, unit=monthly_return.unit, kind=RETURN_PDF, subject_id=monthly_return.pk, key=key,
        title=_("PDF of %(name)s") % {"name": name.removesuffix(".pdf")}, parameters={"html": page}, file_name=name,
    )  # fmt: skip


def _key(page: str) -> str:
    style = (Path(settings.BASE_DIR) / "static" / STYLE).read_bytes()
    return hashlib.sha256(page.encode() + style + version("weasyprint").encode()).hexdigest()
