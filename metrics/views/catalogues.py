"""A district's sets of indicators: the years, a copy, the table, the preview, what changes, publishing."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrics.catalogue_page import PreviewWriter, load_preview, load_set, load_years
from metrics.catalogue_review import differences_to, effect_range, obstacles, settled_month
from metrics.forms import PublishForm
from metrics.models import Catalogue
from metrics.permissions import check_can_keep_catalogue, check_can_keep_catalogues
from metrics.services import copy_year, discard_draft, publish_catalogue
from metrics.services.sets import YEARS_AHEAD
from metrics.views.lists import asked_number
from workflow.transitions import Refused


def visible_set(request, pk: int) -> Catalogue:
    """Return a set that the person may keep or, when it is the shipped one, look at. Raises Http404, PermissionDenied."""
    rows = Catalogue.objects.visible_to(request.user).select_related("district", "published_by")
    catalogue = get_object_or_404(rows, pk=pk)
    if not (catalogue.is_shipped and request.method in ("GET", "HEAD")):
        check_can_keep_catalogue(request.user, catalogue)
    check_can_keep_catalogues(request.user, request.user.unit)
    return catalogue


@require_safe
def catalogue_list(request):
    """List the years with the set that serves each, and copy one to another."""
    check_can_keep_catalogues(request.user, request.user.unit)
    rows = Catalogue.objects.visible_to(request.user).select_related("district", "published_by")
    this_year = timezone.localdate().year
    lines = load_years(request.user.unit, list(rows))
    taken = {line.year for line in lines if line.has_own}
    targets = [year for year in range(this_year, this_year + YEARS_AHEAD + 1) if year not in taken]
    context = {"lines": lines, "targets": targets, "sources": [line.year for line in lines if line.serving]}
    suggested = this_year + 1 if this_year + 1 in targets else None
    return render(request, "metrics/catalogue_list.html", {**context, "this_year": this_year, "suggested": suggested})


@require_POST
def catalogue_copy(request):
    """Copy what a year counts into a draft for another."""
    check_can_keep_catalogues(request.user, request.user.unit)
    source, target = (request.POST.get(name, "") for name in ("source", "target"))
    if not (source.isascii() and source.isdigit() and target.isascii() and target.isdigit() and len(source + target) == 8):
        messages.error(request, _("Choose the year to copy from and the year to copy to."))
        return redirect("metrics:catalogue_list")
    try:
        draft = copy_year(by=request.user, district=request.user.unit, source_year=int(source), first_year=int(target))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("metrics:catalogue_list")
    messages.success(request, _("The draft for %(year)d is made. Nothing changes for anybody until it is published.")
                     % {"year": draft.first_year})  # fmt: skip
    return redirect("metrics:catalogue_detail", draft.pk)


@require_safe
def catalogue_detail(request, pk):
    """Show a set's indicators and lists by area, with what can be done to each."""
    catalogue = visible_set(request, pk)
    year = catalogue.first_year if catalogue.is_draft else max(catalogue.first_year, timezone.localdate().year)
    settled = 0 if catalogue.is_draft or catalogue.is_shipped else settled_month(catalogue.district_id, year)
    context = {"catalogue": catalogue, "areas": load_set(catalogue, year), "year": year, "settled": settled}
    return render(request, "metrics/catalogue_detail.html", context)


@require_safe
def catalogue_preview(request, pk):
    """Show the entry form of a month as clerks will see it."""
    catalogue = visible_set(request, pk)
    month = asked_number(request, "month", 1, 12) or 1
    grid = load_preview(catalogue, request.user.unit, month)
    context = {"catalogue": catalogue, "grid": grid, "month": month, "months": range(1, 13)}
    return render(request, "metrics/catalogue_preview.html", {**context, "row_writer": PreviewWriter(grid.monthly_return, True)})


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_publish(request, pk):
    """Show what changes against the year before and what is in the way; publish from a day on, after a second look."""
    catalogue = visible_set(request, pk)
    if not catalogue.is_draft:
        messages.info(request, _("The set of %(year)d is in force already.") % {"year": catalogue.first_year})
        return redirect("metrics:catalogue_detail", pk)
    today, latest = effect_range(catalogue)
    form = PublishForm(request.POST or None, initial={"effect_date": latest, "base_version": catalogue.version})
    status = 200
    if form.is_valid():
        if "confirmed" not in request.POST and not obstacles(catalogue):
            context = {"catalogue": catalogue, "form": form, "day": form.cleaned_data["effect_date"]}
            return render(request, "metrics/catalogue_confirm.html", context)
        try:
            publish_catalogue(by=request.user, catalogue=catalogue, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            form.data = form.data.copy()
            form.data["base_version"] = catalogue.version
            status = 409
        else:
            messages.success(request, _("The set of %(year)d is published.") % {"year": catalogue.first_year})
            return redirect("metrics:catalogue_detail", pk)
    found = differences_to(catalogue, catalogue.first_year - 1)
    context = {"catalogue": catalogue, "form": form, "differences": found, "obstacles": obstacles(catalogue)}
    return render(request, "metrics/catalogue_publish.html", {**context, "today": today, "latest": latest}, status=status)


@require_POST
def catalogue_discard(request, pk):
    """Throw a draft away."""
    catalogue = visible_set(request, pk)
    year = catalogue.first_year
    try:
        discard_draft(by=request.user, catalogue=catalogue)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("metrics:catalogue_detail", pk)
    messages.success(request, _("The draft for %(year)d is thrown away.") % {"year": year})
    return redirect("metrics:catalogue_list")
