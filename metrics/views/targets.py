"""Targets of a district's townships: typed in a grid, filled from a pasted block or by a formula, then saved."""

from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from metrics.permissions import check_can_set_targets
from metrics.services import save_targets as save
from metrics.target_page import (
    ROUNDINGS,
    Formula,
    TargetPage,
    load_target_page,
    mark,
    overlay,
    paste,
    propose,
    read_form,
    typed_texts,
)
from metrics.views.lists import asked_number

MOST_COLUMNS = 40


@require_safe
def target_list(request):
    """Show a year's targets: the indicators that have any, and those that were added to the page."""
    check_can_set_targets(request.user, request.user.unit)
    year = asked_number(request, "year", 2000, 2100) or timezone.localdate().year
    asked = request.GET.getlist("show")[:MOST_COLUMNS]
    return _page(request, load_target_page(request.user.unit, year, asked), asked)


def _page(request, page: TargetPage, asked, status: int = 200, **more):
    this_year = timezone.localdate().year
    context = {"page": page, "asked": asked, "years": [this_year + 1, this_year, this_year - 1], "roundings": ROUNDINGS}
    defaults = {"formula": Formula(), "only_empty": True, "pasted": "", "note": ""}
    return render(request, "metrics/target_list.html", {**context, **defaults, **more}, status=status)


def _posted(request) -> tuple[TargetPage, list[str]]:
    """Return the page that was posted, with what was typed into it."""
    typed = request.POST.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else timezone.localdate().year
    asked = request.POST.getlist("show")[:MOST_COLUMNS]
    page = load_target_page(request.user.unit, year, asked)
    overlay(page, typed_texts(request.POST))
    return page, asked


@require_POST
def target_fill(request):
    """Fill the grid from a pasted block or by a formula and show it; nothing is saved yet."""
    check_can_set_targets(request.user, request.user.unit)
    page, asked = _posted(request)
    block, only_empty = request.POST.get("block", ""), bool(request.POST.get("only_empty"))
    formula = _formula(request, page)
    if request.POST.get("fill") == "paste":
        filled, block = paste(page, block), block if page.notes else ""
    else:
        filled = propose(page, formula, only_empty=only_empty) if not page.notes else 0
    if filled:
        page.notes.insert(0, _("%(count)d cells were filled in. Look them over, then save.") % {"count": filled})
    elif not page.notes:
        page.notes.append(_("Nothing was filled in: there are no results of last year for these cells, or all are filled."))
    more = {"formula": formula, "only_empty": only_empty, "pasted": block, "note": request.POST.get("note", "")}
    return _page(request, page, asked, **more)


def _formula(request, page: TargetPage) -> Formula:
    numbers = {}
    for name, label in (("factor", _("factor")), ("addend", _("number to add"))):
        typed = request.POST.get(name, "").strip() or ("1" if name == "factor" else "0")
        try:
            numbers[name] = Decimal(typed.replace("，", "").replace(",", ""))
        except InvalidOperation:
            numbers[name] = Decimal("NaN")
        if not numbers[name].is_finite() or abs(numbers[name]) > 10**9:
            page.notes.append(_("The %(label)s “%(typed)s” is no number; write it as 1.05.") % {"label": label, "typed": typed})
            numbers[name] = Decimal(1 if name == "factor" else 0)
    rounding = request.POST.get("rounding", "unit")
    return Formula(**numbers, rounding=rounding if rounding in ROUNDINGS else "unit")


@require_POST
def target_save(request):
    """Save what differs from what the page showed; what cannot be saved stays in its cell with the reason."""
    check_can_set_targets(request.user, request.user.unit)
    page, asked = _posted(request)
    inputs, note = read_form(request.POST), request.POST.get("note", "")
    results = save(by=request.user, district=request.user.unit, year=page.year, inputs=inputs, note=note)
    saved = sum(result.status == "saved" for result in results)
    if saved:
        messages.success(request, _("Targets saved: %(count)d.") % {"count": saved})
    open_ends = [result for result in results if result.status in ("refused", "conflict")]
    if not open_ends:
        if not saved:
            messages.info(request, _("Nothing was changed."))
        query = urlencode({"year": page.year, "show": asked}, doseq=True)
        return redirect(f"{reverse('metrics:target_list')}?{query}")
    page = load_target_page(request.user.unit, page.year, asked)
    mark(page, open_ends)
    page.notes.extend(result.message for result in open_ends)
    return _page(request, page, asked, status=409, note=note)
