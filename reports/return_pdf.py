"""The monthly return on paper as a PDF: the job that metrics asks for, done with the report's renderer."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from metrics.services.printing import RETURN_PDF, STYLE
from reports.render.fonts import FontsMissing
from reports.render.html import ReportRefused
from reports.render.pdf import RenderError, render_form
from workflow.jobs import JobFailed, job_kind
from workflow.store import path_of, write_durably


@job_kind(RETURN_PDF)
def run_return_pdf(job, report_progress) -> dict:
    """Print a job's page; notes name characters that no font has."""
    name = f"{job.key}.pdf"
    css = (Path(settings.BASE_DIR) / "static" / STYLE).read_text(encoding="utf-8")
    try:
        rendered = render_form(job.parameters["html"], css)
    except (FontsMissing, ReportRefused, RenderError) as error:
        raise JobFailed(str(error)) from error
    report_progress(1, 1)
    write_durably(path_of(name), rendered.data)
    notes = [_("No font has the character “%(char)s”; it does not print.") % {"char": glyph.char} for glyph in rendered.missing]
    return {"artifact": name, "notes": notes}
