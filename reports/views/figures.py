"""Single numbers of a report: where one comes from, and what a person decides when its source has changed."""

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reports.assembly import load_binder
from reports.models import BoundFigure, Report
from reports.picker import bind_words, load_picker
from reports.queries import in_words
from reports.report_page import load_report_page
from reports.services import keep_figure, rebind_figure, release_figure, update_figure
from reports.tokens import TokenError, write_token
from reports.trace import load_trace
from reports.views.blocks import answer, carry_out, is_fetch, refused
from reports.views.reports import render_report, report_context, visible_report
from workflow.transitions import Refused

PARTS = ("name", "period", "format", "scope", "aggregate")


def visible_figure(request, pk: int, figure: int) -> tuple[Report, BoundFigure]:
    """Return a report and one of its numbers. Raises Http404."""
    report = visible_report(request.user, pk)
    rows = BoundFigure.objects.visible_to(request.user).filter(report=report).select_related("block", "report", "kept_by")
    return report, get_object_or_404(rows, pk=figure)


@require_safe
def figure_trace(request, pk, figure):
    """Show where a number comes from, in place; with ?rebind=1 what else its place may quote."""
    report, row = visible_figure(request, pk, figure)
    page = load_report_page(report)
    more = {"trace": load_trace(page, row, request.user)}
    if "rebind" in request.GET:
        more["picker"] = load_picker(page.binder)
    if is_fetch(request):
        return render(request, "reports/_trace.html", {**report_context(request, page), **more})
    return render_report(request, report, page=page, **more)


@require_POST
def figure_update(request, pk, figure):
    """Take in what a number shows now: here, or wherever the report states the same."""
    _report, row = visible_figure(request, pk, figure)
    everywhere = request.POST.get("everywhere") == "1"
    keys = [] if everywhere else [row.block.key]
    message = _("Every place that states this figure is up to date.") if everywhere else _("The number is up to date.")
    return carry_out(request, pk, keys, lambda: update_figure(by=request.user, figure=row, everywhere=everywhere), message)


@require_POST
def figure_keep(request, pk, figure):
    """Keep a changed number as it prints, with a note."""
    _report, row = visible_figure(request, pk, figure)
    note = request.POST.get("note", "")
    try:
        keep_figure(by=request.user, figure=row, note=note)
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=row.block.key, typed=note[:200])
    return answer(request, pk, [row.block.key], _("The number stays as it prints; your note is kept with it."))


@require_POST
def figure_release(request, pk, figure):
    """Keep a number no longer."""
    _report, row = visible_figure(request, pk, figure)
    deed = lambda: release_figure(by=request.user, figure=row)  # noqa: E731
    return carry_out(request, pk, [row.block.key], deed, _("The number follows its source again."))


@require_POST
def figure_rebind(request, pk, figure):
    """Quote another figure in a number's place."""
    _report, row = visible_figure(request, pk, figure)
    token = write_token(*(request.POST.get(name, "").strip()[:80] for name in PARTS))
    try:
        rebind_figure(by=request.user, figure=row, token=token)
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=row.block.key)
    return answer(request, pk, [row.block.key], _("The place quotes the other figure now."))


@require_safe
def token_preview(request, pk):
    """Tell how a token would print now, for the picker."""
    report = visible_report(request.user, pk)
    try:
        bound = bind_words(load_binder(report), request.GET.get("token", "")[:200])
    except TokenError as error:
        return JsonResponse({"status": "refused", "shown": "", "reason": error.reason})
    if bound is None:
        raise Http404
    return JsonResponse({"status": bound.status, "shown": in_words(bound.status, bound.shown), "reason": bound.reason})
