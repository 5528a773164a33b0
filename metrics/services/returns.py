"""A return on its way to approval: one function a deed, one transaction with its Event and round."""

from django.db import transaction
from django.utils import timezone

from metrics.models import MonthlyReturn
from metrics.permissions import check_can, check_can_comment, check_can_resolve, check_can_submit
from metrics.services.evidence import keep_evidence
from metrics.services.figures import locked, record
from metrics.services.opening import district_year
from metrics.services.snapshots import keep_counts, load_submitted_book, snapshot
from workflow.choices import CommentKind, State, Subject
from workflow.models import Comment
from workflow.services import add_comment, close_open_threads, close_round, once, open_round, resolve_comment, sign_off_round
from workflow.transitions import check_has_reason


def _move(by, monthly_return, deed: str, target: str, reason: str = "", changes=(), **fields) -> MonthlyReturn:
    """Write the new state and its Event."""
    before = monthly_return.state
    monthly_return.state = target
    for name, value in fields.items():
        setattr(monthly_return, name, value)
    monthly_return.save(update_fields=["state", *fields])
    record(by, monthly_return, deed, from_state=before, to_state=target, reason=reason, changes=changes)
    return monthly_return


@transaction.atomic
def submit_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """Submit: keep the counts of lists and a round, then wait for the head's sign-off where the district wants it."""
    monthly_return = locked(monthly_return)
    check_can_submit(by, monthly_return)
    settings = district_year(monthly_return.unit.parent, monthly_return.year)
    target = State.AWAITING_SIGNOFF if settings.needs_signoff else State.SUBMITTED
    book = load_submitted_book(monthly_return)
    changes = keep_counts(by=by, monthly_return=monthly_return, book=book)
    taken = snapshot(monthly_return, book)
    open_round(by=by, subject_kind=Subject.RETURN, subject=monthly_return, snapshot=taken)
    keep_evidence(monthly_return)
    return _move(by, monthly_return, "submit", target, reason, changes, submitted_by=by, submitted_at=timezone.now(),
                 revision=monthly_return.revision + 1)  # fmt: skip


@transaction.atomic
def sign_off_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """The township head signs off; the return goes to the district."""
    monthly_return = locked(monthly_return)
    transition = check_can("sign_off", by, monthly_return)
    sign_off_round(by=by, subject_kind=Subject.RETURN, subject_id=monthly_return.pk)
    return _move(by, monthly_return, "sign_off", transition.target, reason)


@transaction.atomic
def withdraw_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """Take a submission back before its review starts; the round stays readable as withdrawn."""
    return _end_round(by, monthly_return, "withdraw", reason)


@transaction.atomic
def head_send_back_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """The head sends the return back to the clerk, with a reason."""
    return _end_round(by, monthly_return, "head_send_back", reason)


@transaction.atomic
def start_review(*, by, monthly_return, reason="") -> MonthlyReturn:
    """The reviewer takes the return up; from here it cannot be withdrawn."""
    monthly_return = locked(monthly_return)
    transition = check_can("start_review", by, monthly_return)
    return _move(by, monthly_return, "start_review", transition.target, reason)


@transaction.atomic
def send_back_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """Send back: refused without a reason. Comments alone are none; the page proposes a sentence that points to them."""
    return _end_round(by, locked(monthly_return), "send_back", reason)


@transaction.atomic
def approve_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """Approve: figures count from now on, the return is locked, open questions and notes are closed. Never by who submitted it
    and not while a comment still asks for a correction.
    """
    approved = _end_round(by, monthly_return, "approve", reason, approved_by=by, approved_at=timezone.now())
    close_open_threads(by=by, subject_kind=Subject.RETURN, subject_id=approved.pk)
    return approved


@transaction.atomic
def reopen_return(*, by, monthly_return, reason="") -> MonthlyReturn:
    """Reopen an approved return for correction, with a reason; its rounds stay as they were."""
    monthly_return = locked(monthly_return)
    transition = check_can("reopen", by, monthly_return)
    check_has_reason(transition, reason)
    return _move(by, monthly_return, "reopen", transition.target, reason, approved_by=None, approved_at=None)


def _end_round(by, monthly_return, deed, reason, **fields) -> MonthlyReturn:
    monthly_return = locked(monthly_return)
    transition = check_can(deed, by, monthly_return)
    check_has_reason(transition, reason)
    close_round(by=by, subject_kind=Subject.RETURN, subject_id=monthly_return.pk, outcome=deed, reason=reason.strip())
    return _move(by, monthly_return, deed, transition.target, reason.strip(), **fields)


@transaction.atomic
def comment_on_figure(*, by, monthly_return, cell, text, kind=CommentKind.MUST_FIX, parent=None, form_key=None) -> Comment:
    """Add a comment on a figure, or an answer to one, once for one `form_key`."""
    words = {"anchor": cell, "text": text, "kind": kind, "parent": parent}
    return once(by=by, form_key=form_key, rows=Comment.objects, make=lambda: _comment(by, monthly_return, words))


def _comment(by, monthly_return, words: dict) -> Comment:
    monthly_return = locked(monthly_return)
    check_can_comment(by, monthly_return)
    comment = add_comment(by=by, subject_kind=Subject.RETURN, subject=monthly_return, **words)
    record(by, monthly_return, "comment", changes=[{"cell": comment.anchor, "text": comment.text}])
    return comment


@transaction.atomic
def resolve_figure_comment(*, by, monthly_return, comment) -> Comment:
    """Close a comment thread on a figure."""
    monthly_return = locked(monthly_return)
    check_can_resolve(by, monthly_return, comment)
    resolve_comment(by=by, comment=comment)
    record(by, monthly_return, "resolve_comment", changes=[{"cell": comment.anchor}])
    return comment
