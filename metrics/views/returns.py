"""The entry grid: the page, saving cells, the inspector of one cell."""

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import DISTRICT_ROLES, Role
from metrics.choices import FigureKind
from metrics.grid import load_grid
from metrics.grid_html import RowWriter
from metrics.grid_input import read_form
from metrics.grid_reply import cells_reply, grid_reply
from metrics.models import MonthlyReturn
from metrics.news import newest_change
from metrics.panel import load_panel
from metrics.permissions import check_can_comment, check_can_edit
from metrics.return_page import first_marked, is_allowed, load_return_page
from metrics.services import explain_figure, save_figures
from metrics.views.cell_json import beat_json, save_json
from workflow.transitions import Refused

SHOWS = ("all", "todo", "blank", "issues", "comments", "changed", "attention", "check")


def visible_return(user, pk: int) -> MonthlyReturn:
    """Return a return the person may see. Raises Http404."""
    rows = MonthlyReturn.objects.visible_to(user).select_related("unit__parent", "submitted_by", "approved_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def return_detail(request, pk):
    """Show the grid: to type in, to review, or to read."""
    monthly_return = visible_return(request.user, pk)
    if request.user.unit.is_village:
        return redirect("volunteers:village_sheet", pk)
    if "@" in request.GET.get("cell", ""):
        return redirect(cell_url(monthly_return, request.GET["cell"]))
    return render(request, "metrics/return_detail.html", detail_context(request, monthly_return))


def detail_context(request, monthly_return, unsaved=()) -> dict:
    """Return what the grid page shows; `unsaved` are cells that were typed but could not be saved."""
    since = newest_change(monthly_return, request.user)
    grid = load_grid(monthly_return, for_district=request.user.role in DISTRICT_ROLES)
    page = load_return_page(monthly_return, grid, request.user)
    cell, show = request.GET.get("cell", ""), request.GET.get("show", "")
    marked = "" if cell or show else first_marked(page, monthly_return)
    rights = panel_rights(request.user, monthly_return)
    row_writer = RowWriter(monthly_return, rights["can_edit"], grid.has_targets)
    return {
        "grid": grid, "page": page, "since": since, "unsaved": unsaved, "row_writer": row_writer,
        "show": show if show in SHOWS else page.default_show,
        "panel": load_panel(monthly_return, cell or marked, request.user) if cell or marked else None, "marked": marked,
        **rights, "seen": seen_json({row.code: row.cell for row in grid.rows if row.has_cell}),
    }  # fmt: skip


def seen_json(cells) -> str:
    """Return what the page showed, cell -> [version, text]: a posted form is compared with it, scripts read versions."""
    return json.dumps({name: [cell.version, cell.shown] for name, cell in cells.items()}, ensure_ascii=False)


@require_POST
def save_cells(request, pk):
    """Save typed cells: JSON from the page's script, or the whole form where no script runs."""
    monthly_return = visible_return(request.user, pk)
    if request.content_type == "application/json":
        return save_json(request, monthly_return, grid_answer)
    inputs = read_form(request.POST)
    try:
        results = save_figures(by=request.user, monthly_return=monthly_return, inputs=inputs)
    except Refused as refusal:
        messages.error(request, str(refusal))
        if request.user.unit.is_village:
            return redirect("volunteers:village_sheet", pk)
        return render(request, "metrics/return_detail.html", detail_context(request, monthly_return, inputs), status=409)
    return form_answer(request, results, reverse("metrics:return_detail", args=[pk]))


@require_POST
def return_beat(request, pk):
    """Hear what others saved in a return while its page is open."""
    return beat_json(request, visible_return(request.user, pk), grid_answer)


def grid_answer(request, monthly_return, results) -> dict:
    """Return what the page needs to know after cells were saved, or after something else changed what it says of them."""
    if request.user.unit.is_village:
        return cells_reply(monthly_return, results)
    grid = load_grid(monthly_return)
    page = load_return_page(monthly_return, grid, request.user)
    return grid_reply(grid, results, next((deed for deed in page.deeds if deed.name == "submit"), None))


def form_answer(request, results, url):
    """Say what became of a form without script, and go back to it. Conflicts tell both values: nothing is lost silently."""
    saved = sum(result.status == "saved" for result in results)
    if saved:
        messages.success(request, _("Figures saved: %(count)d.") % {"count": saved})
    for result in results:
        if result.status == "conflict":
            text = _("%(name)s was changed by %(by)s at %(at)s to “%(stored)s”; you typed “%(typed)s”, which was not saved.")
            other = result.other or {}
            messages.error(request, text % {
                "name": result.cell, "by": other.get("by", ""), "at": other.get("at", ""),
                "stored": other.get("raw", ""), "typed": result.raw,
            })  # fmt: skip
        elif result.message and (result.status == "refused" or result.kind == FigureKind.TEXT):
            messages.warning(request, result.message)
    if not results:
        messages.info(request, _("Nothing was changed."))
    return redirect(url)


@require_http_methods(["GET", "HEAD", "POST"])
def cell_panel(request, pk, cell):
    """Show the inspector of one cell as a fragment; POST keeps the explanation of its query."""
    monthly_return = visible_return(request.user, pk)
    if request.user.unit.is_village and not cell.endswith("@" + request.user.unit.code):
        raise Http404
    if request.method == "POST":
        return _explain(request, monthly_return, cell)
    panel = load_panel(monthly_return, cell, request.user)
    if panel is None:
        raise Http404
    return render(request, "metrics/_panel.html", {"panel": panel, **panel_rights(request.user, monthly_return)})


def _explain(request, monthly_return, cell):
    text = request.POST.get("explanation", "")
    try:
        explain_figure(by=request.user, monthly_return=monthly_return, cell=cell, text=text)
        messages.success(request, _("The explanation is saved."))
    except Refused as refusal:
        messages.error(request, f"{refusal} {text}".strip())
    return redirect(cell_url(monthly_return, cell))


def panel_rights(user, monthly_return) -> dict:
    """Return which forms of the inspector work for this person."""
    return {
        "monthly_return": monthly_return,
        "can_edit": is_allowed(check_can_edit, user, monthly_return),
        "can_comment": is_allowed(check_can_comment, user, monthly_return),
        "is_reviewer": user.role == Role.DISTRICT_REVIEWER,
    }


def cell_url(monthly_return, cell: str) -> str:
    """Return the address that opens a cell with its inspector: on the village sheet for a village's cell."""
    name = "volunteers:village_sheet" if "@" in cell else "metrics:return_detail"
    return f"{reverse(name, args=[monthly_return.pk])}?{urlencode({'cell': cell})}#c-{cell}"
