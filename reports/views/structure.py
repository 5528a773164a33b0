"""The order of a report's blocks: inserting, moving, deleting, undoing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reports.choices import ANNEX_LABELS, OF_DISTRICT, BlockKind
from reports.permissions import check_can_edit
from reports.presence import others_at_work
from reports.services import delete_block, insert_block, move_block, note_block_editor, undo_deed
from reports.views.blocks import answer, is_fetch, refused, visible_block
from reports.views.reports import visible_report
from workflow.form_keys import form_key
from workflow.transitions import Refused

HEADINGS = {"heading-1": (BlockKind.HEADING, 1), "heading-2": (BlockKind.HEADING, 2)}
ANNEX = "annex-"


def choices_for(block) -> list[tuple[str, str]]:
    """Return (word, label) of what can be put in behind a block: behind the text and between annexes only annexes."""
    kinds = [kind for kind in ANNEX_LABELS if kind != OF_DISTRICT or block.report.unit.is_district]
    annexes = [(ANNEX + kind, f"{BlockKind.ANNEX.label}：{ANNEX_LABELS[kind]}") for kind in kinds]
    if block.kind == BlockKind.ANNEX:
        return annexes
    headings = [("heading-1", _("Heading 一、")), ("heading-2", _("Heading （一）"))]
    others = [(kind.value, kind.label) for kind in BlockKind if kind not in (BlockKind.HEADING, BlockKind.ANNEX)]
    return [*headings, *others, *annexes]


@require_http_methods(["GET", "HEAD", "POST"])
def block_insert(request, pk, key):
    """GET: what can be put in behind a block. POST: put it in and open it."""
    report, block = visible_block(request, pk, key)
    if request.method != "POST":
        return _choices(request, report, block)
    word = request.POST.get("kind", "")
    kind, level = HEADINGS.get(word, (word, 0))
    annex = word.removeprefix(ANNEX) if word.startswith(ANNEX) else ""
    try:
        made = insert_block(
            by=request.user, report=report, kind=BlockKind.ANNEX if annex else kind, after=block.key, level=level, annex=annex,
            form_key=form_key(request),
        )  # fmt: skip
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=key)
    if is_fetch(request):
        return answer(request, pk, [], _("The paragraph is inserted."), open=made.key)
    return redirect(reverse("reports:block_edit", args=[pk, made.key]) + f"#b-{made.key}")


def _choices(request, report, block):
    try:
        check_can_edit(request.user, report)
    except Refused as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    context = {"report": report, "place": block, "choices": choices_for(block)}
    return render(request, "reports/_insert.html" if is_fetch(request) else "reports/block_insert.html", context)


@require_POST
def block_move(request, pk, key):
    """Let a block pass its neighbour."""
    _report, block = visible_block(request, pk, key)
    past = request.POST.get("past", "")
    return _done(request, pk, key, lambda: move_block(by=request.user, block=block, past=past), _("The paragraph is moved."))


@require_POST
def block_delete(request, pk, key):
    """Delete a block that was put in by hand."""
    _report, block = visible_block(request, pk, key)
    version = request.POST.get("version", "")
    base = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    deed = lambda: delete_block(by=request.user, block=block, base_version=base)  # noqa: E731
    return _done(request, pk, "", deed, _("The paragraph is deleted; it can be had back with “Undo”."))


@require_POST
def deed_undo(request, pk):
    """Take back the person's newest deed."""
    report = visible_report(request.user, pk)
    event = request.POST.get("event", "")
    number = int(event) if event.isascii() and event.isdigit() and len(event) < 16 else 0
    return _done(request, pk, "", lambda: undo_deed(by=request.user, report=report, event=number), _("Undone."))


@require_POST
def report_here(request, pk):
    """Note which block the person has open, and answer who else has which: the page asks while it is looked at."""
    request.is_background = True
    report = visible_report(request.user, pk)
    try:
        note_block_editor(by=request.user, report=report, block_key=request.POST.get("block", ""))
    except Refused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    return JsonResponse({"others": others_at_work(report, request.user)})


def _done(request, pk: int, key: str, deed, message: str):
    try:
        deed()
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=key)
    if is_fetch(request):
        return answer(request, pk, [], message)
    messages.success(request, message)
    return redirect(reverse("reports:report_detail", args=[pk]) + (f"#b-{key}" if key else ""))
