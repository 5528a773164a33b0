"""A report on its way to approval: rounds, comments, and the frozen version."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import Role
from metrics.services import district_year
from reports.anchors import anchor_of
from reports.assembly import assemble, load_binder
from reports.check_list import confirmations_as_data, load_check_list
from reports.checks.manuscript import load_manuscript
from reports.document import ReportDocument
from reports.models import Report, ReportVersion
from reports.permissions import check_can, check_can_approve, check_can_close, check_can_comment, check_can_submit
from reports.queries import stale_figures
from reports.services.plan import adopt_plan
from reports.services.writing import locked, record
from workflow.choices import CommentKind, State, Subject
from workflow.models import Comment, Round
from workflow.services import add_comment, close_open_threads, close_round, once, open_round, resolve_comment, sign_off_round
from workflow.transitions import Refused, check_has_reason


def _move(by, report: Report, deed: str, target: str, reason: str = "", **fields) -> Report:
    """Write the new state and its Event."""
    before = report.state
    report.state = target
    for name, value in fields.items():
        setattr(report, name, value)
    report.save(update_fields=["state", *fields])
    record(by, report, deed, from_state=before, to_state=target, reason=reason)
    return report


@transaction.atomic
def submit_report(*, by, report: Report, reason="") -> Report:
    """Submit: keep the whole document as a round. A clerk's waits for the head where the district wants a sign-off."""
    report = locked(report)
    script = load_manuscript(report)
    checks = load_check_list(report, script)
    check_can_submit(by, report, blocking=checks.blocking)
    snapshot = {"document": script.assembled.document.to_json(), "confirmed": confirmations_as_data(checks)}
    open_round(by=by, subject_kind=Subject.REPORT, subject=report, snapshot=snapshot)
    waits = by.role == Role.TOWNSHIP_CLERK and district_year(report.unit.district, report.year).needs_signoff
    target = State.AWAITING_SIGNOFF if waits else State.SUBMITTED
    return _move(by, report, "submit", target, reason, submitted_by=by, submitted_at=timezone.now())


@transaction.atomic
def sign_off_report(*, by, report: Report, reason="") -> Report:
    """The township head signs off; the report goes to the district."""
    report = locked(report)
    transition = check_can("sign_off", by, report)
    sign_off_round(by=by, subject_kind=Subject.REPORT, subject_id=report.pk)
    return _move(by, report, "sign_off", transition.target, reason)


@transaction.atomic
def withdraw_report(*, by, report: Report, reason="") -> Report:
    """Take a submission back before its review starts."""
    return _end_round(by, report, "withdraw", reason)


@transaction.atomic
def head_send_back_report(*, by, report: Report, reason="") -> Report:
    """The head sends the report back to the clerk, with a reason."""
    return _end_round(by, report, "head_send_back", reason)


@transaction.atomic
def start_review(*, by, report: Report, reason="") -> Report:
    """The reviewer takes the report up; from here it cannot be withdrawn."""
    report = locked(report)
    transition = check_can("start_review", by, report)
    return _move(by, report, "start_review", transition.target, reason)


@transaction.atomic
def send_back_report(*, by, report: Report, reason="") -> Report:
    """Send back: refused without a reason."""
    return _end_round(by, report, "send_back", reason)


@transaction.atomic
def approve_report(*, by, report: Report, reason="") -> Report:
    """Approve and freeze: the document as JSON with its hash becomes the next version; every later export reads that alone.
    The plan's items with an amount become next year's targets.

    Raises Refused when a source figure has changed since the submission, for nobody may approve what nobody has seen, and
    when the check finds what may neither be submitted nor printed.
    """
    report = locked(report)
    binder = load_binder(report)
    blocking = load_check_list(report, load_manuscript(report, binder)).blocking_export
    check_can_approve(by, report, stale=len(stale_figures(report, binder)), blocking=blocking)
    if _says_else_than_submitted(report, binder):
        raise Refused(_("The annex tables have changed since the submission; send the report back and have it submitted again."))
    report.issue_date = report.issue_date or timezone.localdate()
    report.version_number += 1
    report.save(update_fields=["issue_date", "version_number"])
    _end_round(by, report, "approve", reason, approved_by=by, approved_at=timezone.now())
    close_open_threads(by=by, subject_kind=Subject.REPORT, subject_id=report.pk)
    return _freeze(by, Report.objects.select_related("unit__parent").get(pk=report.pk), binder, reason)


def _says_else_than_submitted(report: Report, binder) -> bool:
    """Whether blocks or annexes differ from those of the newest round: the annexes read figures that no token names."""
    newest = Round.objects.about(Subject.REPORT, report.pk).order_by("-number").first()
    if newest is None:
        return False
    submitted, present = ReportDocument.from_json(newest.snapshot["document"]), assemble(report, binder=binder).document
    return _content(submitted) != _content(present)


def _content(document: ReportDocument) -> tuple:
    """Return blocks and annexes as they compare: a submission from before fixed text was kept apart says the same."""
    blocks = (replace(block, runs=block.plain_runs, fixed=()) for block in document.blocks)
    return tuple(blocks), tuple(replace(annex, fixed=()) for annex in document.annexes)


def _freeze(by, report: Report, binder, reason: str) -> Report:
    assembled = assemble(report, binder=binder)
    if assembled.problems:
        raise Refused(assembled.problems[0].reason)
    version = ReportVersion.objects.create(
        report=report, number=report.version_number, document=assembled.document.to_json(), sha256=assembled.document.sha256,
        approved_by=by, approved_at=report.approved_at, reason=reason,
    )  # fmt: skip
    adopt_plan(by=by, report=report, version=version)
    return report


@transaction.atomic
def reopen_report(*, by, report: Report, reason="") -> Report:
    """Reopen an approved report with a reason; its version stays as it was, the next approval makes another."""
    report = locked(report)
    transition = check_can("reopen", by, report)
    check_has_reason(transition, reason)
    return _move(by, report, "reopen", transition.target, reason, approved_by=None, approved_at=None)


def _end_round(by, report: Report, deed: str, reason: str, **fields) -> Report:
    report = locked(report)
    transition = check_can(deed, by, report)
    check_has_reason(transition, reason)
    close_round(by=by, subject_kind=Subject.REPORT, subject_id=report.pk, outcome=deed, reason=reason.strip())
    return _move(by, report, deed, transition.target, reason.strip(), **fields)


@transaction.atomic
def comment_on_block(
    *, by, report: Report, key: str, text: str, kind=CommentKind.MUST_FIX, token="", parent=None, form_key=None
) -> Comment:
    """Add a comment on a block or on the number of a `token` in it, or an answer to one, once for one `form_key`."""
    words = {"anchor": anchor_of(key, token), "text": text, "kind": kind, "parent": parent}
    return once(by=by, form_key=form_key, rows=Comment.objects, make=lambda: _comment(by, report, words))


def _comment(by, report: Report, words: dict) -> Comment:
    report = locked(report)
    check_can_comment(by, report)
    comment = add_comment(by=by, subject_kind=Subject.REPORT, subject=report, **words)
    record(by, report, "comment", changes=[{"block": comment.anchor, "text": comment.text}])
    return comment


@transaction.atomic
def resolve_block_comment(*, by, report: Report, comment: Comment) -> Comment:
    """Close a comment thread on a block."""
    report = locked(report)
    check_can_close(by, report, comment)
    resolve_comment(by=by, comment=comment)
    record(by, report, "resolve_comment", changes=[{"block": comment.anchor}])
    return comment
