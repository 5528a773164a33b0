"""Ledgers: the index, a ledger's table with its quick-add row, one entry, removing and bringing back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import DISTRICT_ROLES
from accounts.models import Unit
from metrics.ledger_filters import LedgerFilters, read_filters
from metrics.ledger_forms import ledger_form, new_entry
from metrics.ledger_pages import (
    closed_months,
    closed_note,
    columns_of,
    differences,
    kept_values,
    label_of,
    load_cards,
    load_lines,
    month_note,
    with_names,
)
from metrics.ledgers import LedgerKind, ledger_kind
from metrics.permissions import check_can_keep_ledger
from metrics.return_page import is_allowed
from metrics.services import remove_entry, restore_entry, save_entry
from metrics.services.ledgers import DuplicateEntry, day_of, removed_entry
from metrics.views.items import base_version, row_id
from metrics.views.lists import chosen_township, chosen_year
from workflow.form_keys import form_key
from workflow.models import Event
from workflow.transitions import Refused

PAGE = 50


@require_safe
def ledger_index(request):
    """Show every ledger of a year with its entries by month and what is counted from it."""
    unit, year = chosen_unit(request), chosen_year(request)
    context = {"unit": unit, "year": year, "cards": load_cards(request.user, year, unit), "months": range(1, 13)}
    return render(request, "metrics/ledger_index.html", {**context, **_choices(request, year)})


def chosen_unit(request) -> Unit | None:
    """Return the township shown, None for all of a district's. A village's clerk keeps no ledger. Raises Http404."""
    if request.user.unit.is_village:
        raise Http404
    return chosen_township(request) if request.GET.get("unit") or request.user.role not in DISTRICT_ROLES else None


def _choices(request, year: int) -> dict:
    """Return the years and, for district staff, the townships to choose from."""
    this_year = timezone.localdate().year
    years = sorted({this_year, this_year - 1, this_year - 2, year}, reverse=True)
    is_district = request.user.role in DISTRICT_ROLES
    return {"years": years, "townships": Unit.objects.visible_to(request.user).townships() if is_district else ()}


def _ledger(code: str) -> LedgerKind:
    """Return a ledger that has pages here. Raises Http404."""
    kind = ledger_kind(code)
    if kind is None or kind.page != LedgerKind.page:
        raise Http404
    return kind


def _filters(request, kind: LedgerKind) -> LedgerFilters:
    return read_filters(kind, request.GET, year=chosen_year(request), unit=chosen_unit(request))


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_list(request, kind):
    """Show a ledger's table; POST adds an entry from the quick-add row and comes back to it."""
    ledger = _ledger(kind)
    filters = _filters(request, ledger)
    if request.method == "POST":
        return _add_entry(request, ledger, filters)
    may_keep = is_allowed(check_can_keep_ledger, request.user, filters.unit)
    form = quick_form(request, ledger, filters) if may_keep else None
    return render(request, "metrics/ledger_list.html", _list_context(request, ledger, filters, form))


def _list_context(request, ledger: LedgerKind, filters: LedgerFilters, form, same=()) -> dict:
    entries = with_names(ledger, filters.apply(ledger.model.objects.visible_to(request.user)))
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    return {
        "ledger": ledger, "filters": filters, "page": page, "lines": load_lines(ledger, page), "form": form, "same": same,
        "columns": [(label_of(ledger, name), name in ledger.countable) for name in columns_of(ledger)],
        "page_query": f"&{filters.query}",
        "last": row_id(request.GET.get("last", "")) if form and not form.is_bound else 0,
        "removed": _removed(request, ledger) if form else None, "note": _closed_note(filters) if form else "",
        **_choices(request, filters.year),
    }  # fmt: skip


def _closed_note(filters: LedgerFilters) -> str:
    first, last = filters.months
    closed = closed_months(filters.unit, filters.year)
    return closed_note({month: state for month, state in closed.items() if first <= month <= last})


def quick_form(request, ledger: LedgerKind, filters: LedgerFilters):
    """Return the quick-add row: empty, with what is kept of the entry just added, or a whole copy of one."""
    entry = new_entry(ledger, request.user.unit)
    if source := _source(request, ledger):
        names = ledger.columns if "copy" in request.GET else ledger.kept
        form = ledger_form(ledger)(instance=entry, initial=kept_values(ledger, source, names))
        form.fields["name"].widget.attrs["autofocus"] = True
        return form
    today, months = timezone.localdate(), filters.months
    is_now = filters.year == today.year and months[0] <= today.month <= months[1]
    chosen = {name: value for name, value in filters.values if ledger.field(name).choices and "," not in value}
    return ledger_form(ledger)(instance=entry, initial={ledger.date_field: today if is_now else None, **chosen})


def _source(request, ledger: LedgerKind):
    """Return the entry that ?last=ID or ?copy=ID names, the newest one for copy=last, else None."""
    typed = request.GET.get("copy") or request.GET.get("last") or ""
    own = ledger.model.objects.visible_to(request.user).filter(unit=request.user.unit)
    if typed == "last":
        return own.order_by("-pk").first()
    return own.filter(pk=row_id(typed)).first() if typed else None


def _add_entry(request, ledger: LedgerKind, filters: LedgerFilters):
    """Save the quick-add row. An entry that is probably there already is asked about first."""
    check_can_keep_ledger(request.user, request.user.unit)
    form = ledger_form(ledger)(request.POST, instance=new_entry(ledger, request.user.unit))
    if not form.is_valid():
        return render(request, "metrics/ledger_list.html", _list_context(request, ledger, filters, form))
    asks_first, entry = "anyway" not in request.POST, form.save(commit=False)
    try:
        entry = save_entry(by=request.user, kind=ledger, entry=entry, form_key=form_key(request), asks_first=asks_first)
    except DuplicateEntry as found:
        context = _list_context(request, ledger, filters, form, load_lines(ledger, found.entries))
        return render(request, "metrics/ledger_list.html", context)
    _tell_saved(request, ledger, entry)
    if not filters.apply(ledger.model.objects.visible_to(request.user)).filter(pk=entry.pk).exists():
        messages.info(request, _("It is not in the table below: the filters leave it out."))
    return redirect(f"{filters.address}&last={entry.pk}")


def _tell_saved(request, ledger: LedgerKind, entry) -> None:
    messages.success(request, _("“%(name)s” was saved.") % {"name": entry.name})
    if note := month_note(entry.unit, day_of(ledger, entry)):
        messages.warning(request, note)


def _removed(request, ledger: LedgerKind) -> dict | None:
    """Return what ?removed=EVENT removed, as long as it can be brought back: the Event's id and the entry's name."""
    number = row_id(request.GET.get("removed", ""))
    event = Event.objects.visible_to(request.user).filter(pk=number, unit=request.user.unit).first() if number else None
    change = removed_entry(ledger, event) if event else None
    if change is None or ledger.model.objects.visible_to(request.user).filter(pk=change["entry"]).exists():
        return None
    return {"event": event.pk, "name": change["old"]["name"]}


def visible_entry(request, ledger: LedgerKind, pk: int):
    """Return an entry the person may see. Raises Http404."""
    return get_object_or_404(with_names(ledger, ledger.model.objects.visible_to(request.user)), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_entry(request, kind, pk):
    """Change an entry; when somebody else changed it meanwhile, show both versions and let the person choose."""
    ledger = _ledger(kind)
    entry = visible_entry(request, ledger, pk)
    check_can_keep_ledger(request.user, entry.unit)
    filters, note = _filters(request, ledger), month_note(entry.unit, day_of(ledger, entry))
    form = ledger_form(ledger)(request.POST or None, instance=entry)
    base = base_version(request, entry.version)
    context = {"ledger": ledger, "form": form, "entry": entry, "filters": filters, "note": note, "base_version": base}
    if not form.is_valid():
        return render(request, "metrics/ledger_entry.html", context)
    try:
        save_entry(by=request.user, kind=ledger, entry=form.save(commit=False), base_version=base)
    except Refused as refusal:
        return _show_conflict(request, ledger, str(refusal), context)
    _tell_saved(request, ledger, entry)
    return redirect(filters.address)


def _show_conflict(request, ledger: LedgerKind, refusal: str, context: dict):
    """Show what is stored beside what was typed; of an entry removed meanwhile only what was typed, to be added anew."""
    entry = context["entry"]
    stored = with_names(ledger, ledger.model.objects.visible_to(request.user)).filter(pk=entry.pk).first()
    found = {"conflict": refusal, "stored": stored, "is_gone": stored is None}
    if stored:
        found |= {"differences": differences(ledger, stored, entry), "base_version": stored.version}
    return render(request, "metrics/ledger_entry.html", {**context, **found}, status=409)


@require_POST
def ledger_remove(request, kind, pk):
    """Remove an entry; the table then offers to bring it back."""
    ledger = _ledger(kind)
    entry, filters = visible_entry(request, ledger, pk), _filters(request, ledger)
    note = month_note(entry.unit, day_of(ledger, entry))
    try:
        event = remove_entry(by=request.user, kind=ledger, entry=entry)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(filters.address)
    if note:
        messages.warning(request, note)
    return redirect(f"{filters.address}&removed={event.pk}")


@require_POST
def ledger_restore(request, kind, event):
    """Bring a removed entry back."""
    ledger = _ledger(kind)
    removal = get_object_or_404(Event.objects.visible_to(request.user), pk=event)
    try:
        entry = restore_entry(by=request.user, kind=ledger, event=removal)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(_filters(request, ledger).address)
    messages.success(request, _("“%(name)s” is back.") % {"name": entry.name})
    return redirect(f"{_filters(request, ledger).address}&last={entry.pk}")
