"""Exports of a report: asking for a file, and checking one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES
from reports.checking import compare_file, find_version
from reports.forms import VerifyForm
from reports.render import files
from reports.services import request_export
from reports.views.reports import visible_report
from workflow.choices import JobState
from workflow.transitions import Refused


@require_POST
def report_export(request, pk):
    """Ask for a file and go to its job; the page says so when the same content was printed before."""
    report = visible_report(request.user, pk)
    try:
        job = request_export(by=request.user, report=report, version=_asked_version(request), file_format=_asked_format(request))
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


def _asked_format(request) -> str:
    wanted = request.POST.get("format", files.DEFAULT)
    if wanted not in files.FORMATS:
        raise Http404
    return wanted


@require_http_methods(["GET", "HEAD", "POST"])
def report_verify(request):
    """Find the version of a verification code, and compare a file with it. Writes nothing: the file is only read."""
    if request.user.role not in (*DISTRICT_ROLES, *TOWNSHIP_ROLES):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    form = VerifyForm(given, request.FILES) if "code" in given else VerifyForm()
    context = {"form": form}
    if form.is_bound and form.is_valid():
        version = find_version(request.user, form.cleaned_data["code"])
        context |= {"searched": True, "version": version}
        if version and form.cleaned_data["file"]:
            context["verdict"] = compare_file(version, form.cleaned_data["file"].read())
    return render(request, "reports/report_verify.html", context, status=422 if form.errors else 200)
