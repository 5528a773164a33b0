"""Named items of a township's year: a table a list, with a form to add, change and remove."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Unit
from metrics.forms import ItemForm
from metrics.item_history import item_history, list_history
from metrics.items import OPTIONAL_FIELDS, differences, load_item_page
from metrics.ledger_pages import load_lines
from metrics.ledgers import ledger_kind
from metrics.models import Highlight, NamedList
from metrics.numbers import plain
from metrics.permissions import check_can_manage_items
from metrics.return_page import is_allowed
from metrics.services import remove_item, restore_item, save_item
from metrics.services.items import removed_item
from metrics.services.ledgers import DuplicateEntry
from metrics.views.lists import chosen_township, chosen_year
from workflow.form_keys import form_key
from workflow.models import Event
from workflow.transitions import Refused


def item_list_url(item: Highlight) -> str:
    """Return the page of the list an item stands in."""
    query = urlencode({"year": item.year, "list": item.named_list.code, "unit": item.unit_id})
    return f"{reverse('metrics:item_list')}?{query}"


@require_safe
def item_list(request):
    """Show one list of a township's year, and the index of all."""
    if request.user.unit.is_village:
        raise Http404
    year, township = chosen_year(request), chosen_township(request)
    townships = Unit.objects.visible_to(request.user).townships()
    if township is None and (township := townships.first()) is None:
        raise Http404
    page = load_item_page(township, year, request.GET.get("list", ""))
    may_edit = is_allowed(check_can_manage_items, request.user, township)
    form = quick_form(request, township, year, page.chosen) if may_edit and page.chosen else None
    context = {"township": township, "townships": townships, "year": year, "page": page, "form": form, "may_edit": may_edit}
    chosen = {"year": year, "unit": township.pk, "list": page.chosen.code if page.chosen else ""}
    context |= {"years": [year + 1, year, year - 1], "query": f"?{urlencode(chosen)}"}
    context["history"] = list_history(township, page.chosen, year) if page.chosen else ()
    if form:
        context["removed"] = _removed(request)
        context["quick_action"] = f"{reverse('metrics:item_create', args=[page.chosen.code])}?year={year}"
        context["copy_address"] = f"{item_list_url(form.instance)}&copy=last"
        context["last"] = row_id(request.GET.get("last", ""))
    return render(request, "metrics/item_list.html", context)


def quick_form(request, township: Unit, year: int, named_list: NamedList) -> ItemForm:
    """Return the list's quick-add row: empty, with the date of the item just added (?last=), or a copy of one (?copy=)."""
    item = Highlight(unit=township, year=year, named_list=named_list)
    own = Highlight.objects.visible_to(request.user).filter(unit=township, named_list=named_list)
    typed = request.GET.get("copy") or request.GET.get("last") or ""
    source = own.order_by("-pk").first() if typed == "last" else own.filter(pk=row_id(typed)).first()
    if source is None:
        return ItemForm(instance=item)
    names = ("name", *OPTIONAL_FIELDS) if "copy" in request.GET else ("date_from",)
    values = {name: getattr(source, name) for name in names}
    form = ItemForm(instance=item, initial=values | ({"quantity": plain(values["quantity"])} if "quantity" in values else {}))
    form.fields["name"].widget.attrs["autofocus"] = True
    return form


def row_id(typed: str) -> int:
    """Return a row's number as named in an address, 0 for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0


@require_http_methods(["GET", "HEAD", "POST"])
def item_create(request, list_code):
    """Add an item to a list of the own township."""
    year, district = chosen_year(request), request.user.unit.parent_id
    lists = NamedList.objects.visible_to(request.user).of_year(district, year)
    named_list = get_object_or_404(lists, code=list_code)
    check_can_manage_items(request.user, request.user.unit)
    item = Highlight(unit=request.user.unit, year=year, named_list=named_list)
    form = ItemForm(request.POST or None, instance=item)
    context = {"form": form, "item": item, "back": item_list_url(item)}
    if not form.is_valid():
        return render(request, "metrics/item_form.html", context)
    asks_first, item = "anyway" not in request.POST, form.save(commit=False)
    try:
        item = save_item(by=request.user, item=item, form_key=form_key(request), asks_first=asks_first)
    except DuplicateEntry as found:
        return render(request, "metrics/item_form.html", context | {"same": load_lines(ledger_kind("highlight"), found.entries)})
    messages.success(request, _("“%(name)s” was added to %(list)s.") % {"name": item.name, "list": named_list.name})
    return redirect(f"{item_list_url(item)}&last={item.pk}")


def visible_item(request, pk) -> Highlight:
    """Return an item the person may see. Raises Http404."""
    return get_object_or_404(Highlight.objects.visible_to(request.user).select_related("named_list", "unit"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def item_detail(request, pk):
    """Change an item; when somebody else changed it meanwhile, show both versions and let the person choose."""
    item = visible_item(request, pk)
    check_can_manage_items(request.user, item.unit)
    form = ItemForm(request.POST or None, instance=item)
    context = {"form": form, "item": item, "back": item_list_url(item), "base_version": base_version(request, item.version)}
    context["history"] = item_history(item)
    if not form.is_valid():
        return render(request, "metrics/item_form.html", context)
    try:
        save_item(by=request.user, item=form.save(commit=False), base_version=context["base_version"])
    except Refused as refusal:
        stored = visible_item(request, pk)
        found = {"conflict": str(refusal), "differences": differences(stored, item), "stored": stored}
        return render(request, "metrics/item_form.html", {**context, **found, "base_version": stored.version}, status=409)
    messages.success(request, _("“%(name)s” was saved.") % {"name": item.name})
    return redirect(item_list_url(item))


def base_version(request, present: int) -> int:
    """Return the version that a posted form says it was made from, the present one when it says none."""
    typed = request.POST.get("base_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else present


@require_POST
def item_remove(request, pk):
    """Remove an item; the list then offers to bring it back."""
    item = visible_item(request, pk)
    url = item_list_url(item)
    try:
        event = remove_item(by=request.user, item=item)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(url)
    return redirect(f"{url}&removed={event.pk}")


@require_POST
def item_restore(request, event):
    """Bring a removed item back."""
    removal = get_object_or_404(Event.objects.visible_to(request.user), pk=event)
    try:
        item = restore_item(by=request.user, event=removal)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("metrics:item_list")
    messages.success(request, _("“%(name)s” is back.") % {"name": item.name})
    return redirect(f"{item_list_url(item)}&last={item.pk}")


def _removed(request) -> dict | None:
    """Return what ?removed=EVENT removed, as long as it can be brought back: the Event's id and the item's name."""
    number = row_id(request.GET.get("removed", ""))
    event = Event.objects.visible_to(request.user).filter(pk=number, unit=request.user.unit).first() if number else None
    said = removed_item(event) if event else None
    if said is None or Highlight.objects.visible_to(request.user).filter(pk=event.subject_id).exists():
        return None
    return {"event": event.pk, "name": said["name"]}
