"""One indicator of a district's set: added, changed, moved, retired, restored, removed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from metrics.catalogue_review import differences_between, settled_month
from metrics.catalogue_years import load_catalogue
from metrics.indicator_form import IndicatorForm
from metrics.models import Area, Indicator
from metrics.permissions import check_can_keep_catalogue
from metrics.services import (
    add_indicator,
    change_indicator,
    move_indicator,
    remove_indicator,
    restore_indicator,
    retire_indicator,
)
from metrics.services.indicators import is_known_elsewhere, running_year
from metrics.views.catalogues import visible_set
from workflow.form_keys import form_key
from workflow.queries import made_before
from workflow.transitions import Refused


def visible_indicator(request, pk: int) -> Indicator:
    """Return an indicator of a set that the person keeps. Raises Http404, PermissionDenied."""
    rows = Indicator.objects.visible_to(request.user).select_related("catalogue__district", "area", "parent")
    indicator = get_object_or_404(rows, pk=pk)
    check_can_keep_catalogue(request.user, indicator.catalogue)
    return indicator


def posted_number(request, name: str, present: int = 0) -> int:
    """Return a posted whole number below a million, or what stands there when it is none."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else present


def set_url(indicator) -> str:
    """Return where an indicator stands in the table of its set."""
    return f"{reverse('metrics:catalogue_detail', args=[indicator.catalogue_id])}#a-{indicator.area.code}"


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_create(request, pk, area):
    """Add an indicator to an area of a set; to one in force from a month on."""
    catalogue = visible_set(request, pk)
    check_can_keep_catalogue(request.user, catalogue)
    key = form_key(request)
    if earlier := made_before(request.user, key, Indicator.objects.visible_to(request.user).select_related("area")):
        return _added(request, earlier)
    indicator = Indicator(
        catalogue=catalogue, area=get_object_or_404(Area.objects.visible_to(request.user), code=area), source="entered",
        aggregation="sum",
    )  # fmt: skip
    form = IndicatorForm(request.POST or None, indicator=indicator, indicators=load_catalogue(catalogue))
    context = _months(catalogue)
    if not form.is_valid():
        return _page(request, form, context)
    try:
        month = posted_number(request, "month", 1) or 1
        indicator = add_indicator(by=request.user, indicator=indicator, month=month, form_key=key)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, context, status=409)
    return _added(request, indicator)


def _added(request, indicator):
    messages.success(request, _("“%(name)s” was added.") % {"name": indicator.name})
    return redirect(set_url(indicator))


def _months(catalogue) -> dict:
    """Return the months from which a change may begin: any of a draft, those to come of a set in force."""
    if catalogue.is_draft:
        return {"year": catalogue.first_year, "months": range(1, 13)}
    try:
        year = running_year(catalogue)
    except Refused as refusal:
        return {"year": catalogue.first_year, "months": (), "closed": str(refusal)}
    return {"year": year, "months": range(settled_month(catalogue.district_id, year) + 1, 13)}


def _page(request, form, context: dict, status: int = 200):
    context = {**context, "form": form, "indicator": form.indicator, "catalogue": form.catalogue}
    return render(request, "metrics/indicator_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_detail(request, pk):
    """Change an indicator; when somebody else changed it meanwhile, say in what the two differ."""
    indicator = visible_indicator(request, pk)
    indicators = load_catalogue(indicator.catalogue)
    form = IndicatorForm(request.POST or None, indicator=indicator, indicators=indicators)
    base = posted_number(request, "base_version", indicator.version)
    context = {
        **_months(indicator.catalogue), "base_version": base, "may_remove": _may_remove(indicator),
        "ends": _ends(indicator.catalogue),
    }  # fmt: skip
    if not form.is_valid():
        return _page(request, form, context)
    try:
        change_indicator(by=request.user, indicator=indicator, base_version=base)
    except Refused as refusal:
        stored = visible_indicator(request, pk)
        found = {"conflict": str(refusal), "differences": differences_between(stored, indicator, indicators)}
        return _page(request, form, {**context, **found, "base_version": stored.version}, status=409)
    messages.success(request, _("“%(name)s” was saved.") % {"name": indicator.name})
    return redirect(set_url(indicator))


def _may_remove(indicator) -> bool:
    return indicator.catalogue.is_draft and not is_known_elsewhere(indicator)


def _ends(catalogue) -> list[int]:
    """Return the months that may be the last: 0 is not in the year at all."""
    months = list(_months(catalogue)["months"])
    return [month - 1 for month in months]


@require_POST
def indicator_move(request, pk):
    """Put an indicator one place up or down, or at the place that was typed."""
    indicator = visible_indicator(request, pk)
    place = posted_number(request, "place", 1)
    place += {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    return _done(request, indicator, move_indicator, place=place)


@require_POST
def indicator_retire(request, pk):
    """Count an indicator no more, from the year's beginning or after a month."""
    indicator = visible_indicator(request, pk)
    last_month = posted_number(request, "last_month", -1)
    if not 0 <= last_month < 12:
        messages.error(request, _("Choose the last month that is counted."))
        return redirect("metrics:indicator_detail", pk)
    words = _("“%(name)s” is retired; what was filled in before stays.") % {"name": indicator.name}
    return _done(request, indicator, retire_indicator, words, last_month=last_month)


@require_POST
def indicator_restore(request, pk):
    """Count a retired indicator again."""
    indicator = visible_indicator(request, pk)
    return _done(request, indicator, restore_indicator, _("“%(name)s” counts again.") % {"name": indicator.name})


@require_POST
def indicator_remove(request, pk):
    """Take an indicator out of the draft it was added to."""
    indicator = visible_indicator(request, pk)
    return _done(request, indicator, remove_indicator, _("“%(name)s” was removed.") % {"name": indicator.name})


def _done(request, indicator, deed, words: str = "", **values):
    url = set_url(indicator)
    try:
        deed(by=request.user, indicator=indicator, **values)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if words:
            messages.success(request, words)
    return redirect(url)
