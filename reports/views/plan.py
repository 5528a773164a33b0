"""Plan items under the paragraphs of a plan, edited in place or as whole pages, and how last year's items were met."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reports.assembly import load_binder
from reports.models import Block, PlanItem
from reports.permissions import check_can_edit
from reports.plan_forms import OutcomeForm, PlanItemForm
from reports.plan_page import outcome_key
from reports.services import EditConflict, add_plan_item, choose_outcome, move_plan_item, remove_plan_item, save_plan_item
from reports.views.blocks import answer, is_fetch, visible_block
from reports.views.reports import render_report, visible_report
from workflow.form_keys import form_key
from workflow.transitions import Refused


def visible_item(request, pk: int, item: int):
    """Return a report and one of its plan items. Raises Http404."""
    report = visible_report(request.user, pk)
    rows = PlanItem.objects.visible_to(request.user).filter(report=report).select_related("block", "updated_by", "report")
    return report, get_object_or_404(rows, pk=item)


@require_POST
def plan_item_add(request, pk, key):
    """Add an item under a paragraph of the plan, or propose an amount for it."""
    report, block = visible_block(request, pk, key)
    place = {"report": report, "block": block}
    form = _form(request, report)
    if "propose" in request.POST:
        return _proposal(request, place, form)
    if not form.is_valid():
        return _editor(request, place, form, 422)
    try:
        add_plan_item(by=request.user, report=report, block=block, typed=form.read, form_key=form_key(request))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, place, form, 409)
    return answer(request, pk, [key], _("The plan item is added."))


@require_http_methods(["GET", "HEAD", "POST"])
def plan_item_edit(request, pk, item):
    """GET: open an item in its row. POST: save it; whatever stands in the way, what was typed comes back."""
    report, row = visible_item(request, pk, item)
    place = {"report": report, "block": row.block, "item": row}
    if request.method != "POST":
        _check_editable(request, report)
        return _editor(request, place, PlanItemForm(plan=_plan(report), item=row))
    form = _form(request, report, row)
    if "propose" in request.POST:
        return _proposal(request, place, form)
    if not form.is_valid():
        return _editor(request, place, form, 422)
    return _save(request, place, form)


def _save(request, place, form):
    report, item = place["report"], place["item"]
    base = form.cleaned_data["version"] or 0
    try:
        save_plan_item(by=request.user, item=item, typed=form.read, base_version=base)
    except EditConflict as conflict:
        stored = visible_item(request, report.pk, item.pk)[1]
        typed = request.POST.copy()
        typed["version"] = stored.version
        again = PlanItemForm(typed, plan=form.plan, item=stored)
        stored_words = PlanItemForm(plan=form.plan, item=stored)
        return _editor(request, {**place, "item": stored}, again, 409, conflict=str(conflict), stored=stored_words)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, place, form, 409)
    return answer(request, report.pk, _keys(item.block), _("The plan item is saved."))


def _plan(report):
    return load_binder(report).plan.book


def _form(request, report, item=None) -> PlanItemForm:
    binder = load_binder(report)
    options = {"plan": binder.plan.book, "book": binder.book, "item": item}
    if "propose" not in request.POST:
        return PlanItemForm(request.POST, **options)
    typed = {name: request.POST.get(name, "") for name in PlanItemForm.base_fields}
    return PlanItemForm(initial=typed, **options)


def _check_editable(request, report) -> None:
    try:
        check_can_edit(request.user, report)
    except Refused as refusal:
        raise PermissionDenied(str(refusal)) from refusal


def _proposal(request, place, form):
    _check_editable(request, place["report"])
    form.propose()
    return _editor(request, place, form)


def _editor(request, place, form, status=200, **more):
    """Return the open form: a part for the script, the whole page otherwise."""
    check_role(request, place["report"])
    context = {**place, "form": form, **more}
    if is_fetch(request):
        return render(request, "reports/_plan_form.html", context, status=status)
    return render_report(request, place["report"], status=status, plan_editor=context)


def check_role(request, report) -> None:
    """Let a wrong role see no form: a refusal for the report's state is shown in it, one for the person is not."""
    try:
        check_can_edit(request.user, report)
    except Refused:
        return


def _keys(block: Block | None) -> list[str]:
    return [block.key] if block else []


@require_POST
def plan_item_remove(request, pk, item):
    """Take an item out of the plan."""
    _report, row = visible_item(request, pk, item)
    keys = _keys(row.block)
    try:
        remove_plan_item(by=request.user, item=row)
    except Refused as refusal:
        return _refused(request, pk, keys, str(refusal))
    return answer(request, pk, keys, _("The plan item is removed; the history keeps it."))


@require_POST
def plan_item_move(request, pk, item):
    """Let an item pass its neighbour."""
    _report, row = visible_item(request, pk, item)
    past = request.POST.get("past", "")
    other = int(past) if past.isascii() and past.isdigit() and len(past) < 16 else 0
    try:
        move_plan_item(by=request.user, item=row, past=other)
    except Refused as refusal:
        return _refused(request, pk, _keys(row.block), str(refusal))
    return answer(request, pk, _keys(row.block), _("The plan item is moved."))


@require_POST
def plan_outcome(request, pk, item):
    """Choose how an item of last year's plan was met that no figure measures."""
    report = visible_report(request.user, pk)
    check_role(request, report)
    keys = [key] if (key := outcome_key(report.blocks.all())) else []
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, keys, f"{form.fault} {request.POST.get('words', '')[:120]}".strip())
    values = dict(form.cleaned_data)
    base = values.pop("version")
    try:
        choose_outcome(by=request.user, report=report, item=item, base_version=base, **values)
    except Refused as refusal:
        return _refused(request, pk, keys, f"{refusal} {values['words']}".strip())
    return answer(request, pk, keys, _("The outcome is saved."))


def _refused(request, pk, keys, message: str):
    if is_fetch(request):
        return JsonResponse({"message": message}, status=409)
    messages.error(request, message)
    return redirect(reverse("reports:report_detail", args=[pk]) + (f"#b-{keys[0]}" if keys else ""))
