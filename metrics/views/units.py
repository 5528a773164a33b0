"""A district's units for its administrator: townships, their villages, and what happens to villages."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Unit
from accounts.permissions import check_can_manage_accounts
from accounts.queries import day_of_year, township_rows, village_rows
from metrics.permissions import check_can_keep_units, check_can_merge
from metrics.services import add_village, end_village, merge_villages, rename_village, rename_village_from, save_populations
from metrics.unit_forms import EndForm, MergeForm, NewNameForm, PopulationForm, RenameForm, VillageForm, compared_anew
from metrics.views.lists import chosen_year
from workflow.form_keys import form_key
from workflow.transitions import Refused

PAGE = 50


def visible_township(request, pk: int) -> Unit:
    """Return a township that the person keeps. Raises Http404, PermissionDenied."""
    townships = Unit.objects.visible_to(request.user).townships().select_related("parent")
    township = get_object_or_404(townships, pk=pk)
    check_can_keep_units(request.user, township)
    return township


def visible_village(request, pk: int) -> Unit:
    """Return a village that the person keeps. Raises Http404, PermissionDenied."""
    villages = Unit.objects.visible_to(request.user).villages().select_related("parent__parent", "successor")
    village = get_object_or_404(villages, pk=pk)
    check_can_keep_units(request.user, village)
    return village


def _years() -> list[int]:
    this_year = timezone.localdate().year
    return [this_year + 1, this_year, this_year - 1]


@require_safe
def unit_list(request):
    """List the townships with their villages and population of a year."""
    check_can_manage_accounts(request.user)
    year = chosen_year(request)
    rows = township_rows(Unit.objects.visible_to(request.user), year, timezone.localdate())
    context = {"year": year, "years": _years(), "page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    return render(request, "metrics/unit_list.html", context)


@require_safe
def unit_detail(request, pk):
    """Show a township's villages: since when, till when, into what they went, and how many people live there."""
    township, year = visible_township(request, pk), chosen_year(request)
    page = Paginator(village_rows(township, year), PAGE).get_page(request.GET.get("page"))
    context = {
        "township": township, "year": year, "years": _years(), "page": page, "before": year - 1,
        "day": day_of_year(year, timezone.localdate()), "why_not_merge": _why_not(check_can_merge, request.user, township),
    }  # fmt: skip
    return render(request, "metrics/unit_detail.html", context)


def _why_not(check, user, unit: Unit) -> str:
    try:
        check(user, unit)
    except (PermissionDenied, Refused) as refusal:
        return str(refusal)
    return ""


def _form_page(request, name: str, form, status: int = 200, **context):
    return render(request, f"metrics/{name}.html", {"form": form, **context}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def village_create(request, pk):
    """Add a village to a township."""
    township = visible_township(request, pk)
    form = VillageForm(request.POST or None)
    if not form.is_valid():
        return _form_page(request, "village_create", form, township=township)
    try:
        village = add_village(by=request.user, township=township, **form.cleaned_data, form_key=form_key(request))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, "village_create", form, 409, township=township)
    messages.success(request, _("%(name)s was added.") % {"name": village.name})
    return redirect("metrics:unit_detail", township.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def village_merge(request, pk):
    """Merge villages of a township into a new one or one that stays."""
    township = visible_township(request, pk)
    if words := _why_not(check_can_merge, request.user, township):
        messages.error(request, words)
        return redirect("metrics:unit_detail", township.pk)
    form = MergeForm(township, request.POST or None)
    if not form.is_valid():
        return _form_page(request, "village_merge", form, township=township)
    try:
        heir = merge_villages(by=request.user, township=township, **form.cleaned_data, form_key=form_key(request))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, "village_merge", form, 409, township=township)
    messages.success(request, _("Merged into %(name)s. Check its population of the year.") % {"name": heir.name})
    return redirect(f"{reverse('metrics:unit_population', args=[township.pk])}?year={form.cleaned_data['since'].year}")


@require_http_methods(["GET", "HEAD", "POST"])
def village_detail(request, pk):
    """Show a village and rename it."""
    village = visible_village(request, pk)
    form = RenameForm(request.POST or None, initial={"name": village.name})
    if not form.is_valid():
        return _village_page(request, village, form)
    try:
        rename_village(by=request.user, village=village, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("name", str(refusal))
        return _village_page(request, village, form, status=409)
    messages.success(request, _("The village is named %(name)s now.") % form.cleaned_data)
    return redirect("metrics:village_detail", pk)


@require_POST
def village_rename_from(request, pk):
    """Let a village carry another name from a day on."""
    village = visible_village(request, pk)
    form = NewNameForm(request.POST, auto_id="new_%s")
    if not form.is_valid():
        return _village_page(request, village, name_form=form)
    try:
        heir = rename_village_from(by=request.user, village=village, **form.cleaned_data, form_key=form_key(request))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _village_page(request, village, name_form=form, status=409)
    words = _("%(old)s is %(new)s from %(day)s on. A village clerk's account of the old name needs the new village.")
    messages.success(request, words % {"old": village.name, "new": heir.name, "day": heir.valid_from})
    return redirect("metrics:village_detail", heir.pk)


def _village_page(request, village: Unit, form=None, end_form=None, name_form=None, status: int = 200):
    form = form or RenameForm(initial={"name": village.name})
    end_form = end_form or EndForm(initial={"valid_to": village.valid_to})
    name_form = name_form or NewNameForm(auto_id="new_%s")
    came_from = Unit.objects.visible_to(request.user).filter(successor=village)
    forms = {"end_form": end_form, "name_form": name_form}
    return _form_page(request, "village_detail", form, status, **forms, village=village, came_from=came_from)


@require_POST
def village_end(request, pk):
    """End a village on a day, move the day, or let it go on."""
    village = visible_village(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _village_page(request, village, end_form=form)
    try:
        ended = end_village(by=request.user, village=village, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("valid_to", str(refusal))
        return _village_page(request, village, end_form=form, status=409)
    values = {"name": ended.name, "day": ended.valid_to}
    messages.success(request, (_("%(name)s ends on %(day)s.") if ended.valid_to else _("%(name)s goes on.")) % values)
    return redirect("metrics:village_detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_population(request, pk):
    """Enter the household population of a township's villages for a year, one by one or as a pasted list."""
    township, year = visible_township(request, pk), chosen_year(request)
    first, last = date(year, 1, 1), date(year, 12, 31)
    villages = village_rows(township, year).valid_during(first, last)
    form = PopulationForm(villages, request.POST or None)
    context = {"township": township, "year": year, "years": _years()}
    if not form.is_valid():
        return _form_page(request, "unit_population", form, **context)
    try:
        count = save_populations(by=request.user, township=township, year=year, inputs=form.inputs)
    except Refused as refusal:
        form = PopulationForm(villages, compared_anew(form, village_rows(township, year)))
        form.add_error(None, str(refusal))
        return _form_page(request, "unit_population", form, 409, **context)
    messages.success(request, _("Saved: the population of %(count)d villages changed.") % {"count": count})
    return redirect(f"{reverse('metrics:unit_detail', args=[township.pk])}?year={year}")
