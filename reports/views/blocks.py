"""Blocks of a report: editing one as text with tokens, leaving it out, taking in changed figures."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reports.assembly import load_binder
from reports.built_forms import form_class
from reports.models import Block, Report
from reports.permissions import check_can_edit
from reports.picker import load_picker
from reports.report_page import load_report_page
from reports.services import EditConflict, save_block, set_block_dropped, update_figures
from reports.views.reports import render_report, report_context, visible_report
from workflow.transitions import Refused

PARTS = ("head", "outline", "summary", "notices", "sheet")


def visible_block(request, pk: int, key: str) -> tuple[Report, Block]:
    """Return a report and one of its blocks. Raises Http404."""
    report = visible_report(request.user, pk)
    rows = Block.objects.visible_to(request.user).filter(report=report).select_related("updated_by")
    return report, get_object_or_404(rows, key=key)


def is_fetch(request) -> bool:
    """Whether the page's own script asks, for a part instead of a page."""
    return request.headers.get("X-Requested-With") == "fetch"


@require_http_methods(["GET", "HEAD", "POST"])
def block_edit(request, pk, key):
    """GET: open a block as plain text. POST: save it; whatever stands in the way, the typed text comes back."""
    report, block = visible_block(request, pk, key)
    if request.method != "POST":
        try:
            check_can_edit(request.user, report)
        except Refused as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        return _editor(request, report, block, form_class(block)(block=block, binder=load_binder(report)))
    form = form_class(block)(request.POST, block=block, binder=load_binder(report))
    if not form.is_valid():
        return _unsaved(form) if is_autosave(request) else _editor(request, report, block, form, status=422)
    return _save(request, report, block, form)


def is_autosave(request) -> bool:
    """Whether the page saves by itself while somebody types: its answer must not touch the open editor."""
    return is_fetch(request) and request.POST.get("auto") == "1"


def _unsaved(form) -> JsonResponse:
    """Tell what keeps a text from being saved: the first reason, in the order of the text. Half a text is no error (200)."""
    reasons = [fault.reason for fault in form.faults] or [str(reason) for rows in form.errors.values() for reason in rows]
    return JsonResponse({"unsaved": reasons[0]})


def _save(request, report, block, form):
    values = form.cleaned_data
    try:
        save_block(
            by=request.user, block=block, text=values["text"], lead=values.get("lead"), spec=values.get("spec"),
            base_version=values["version"],
        )  # fmt: skip
    except EditConflict as conflict:
        stored = visible_block(request, report.pk, block.key)[1]
        typed = request.POST.copy()
        typed["version"] = stored.version
        again = form_class(stored)(typed, block=stored, binder=form.binder)
        return _editor(request, report, stored, again, status=409, conflict=str(conflict))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, report, block, form, status=409)
    keys = [""] if is_autosave(request) else [block.key]
    return answer(request, report.pk, keys, _("The paragraph is saved."))


def _editor(request, report, block, form, *, status=200, conflict=""):
    """Return the open editor: a part for the script, the whole page otherwise."""
    context = {"form": form, "block": block, "report": report, "conflict": conflict}
    if is_fetch(request):
        picker = load_picker(form.binder or load_binder(report))
        return render(request, "reports/_block_edit.html", {**context, "picker": picker}, status=status)
    page = load_report_page(report)
    editor = {**context, "picker": load_picker(page.binder)}
    return render_report(request, report, status=status, page=page, editor=editor)


def answer(request, pk: int, keys: list[str], message: str, **more):
    """Answer a write: the changed parts of the page for the script, else the page again at the block.

    `order` tells the script which blocks there are and how they stand; `more` goes into its answer too.
    """
    if not is_fetch(request):
        messages.success(request, message)
        anchor = f"#b-{keys[0]}" if len(keys) == 1 else ""
        return redirect(reverse("reports:report_detail", args=[pk]) + anchor)
    page = load_report_page(visible_report(request.user, pk))
    context = report_context(request, page)
    parts = {f"part-{name}": render_to_string(f"reports/_{name}.html", context, request) for name in PARTS}
    for view in page.views:
        if not keys or view.block.key in keys:
            parts[view.anchor] = render_to_string("reports/_block.html", {**context, "view": view}, request)
    order = [view.anchor for view in page.views]
    return JsonResponse({"message": message, "parts": parts, "order": order, "versions": page.editable_keys, **more})


def carry_out(request, pk: int, keys: list[str], deed, message: str):
    """Do a write and answer it: the changed parts, or the reason why it was refused."""
    try:
        deed()
    except Refused as refusal:
        return refused(request, pk, str(refusal))
    return answer(request, pk, keys, message)


def refused(request, pk: int, reason: str, *, key: str = "", typed: str = ""):
    """Answer a write that was not carried out: the reason for the script, else the page again with it and what was typed."""
    if is_fetch(request):
        return JsonResponse({"message": reason}, status=409)
    messages.error(request, f"{reason} {typed}".strip())
    return redirect(reverse("reports:report_detail", args=[pk]) + (f"#b-{key}" if key else ""))


@require_POST
def block_update(request, pk, key):
    """Take in the changed figures of one block."""
    report, block = visible_block(request, pk, key)
    return carry_out(
        request, pk, [key], lambda: update_figures(by=request.user, report=report, blocks=[block]),
        _("The numbers of this paragraph are up to date."),
    )  # fmt: skip


@require_POST
def figures_update(request, pk):
    """Take in all changed figures, and months approved since."""
    report = visible_report(request.user, pk)
    return carry_out(request, pk, [], lambda: update_figures(by=request.user, report=report), _("All numbers are up to date."))


@require_POST
def block_drop(request, pk, key):
    """Leave an optional block out."""
    _report, block = visible_block(request, pk, key)
    return carry_out(
        request, pk, [], lambda: set_block_dropped(by=request.user, block=block, dropped=True), _("The paragraph is left out.")
    )


@require_POST
def block_restore(request, pk, key):
    """Take a block in again."""
    _report, block = visible_block(request, pk, key)
    return carry_out(
        request, pk, [], lambda: set_block_dropped(by=request.user, block=block, dropped=False), _("The paragraph is back.")
    )
