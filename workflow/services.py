"""Writes of the engine: events, rounds, comments. Call them inside the transaction of the deed they record."""

import hashlib
import json

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow.choices import CommentKind
from workflow.models import Comment, Event, EventChain, IdempotencyKey, Round
from workflow.texts import fitted, most_of
from workflow.transitions import Refused


@transaction.atomic(savepoint=False)
def record_event(*, by, unit, subject_kind, subject_id, deed, from_state="", to_state="", reason="", changes=()) -> Event:
    """Append one event to the unit's chain. `by` is an account, or None for the system itself.

    Raises Refused when the reason is too long; the deed that it belongs to is refused with it.
    """
    reason = fitted(reason, most_of("workflow.Comment", "text"), _("Reason"))
    chain, _is_new = EventChain.objects.select_for_update().get_or_create(unit_code=unit.code)
    event = Event(
        unit=unit, chain_number=chain.length + 1, at=timezone.now(), actor_login=by.login if by else "system",
        actor_name=by.display_name if by else "", actor_role=by.role if by else "", subject_kind=subject_kind,
        subject_id=subject_id, deed=deed, from_state=from_state, to_state=to_state, reason=reason,
        changes=list(changes), previous_hash=chain.head,
    )  # fmt: skip
    event.hash = event.computed_hash()
    event.save(force_insert=True)
    chain.length, chain.head = event.chain_number, event.hash
    chain.save(update_fields=["length", "head"])
    return event


@transaction.atomic(savepoint=False)
def once(*, by, form_key, rows, make):
    """Return the row that `make()` makes, or the one that an earlier sending of the same form made, without a second Event.

    It stands before the deed's locks and checks of state, inside the service's transaction:
    `return once(by=by, form_key=form_key, rows=Comment.objects, make=lambda: _comment(by, ...))`.
    `form_key` comes from workflow.form_keys.form_key(request); None, from callers without a form, simply makes. `rows` is
    where the first result is found by its id; one that was removed since is made anew.
    """
    if form_key is None:
        return make()
    claim, _is_new = IdempotencyKey.objects.select_for_update().get_or_create(
        user=by, key=form_key, subject_kind=rows.model._meta.model_name
    )
    first = rows.filter(pk=claim.subject_id).first() if claim.subject_id else None
    if first is not None:
        return first
    made = make()
    claim.subject_id = made.pk
    claim.save(update_fields=["subject_id"])
    return made


def canonical_json(data) -> str:
    """Return JSON text that is equal for equal data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def open_round(*, by, subject_kind, subject, snapshot: dict) -> Round:
    """Keep a submission as an immutable snapshot with its sha256."""
    number = latest_round_number(subject_kind, subject.pk) + 1
    return Round.objects.create(
        unit=subject.unit, subject_kind=subject_kind, subject_id=subject.pk, number=number, snapshot=snapshot,
        sha256=hashlib.sha256(canonical_json(snapshot).encode()).hexdigest(), submitted_by=by, submitted_at=timezone.now(),
    )  # fmt: skip


def latest_round_number(subject_kind, subject_id) -> int:
    """Return the number of the newest round, 0 when there is none."""
    newest = Round.objects.about(subject_kind, subject_id).order_by("-number").first()
    return newest.number if newest else 0


def sign_off_round(*, by, subject_kind, subject_id) -> None:
    """Note who signed the newest round off for the township."""
    Round.objects.about(subject_kind, subject_id).filter(number=latest_round_number(subject_kind, subject_id)).update(
        signed_off_by=by, signed_off_at=timezone.now()
    )


def close_round(*, by, subject_kind, subject_id, outcome, reason="") -> None:
    """Note how the newest round ended. A round that was already decided keeps its first decision."""
    rounds = Round.objects.about(subject_kind, subject_id).filter(outcome="")
    rounds.filter(number=latest_round_number(subject_kind, subject_id)).update(
        outcome=outcome, decided_by=by, decided_at=timezone.now(), reason=reason
    )


@transaction.atomic
def add_comment(*, by, subject_kind, subject, anchor, text, kind=CommentKind.MUST_FIX, parent=None) -> Comment:
    """Add a comment, or an answer when `parent` is given. Raises Refused when there are no words, or too many."""
    text = fitted(text, most_of("workflow.Comment", "text"), _("Comment"))
    if not text:
        raise Refused(_("The comment is empty: please write what has to be looked at."))
    return Comment.objects.create(
        unit=subject.unit, subject_kind=subject_kind, subject_id=subject.pk, anchor=parent.anchor if parent else anchor,
        round_number=latest_round_number(subject_kind, subject.pk), kind=parent.kind if parent else kind,
        parent=parent, text=text, author=by,
    )  # fmt: skip


@transaction.atomic
def resolve_comment(*, by, comment) -> Comment:
    """Close a thread; closing twice changes nothing."""
    Comment.objects.filter(pk=comment.pk, resolved_at__isnull=True).update(resolved_at=timezone.now(), resolved_by=by)
    comment.refresh_from_db()
    return comment


def close_open_threads(*, by, subject_kind, subject_id) -> int:
    """Close every thread that is still open, as an approval does; returns how many."""
    threads = Comment.objects.about(subject_kind, subject_id).open_threads()
    return threads.update(resolved_at=timezone.now(), resolved_by=by)
