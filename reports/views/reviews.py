"""A report on its way: deeds, comments on blocks, rounds, frozen versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports import services
from reports.anchors import block_of
from reports.deed_words import consequence, done_words
from reports.document import ReportDocument
from reports.models import ReportVersion
from reports.preview import build_sheet
from reports.report_deeds import why_not
from reports.report_page import load_report_page
from reports.rounds import kept_in, load_rounds, round_differences
from reports.transitions import table_of
from reports.verification import code_of
from reports.views.blocks import answer, refused, visible_block
from reports.views.reports import visible_report
from workflow.choices import CommentKind, Subject
from workflow.form_keys import form_key
from workflow.models import Comment, Round
from workflow.transitions import Refused

SERVICES = {
    "submit": services.submit_report,
    "sign_off": services.sign_off_report,
    "head_send_back": services.head_send_back_report,
    "withdraw": services.withdraw_report,
    "start_review": services.start_review,
    "send_back": services.send_back_report,
    "approve": services.approve_report,
    "reopen": services.reopen_report,
}


@require_http_methods(["GET", "HEAD", "POST"])
def report_deed(request, pk, deed):
    """GET: show what the deed does and what is in its way. POST: do it; a refusal keeps what was typed."""
    report = visible_report(request.user, pk)
    if deed not in table_of(report.unit).deeds:
        raise Http404
    if request.method != "POST":
        return _deed_page(request, report, deed)
    reason = request.POST.get("reason", "")
    try:
        _check_fresh(request, report)
        moved = SERVICES[deed](by=request.user, report=report, reason=reason)
    except Refused as refusal:
        return _deed_page(request, visible_report(request.user, pk), deed, error=str(refusal), reason=reason)
    messages.success(request, done_words(deed, moved))
    return redirect("reports:report_detail", pk)


def _check_fresh(request, report) -> None:
    """Refuse a deed from a page that shows an older report."""
    seen = request.POST.get("seen")
    if seen and seen != freshness(report):
        raise Refused(_("The report has changed since you opened this page; look at it again before you decide."))


def freshness(report) -> str:
    """Return a mark that changes whenever the report is edited or moves on."""
    return f"{report.state}.{report.edited}.{report.version_number}"


def _deed_page(request, report, deed, *, error="", reason=""):
    page = load_report_page(report)
    context = {
        "report": report, "page": page, "deed": deed, "transition": table_of(report.unit)[deed], "error": error, "reason": reason,
        "consequence": consequence(deed, report), "refusal": why_not(deed, request.user, page), "seen": freshness(report),
        "open_threads": [view for view in page.views if view.open_threads],
    }  # fmt: skip
    return render(request, "reports/report_deed.html", context, status=409 if error else 200)


@require_POST
def comment_add(request, pk):
    """Write a comment on a block, or an answer when `parent` is posted."""
    report = visible_report(request.user, pk)
    parent = _thread(request, report, request.POST["parent"]) if request.POST.get("parent") else None
    _report, block = visible_block(request, pk, block_of(parent.anchor) if parent else request.POST.get("block", ""))
    kind = CommentKind.NOTE if request.POST.get("kind") == CommentKind.NOTE else CommentKind.MUST_FIX
    text = request.POST.get("text", "")
    words = {"key": block.key, "text": text, "kind": kind, "parent": parent, "token": _token(block, request.POST.get("figure"))}
    try:
        services.comment_on_block(by=request.user, report=report, **words, form_key=form_key(request))
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=block.key, typed=text)
    return answer(request, pk, [block.key], _("The comment is saved."))


def _token(block, figure: str | None) -> str:
    """Return the token of a settled figure of this block; "" without one: the comment is on the whole block. Raises Http404."""
    if not figure:
        return ""
    if not figure.isdecimal():
        raise Http404
    return get_object_or_404(block.bound_figures, pk=figure).token


@require_POST
def comment_resolve(request, pk, comment):
    """Close a thread."""
    report = visible_report(request.user, pk)
    thread = _thread(request, report, comment)
    try:
        services.resolve_block_comment(by=request.user, report=report, comment=thread)
    except Refused as refusal:
        return refused(request, pk, str(refusal), key=block_of(thread.anchor))
    return answer(request, pk, [block_of(thread.anchor)], _("The thread is closed."))


def _thread(request, report, comment) -> Comment:
    rows = Comment.objects.visible_to(request.user).about(Subject.REPORT, report.pk).filter(parent__isnull=True)
    if not str(comment).isdecimal():
        raise Http404
    return get_object_or_404(rows, pk=comment)


@require_safe
def report_rounds(request, pk):
    """List all submissions and all frozen versions of a report."""
    report = visible_report(request.user, pk)
    versions = ReportVersion.objects.visible_to(request.user).filter(report=report)
    context = {
        "report": report,
        "rounds": load_rounds(report),
        "versions": versions.defer("document").select_related("approved_by"),
    }
    return render(request, "reports/report_rounds.html", context)


@require_safe
def report_round(request, pk, number):
    """Show one submission as it was, and what it changed against the one before."""
    report = visible_report(request.user, pk)
    rounds = Round.objects.visible_to(request.user).about(Subject.REPORT, pk)
    rounds = rounds.select_related("submitted_by", "signed_off_by", "decided_by")
    this = get_object_or_404(rounds, number=number)
    before = rounds.filter(number__lt=number).order_by("-number").first()
    document = ReportDocument.from_json(this.snapshot["document"])
    context = {
        "report": report, "round": this, "before": before, "sheet": build_sheet(document), "whole": True,
        "differences": round_differences(report, before, this) if before else None,
        "confirmed": this.snapshot.get("confirmed", []),
        "kept": kept_in(document),
    }  # fmt: skip
    return render(request, "reports/report_round.html", context)


@require_safe
def report_version(request, pk, number):
    """Show a frozen version as it was approved."""
    report = visible_report(request.user, pk)
    rows = ReportVersion.objects.visible_to(request.user).filter(report=report).select_related("approved_by")
    version = get_object_or_404(rows, number=number)
    document = ReportDocument.from_json(version.document)
    context = {
        "report": report, "version": version, "sheet": build_sheet(document), "whole": True, "code": code_of(version.sha256),
        "kept": kept_in(document),
    }  # fmt: skip
    return render(request, "reports/report_version.html", context)
