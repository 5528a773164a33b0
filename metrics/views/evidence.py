"""Evidence: adding files to a cell or an entry, describing and removing them, and handing them out."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from metrics.evidence import cell_proved, entry_proved, is_needed, path_of, proved_by, small_path_of
from metrics.evidence_box import load_box
from metrics.evidence_gate import NotAccepted, shown_name
from metrics.grid_html import evidence_mark
from metrics.ledgers import ledger_kind
from metrics.models import EvidenceFile, EvidenceLink
from metrics.permissions import check_can_add_evidence
from metrics.services import add_evidence, caption_evidence, remove_evidence, reuse_evidence
from metrics.uploads import capped_upload
from metrics.views.returns import cell_url, grid_answer, visible_return
from workflow.transitions import Refused


@require_POST
@capped_upload
def cell_evidence(request, pk, cell):
    """Add files to a cell of a return: from a script one by one, or several by the plain form."""
    monthly_return = visible_return(request.user, pk)
    proved = cell_proved(monthly_return, cell)
    if proved is None or (request.user.unit.is_village and proved.place != request.user.unit):
        raise Http404
    return _take(request, proved, cell_url(monthly_return, cell))


@require_POST
@capped_upload
def entry_evidence(request, kind, pk):
    """Add files to an entry of a ledger."""
    ledger = ledger_kind(kind)
    if ledger is None:
        raise Http404
    entry = get_object_or_404(ledger.model.objects.visible_to(request.user).select_related("unit"), pk=pk)
    return _take(request, entry_proved(ledger, entry), _back(request))


def _back(request) -> str:
    """Return the page a plain form came from, when it is one of ours."""
    typed = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(typed, allowed_hosts=None) and typed.startswith("/")
    return typed if is_ours else reverse("workbench")


def _take(request, proved, back):
    """Take in every file of the request, each with an outcome of its own. A closed return refuses them all with one reason."""
    try:
        check_can_add_evidence(request.user, proved)
    except Refused as refusal:
        return _answer(request, proved, back, [{"name": "", "status": "refused", "message": str(refusal)}], status=409)
    caption = request.POST.get("caption", "")
    outcomes = [
        _outcome(shown_name(upload.name), add_evidence, by=request.user, proved=proved, upload=upload, caption=caption)
        for upload in request.FILES.getlist("files")
    ]
    for file in _chosen(request):
        outcomes.append(_outcome(file.name, reuse_evidence, by=request.user, proved=proved, file=file))
    nothing = {
        "name": "",
        "status": "refused",
        "message": _("No file was chosen. Choose one or more files first, then send them."),
    }
    return _answer(request, proved, back, outcomes or [nothing])


def _chosen(request) -> list[EvidenceFile]:
    """Return files to be used again. Raises Http404 for one that this person may not see."""
    files = EvidenceFile.objects.visible_to(request.user).select_related("unit")
    return [get_object_or_404(files, public_id=public_id) for public_id in request.POST.getlist("reuse")[:20]]


def _outcome(name: str, service, **values) -> dict:
    try:
        _link, is_new = service(**values)
    except (NotAccepted, Refused) as refusal:
        return {"name": name, "status": "refused", "message": str(refusal)}
    if is_new:
        return {"name": name, "status": "added", "message": _("Added")}
    return {"name": name, "status": "there", "message": _("The same file is here already; it is kept once.")}


def _answer(request, proved, back, outcomes, status=200):
    """Tell a script in JSON, with the list to show; a plain form by messages on the page it came from."""
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"outcomes": outcomes, **_shown_now(request, proved)}, status=status)
    added = sum(row["status"] == "added" for row in outcomes)
    if added:
        messages.success(request, _("Files added: %(count)d.") % {"count": added})
    for row in outcomes:
        if row["status"] != "added":
            say = messages.error if row["status"] == "refused" else messages.info
            say(request, f"{row['name']}：{row['message']}" if row["name"] else row["message"])
    is_refused = any(row["status"] == "refused" for row in outcomes)
    return redirect(back.partition("#")[0] if is_refused else back)  # reasons stand at the top of the page


def _shown_now(request, proved) -> dict:
    """Return the list's HTML, and the mark of the grid's row."""
    box = load_box(proved, request.user)
    html = render_to_string("metrics/_evidence_list.html", {"box": box, "back": request.POST.get("back", "")}, request)
    reply = {"html": html, "count": len(box.links), "free": box.free}
    if proved.cell:
        is_wanted = is_needed(proved)
        reply["mark"] = evidence_mark(proved.cell, len(box.links), is_needed=is_wanted, is_skipped=True)
        if is_wanted:
            reply["grid"] = grid_answer(request, proved.monthly_return, [])
    return reply


@require_POST
def evidence_link(request, pk):
    """Change what is said of a file (`caption`), or take it away (`remove`)."""
    link = get_object_or_404(_links(request), pk=pk)
    proved, is_removal = proved_by(link), "remove" in request.POST
    if proved is None:
        raise Http404
    back = cell_url(link.monthly_return, link.cell) if link.monthly_return else _back(request)
    try:
        if is_removal:
            remove_evidence(by=request.user, link=link)
        else:
            caption_evidence(by=request.user, link=link, caption=request.POST.get("caption", ""))
    except Refused as refusal:
        return _answer(request, proved, back, [{"name": "", "status": "refused", "message": str(refusal)}], status=409)
    done = _("“%(name)s” was removed.") if is_removal else _("“%(name)s” was saved.")
    return _answer(request, proved, back, [{"name": "", "status": "done", "message": done % {"name": link.file.name}}])


def _links(request):
    rows = EvidenceLink.objects.visible_to(request.user)
    return rows.select_related("file", "unit", "monthly_return__unit")


@require_safe
def evidence_file(request, public_id):
    """Hand out a file: a picture of ours to look at, a PDF to download. The name is the server's, never the sender's."""
    file = _visible_file(request, public_id)
    name = f"{file.unit.name}-{file.year}-{file.month:02}-{str(public_id)[:8]}{path_of(file).suffix}"
    return _handed_out(request, path_of(file), file.media_type, file.sha256, name, inline=file.is_picture)


@require_safe
def evidence_small(request, public_id):
    """Hand out a picture's thumbnail."""
    file = _visible_file(request, public_id)
    if not file.is_picture:
        raise Http404
    return _handed_out(request, small_path_of(file), "image/jpeg", f"{file.sha256}-small", f"{public_id}.jpg", inline=True)


def _visible_file(request, public_id) -> EvidenceFile:
    return get_object_or_404(EvidenceFile.objects.visible_to(request.user).select_related("unit"), public_id=public_id)


def _handed_out(request, path, media_type, tag, name, *, inline) -> HttpResponse:
    """Return bytes that a browser keeps for this person alone, asks about every time, and never runs."""
    tag = f'"{tag}"'
    if not path.is_file():
        raise Http404
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        response = FileResponse(path.open("rb"), content_type=media_type, as_attachment=not inline, filename=name)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
