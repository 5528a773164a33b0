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


@require_http_methods(["GET", "HEAD", "POST"])
def district_settings(request):
    """Show and keep the settings of a year; a year without its own shows what it would take over from the year before."""
    district, year = request.user.unit, chosen_year(request)
    check_can_set_year(request.user, district)
    known = DistrictYear.objects.visible_to(request.user).filter(year__lte=year).order_by("-year")
    settings = known.first() or DistrictYear(district=district, year=year)
    if settings.year != year:
        settings.pk, settings.year, settings._state.adding = None, year, True
    form = DistrictYearForm(request.POST or None, instance=settings)
    if not form.is_valid():
        this_year = timezone.localdate().year
        context = {"form": form, "year": year, "years": [this_year + 1, this_year, this_year - 1], "is_new": settings.pk is None}
        return render(request, "metrics/settings.html", context)
    save_district_year(by=request.user, settings=form.save(commit=False))
    messages.success(request, _("The settings of %(year)d were saved.") % {"year": year})
    return redirect(f"{reverse('metrics:settings')}?year={year}")
