"""One named list of a district's set: added, changed, moved."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from metrics.forms import NamedListForm
from metrics.models import Area, NamedList
from metrics.permissions import check_can_keep_catalogue
from metrics.services import add_named_list, change_named_list, move_named_list
from metrics.views.catalogues import visible_set
from metrics.views.indicators import posted_number, set_url
from workflow.form_keys import form_key
from workflow.queries import made_before
from workflow.transitions import Refused


def visible_list(request, pk: int) -> NamedList:
    """Return a list of a set that the person keeps. Raises Http404, PermissionDenied."""
    rows = NamedList.objects.visible_to(request.user).select_related("catalogue__district", "area")
    named_list = get_object_or_404(rows, pk=pk)
    check_can_keep_catalogue(request.user, named_list.catalogue)
    return named_list


@require_http_methods(["GET", "HEAD", "POST"])
def named_list_create(request, pk, area):
    """Add a list to an area of a set."""
    catalogue = visible_set(request, pk)
    check_can_keep_catalogue(request.user, catalogue)
    key = form_key(request)
    if earlier := made_before(request.user, key, NamedList.objects.visible_to(request.user).select_related("area")):
        return _told(request, earlier)
    area = get_object_or_404(Area.objects.visible_to(request.user), code=area)
    form = NamedListForm(request.POST or None, instance=NamedList(catalogue=catalogue, area=area))
    if not form.is_valid():
        return _page(request, form)
    return _saved(request, form, add_named_list, form_key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def named_list_detail(request, pk):
    """Change a list: name, fields, hint."""
    named_list = visible_list(request, pk)
    form = NamedListForm(request.POST or None, instance=named_list)
    base = posted_number(request, "base_version", named_list.version)
    if not form.is_valid():
        return _page(request, form, base)
    return _saved(request, form, change_named_list, base_version=base)


def _page(request, form, base_version: int = 0, status: int = 200):
    context = {"form": form, "named_list": form.instance, "catalogue": form.instance.catalogue, "base_version": base_version}
    return render(request, "metrics/named_list_form.html", context, status=status)


def _saved(request, form, deed, **values):
    named_list = form.save(commit=False)
    try:
        named_list = deed(by=request.user, named_list=named_list, **values)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        stored = NamedList.objects.visible_to(request.user).filter(pk=named_list.pk).first()
        return _page(request, form, stored.version if stored else 0, status=409)
    return _told(request, named_list)


def _told(request, named_list: NamedList):
    messages.success(request, _("“%(name)s” was saved.") % {"name": named_list.name})
    return redirect(set_url(named_list))


@require_POST
def named_list_move(request, pk):
    """Put a list one place up or down, or at the place that was typed."""
    named_list = visible_list(request, pk)
    place = posted_number(request, "place", 1) + {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    try:
        move_named_list(by=request.user, named_list=named_list, place=place)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(set_url(named_list))
