"""Exports of a report: asking for the PDF, and pages of a finished one as pictures."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reports.page_images import page_image
from reports.services import request_export
from reports.views.reports import visible_report
from workflow.choices import JobState
from workflow.transitions import Refused


@require_POST
def report_export(request, pk):
    """Ask for the PDF and go to its job; the page says so when the same content was printed before."""
    report = visible_report(request.user, pk)
    try:
        job = request_export(by=request.user, report=report, version=_asked_version(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:report_detail", pk)
    if job.state == JobState.DONE:
        messages.info(request, _("A file with the same content is there already; download it at once."))
    return redirect("workflow:job_detail", job.public_id)


def _asked_version(request) -> int | None:
    number = request.POST.get("version", "")
    if number and not (number.isdecimal() and 0 < len(number) < 6):
        raise Http404
    return int(number) if number else None


@require_safe
def report_page_image(request, pk, number):
    """Return a page of the PDF of the report's present content as PNG. Http404 when it has not been printed yet."""
    picture = page_image(visible_report(request.user, pk), number)
    if picture is None:
        raise Http404
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response
