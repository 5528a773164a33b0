"""What a person decides on a number whose source has changed: update it, keep it with a note, quote another figure."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.assembly import load_binder
from reports.binding import MISSING, REFUSED, Binder
from reports.facts import fact_of
from reports.models import BoundFigure, Report
from reports.permissions import check_can_edit
from reports.queries import in_words
from reports.services.settling import bound_row, settle_blocks
from reports.services.writing import TEXT_LENGTH, locked, record, touch
from reports.tokens import Token, TokenError, parse, tokens_of
from workflow.transitions import Refused

NOTE_LENGTH = 200
NOT_KEPT = {"kept_note": "", "kept_by": None, "kept_at": None, "kept_mark": "", "kept_shown": ""}


@transaction.atomic
def update_figure(*, by, figure: BoundFigure, everywhere: bool = False) -> Report:
    """Take in what a number shows now: in this place, or wherever the report states the same fact; kept ones with it."""
    report, row = _locked(by, figure)
    binder = load_binder(report)
    rows = _same_fact(report, row, binder) if everywhere else [row]
    changes = [_renew(old, binder) for old in rows]
    touch(report)
    record(by, report, "update_figures", changes=changes)
    return report


@transaction.atomic
def keep_figure(*, by, figure: BoundFigure, note: str) -> Report:
    """Keep a changed number as it prints. Raises Refused without a note, and when nothing has changed."""
    report, row = _locked(by, figure)
    note = " ".join(note.split())
    if not note:
        raise Refused(_("Say why the number stays as it is; the reviewer reads it."))
    if len(note) > NOTE_LENGTH:
        words = {"most": NOTE_LENGTH, "count": len(note)}
        raise Refused(_("The note has %(count)d characters; at most %(most)d are kept. Shorten it.") % words)
    now = load_binder(report).bind(tokens_of(row.token)[0])
    if now.mark == row.mark and not row.is_kept:
        raise Refused(_("This number is what its source says; there is nothing to keep."))
    if row.status in (MISSING, REFUSED):
        raise Refused(_("This place shows no figure that could be kept; quote another one or take the sentence out."))
    old = row.kept_note
    row.kept_note, row.kept_by, row.kept_at = note, by, timezone.now()
    row.kept_mark, row.kept_shown = now.mark, in_words(now.status, now.shown)
    row.save(update_fields=list(NOT_KEPT))
    touch(report)
    change = {"block": row.block.key, "token": row.token, "shown": row.shown, "now": row.kept_shown, "old_note": old}
    record(by, report, "keep_figure", reason=note, changes=[change])
    return report


@transaction.atomic
def release_figure(*, by, figure: BoundFigure) -> Report:
    """Keep a number no longer: where its source says otherwise it is flagged again. Doing it twice changes nothing."""
    report, row = _locked(by, figure)
    if not row.is_kept:
        return report
    change = {"block": row.block.key, "token": row.token, "shown": row.shown, "old_note": row.kept_note}
    _set(row, NOT_KEPT)
    row.save(update_fields=list(NOT_KEPT))
    touch(report)
    record(by, report, "release_figure", changes=[change])
    return report


@transaction.atomic
def rebind_figure(*, by, figure: BoundFigure, token: str) -> Report:
    """Quote another figure in a number's place, everywhere in its block. Raises Refused for what cannot stand there."""
    report, row = _locked(by, figure)
    binder = load_binder(report)
    wanted = _one_token(token)
    now = binder.bind(wanted)
    if now.status == REFUSED:
        raise Refused(f"{wanted.raw}：{now.reason}")
    block, old = row.block, tokens_of(row.token)[0]
    if old.raw not in block.text:
        raise Refused(_("What a table, chart or list shows is chosen in it: open it to quote other figures."))
    if wanted.raw == old.raw:
        raise Refused(_("Nothing would change: the text already says it so."))
    old_text, block.text = block.text, block.text.replace(old.raw, wanted.raw)
    if len(block.text) > TEXT_LENGTH:
        raise Refused(_("The paragraph would be longer than %(most)d characters; shorten it first.") % {"most": TEXT_LENGTH})
    block.version, block.updated_by = block.version + 1, by
    block.save(update_fields=["text", "version", "updated_by", "updated_at"])
    settle_blocks([block], binder)
    touch(report)
    change = {"block": block.key, "old": old.raw, "new": wanted.raw, "old_shown": row.shown, "new_shown": now.shown}
    change |= {"old_text": old_text, "new_text": block.text}
    record(by, report, "rebind_figure", changes=[change])
    return report


def _one_token(text: str) -> Token:
    try:
        pieces = parse(text.strip())
    except TokenError as error:
        raise Refused(error.reason) from error
    if len(pieces) != 1 or isinstance(pieces[0], str):
        raise Refused(_("Write exactly one figure: 【name|period|format】."))
    return pieces[0]


def _locked(by, figure: BoundFigure) -> tuple[Report, BoundFigure]:
    """Return report and number under the report's lock. Raises Refused when the number has gone meanwhile."""
    report = locked(figure.report)
    check_can_edit(by, report)
    row = BoundFigure.objects.filter(pk=figure.pk, report=report).select_related("block").first()
    if row is None or not tokens_of(row.token):
        raise Refused(_("This number is no longer in the text; somebody changed the paragraph meanwhile. Load the page again."))
    return report, row


def _same_fact(report: Report, row: BoundFigure, binder: Binder) -> list[BoundFigure]:
    fact = fact_of(tokens_of(row.token)[0], binder)
    rows = (
        BoundFigure.objects.filter(report=report, block__is_dropped=False).select_related("block").order_by("block__order", "pk")
    )
    return [other for other in rows if (found := tokens_of(other.token)) and fact_of(found[0], binder) == fact]


def _renew(row: BoundFigure, binder: Binder) -> dict:
    fresh = bound_row(row.block, binder.bind(tokens_of(row.token)[0]))
    change = {"block": row.block.key, "token": row.token, "old": row.shown, "new": fresh.shown}
    fresh.pk, fresh.token = row.pk, row.token
    fresh.save(force_update=True)  # every field: what was kept is kept no longer
    return change


def _set(row: BoundFigure, values: dict) -> None:
    for name, value in values.items():
        setattr(row, name, value)
