"""All townships' reports of a year as one file: choosing what goes into it, and asking for it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.choices import DISTRICT_ROLES, Role
from metrics.views.lists import chosen_year
from reports.batch_forms import BatchForm
from reports.batches import list_entries
from reports.models import Report
from reports.services import request_batch
from workflow.transitions import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def report_batch(request):
    """Show which townships have what in a year; a POST asks for the files and goes to their job."""
    user = request.user
    if user.role not in DISTRICT_ROLES:
        raise PermissionDenied(_("The reports of all townships together are for the district's staff."))
    form = BatchForm(request.POST if request.method == "POST" else None, initial={"year": chosen_year(request)})
    if request.method == "POST" and form.is_valid():
        try:
            job = request_batch(by=user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.info(request, _("The export has started. You may leave; it is kept under “My exports”."))
            return redirect("workflow:job_detail", job.public_id)
    return render(request, "reports/report_batch.html", _context(request, form), status=422 if form.errors else 200)


def _context(request, form) -> dict:
    year = (form.cleaned_data.get("year") if form.is_bound else None) or chosen_year(request)
    years = set(Report.objects.visible_to(request.user).order_by().values_list("year", flat=True).distinct())
    entries = list_entries(request.user.unit, year, with_drafts=True)
    return {
        "form": form, "year": year, "years": sorted(years | {year}, reverse=True), "entries": entries,
        "approved": sum(bool(entry.version) for entry in entries),
        "drafts": sum(bool(entry.report and not entry.version) for entry in entries),
        "absent": sum(entry.report is None for entry in entries), "may_draft": request.user.role != Role.AUDITOR,
    }  # fmt: skip
