"""A district's own form of the monthly return."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from metrics.return_form import form_of
from reports.monthly_forms import MonthlyFormForm
from reports.permissions import check_can_keep_templates
from reports.services import EditConflict, save_monthly_form
from reports.views.templates import target_years


@require_http_methods(["GET", "HEAD", "POST"])
def monthly_form(request, year):
    """Change how the returns of a year are set on paper."""
    district = request.user.unit
    check_can_keep_templates(request.user, district)
    if year not in target_years():
        raise Http404
    form = MonthlyFormForm(request.POST or None, form=form_of(district.pk, year))
    if not form.is_valid():
        return _page(request, year, form, 422 if form.errors else 200)
    try:
        save_monthly_form(by=request.user, district=district, year=year, form=form.return_form, seen=form.cleaned_data["seen"])
    except EditConflict as conflict:
        return _conflict(request, year, str(conflict))
    messages.success(request, _("Saved. The next print of a return takes this form."))
    return redirect("reports:template_list")


def _conflict(request, year, message):
    """Show what is stored above what was typed; saving that now replaces it."""
    stored, typed = form_of(request.user.unit_id, year), request.POST.copy()
    typed["seen"] = MonthlyFormForm(form=stored).initial["seen"]
    return _page(request, year, MonthlyFormForm(typed, form=stored), 409, conflict=message, stored=stored)


def _page(request, year, form, status, **more):
    return render(request, "reports/monthly_form.html", {"form": form, "year": year, **more}, status=status)
