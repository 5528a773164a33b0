"""Comment threads on single figures: write, answer, close."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import TOWNSHIP_ROLES
from metrics.panel import load_panel
from metrics.services import comment_on_figure, resolve_figure_comment
from metrics.views.returns import cell_url, panel_rights, visible_return
from workflow.choices import CommentKind, Subject
from workflow.form_keys import form_key
from workflow.models import Comment
from workflow.transitions import Refused


@require_POST
def add_comment(request, pk):
    """Write a comment on a cell, or an answer when `parent` is posted."""
    monthly_return = visible_return(request.user, pk)
    parent = _thread(request, monthly_return, request.POST["parent"]) if request.POST.get("parent") else None
    cell = parent.anchor if parent else request.POST.get("cell", "")
    if load_panel(monthly_return, cell, request.user) is None:
        raise Http404
    is_note = request.POST.get("kind") == CommentKind.NOTE or request.user.role in TOWNSHIP_ROLES
    kind = CommentKind.NOTE if is_note else CommentKind.MUST_FIX  # the township asks nobody for a correction
    text = request.POST.get("text", "")
    words = {"cell": cell, "text": text, "kind": kind, "parent": parent}
    try:
        comment_on_figure(by=request.user, monthly_return=monthly_return, **words, form_key=form_key(request))
    except Refused as refusal:
        return _answer(request, monthly_return, cell, error=str(refusal), typed=text)
    return _answer(request, monthly_return, cell, done=_("The comment is saved."))


@require_POST
def resolve_comment(request, pk, comment):
    """Close a thread."""
    monthly_return = visible_return(request.user, pk)
    thread = _thread(request, monthly_return, comment)
    try:
        resolve_figure_comment(by=request.user, monthly_return=monthly_return, comment=thread)
    except Refused as refusal:
        return _answer(request, monthly_return, thread.anchor, error=str(refusal))
    return _answer(request, monthly_return, thread.anchor, done=_("The thread is closed."))


def _thread(request, monthly_return, comment) -> Comment:
    threads = Comment.objects.visible_to(request.user).about(Subject.RETURN, monthly_return.pk).filter(parent__isnull=True)
    if not str(comment).isdecimal():
        raise Http404
    return get_object_or_404(threads, pk=comment)


def _answer(request, monthly_return, cell, *, done="", error="", typed=""):
    """Return the inspector again to a script, or to the page with a message where none runs."""
    if request.headers.get("X-Requested-With") == "fetch":
        panel = load_panel(monthly_return, cell, request.user)
        context = {"panel": panel, "error": error, "typed": typed, **panel_rights(request.user, monthly_return)}
        return render(request, "metrics/_panel.html", context, status=409 if error else 200)
    if error:
        messages.error(request, f"{error} {typed}".strip())
    else:
        messages.success(request, done)
    return redirect(cell_url(monthly_return, cell))
