"""A district's settings of a year, for its administrator."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from metrics.forms import DistrictYearForm
from metrics.models import DistrictYear
from metrics.permissions import check_can_set_year
from metrics.services import save_district_year
from metrics.views.lists import chosen_year
from workflow.transitions import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def district_settings(request):
    """Show and keep the settings of a year; a year without its own shows what it would take over from the year before."""
    district, year = request.user.unit, chosen_year(request)
    check_can_set_year(request.user, district)
    known = DistrictYear.objects.visible_to(request.user).filter(year__lte=year).order_by("-year")
    settings = known.first() or DistrictYear(district=district, year=year)
    if settings.year != year:
        settings.pk, settings.year, settings._state.adding = None, year, True
    stored = settings.version if settings.pk else 0
    form = DistrictYearForm(request.POST or None, instance=settings)
    if not form.is_valid():
        return _page(request, form, year, _base_version(request, stored))
    try:
        save_district_year(by=request.user, settings=form.save(commit=False), base_version=_base_version(request, stored))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, year, stored, status=409)
    messages.success(request, _("The settings of %(year)d were saved.") % {"year": year})
    return redirect(f"{reverse('metrics:settings')}?year={year}")


def _base_version(request, stored: int) -> int:
    """Return the version that the posted form was filled from; the stored one when it says nothing."""
    typed = request.POST.get("base_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else stored


def _page(request, form, year: int, base_version: int, status: int = 200):
    this_year = timezone.localdate().year
    years = [this_year + 1, this_year, this_year - 1]
    context = {"form": form, "year": year, "years": years, "is_new": not base_version, "base_version": base_version}
    return render(request, "metrics/settings.html", context, status=status)
