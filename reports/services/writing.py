"""Editing a report: blocks, head, and taking in figures that have changed since."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assembly import load_binder
from reports.choices import BUILT_KINDS, BlockKind, Profile
from reports.letterheads import FIELDS
from reports.models import Block, Report
from reports.permissions import check_can_edit
from reports.queries import head_mark, newest_approved_month
from reports.services.settling import settle_blocks
from workflow.choices import Subject
from workflow.services import record_event
from workflow.transitions import Refused

TEXT_LENGTH = 6000
ONE_LINE = (BlockKind.HEADING, BlockKind.ANNEX, BlockKind.TABLE, BlockKind.CHART)


class EditConflict(Refused):
    """Somebody else saved the same text meanwhile: show both."""


def locked(report: Report) -> Report:
    """Return the report's row under a lock: every write to it waits for it."""
    return Report.objects.select_for_update(of=("self",)).select_related("unit__parent").get(pk=report.pk)


def record(by, report: Report, deed: str, *, from_state="", to_state="", reason="", changes=()) -> None:
    """Append an Event about a report."""
    record_event(
        by=by, unit=report.unit, subject_kind=Subject.REPORT, subject_id=report.pk, deed=deed,
        from_state=from_state, to_state=to_state, reason=reason, changes=changes,
    )  # fmt: skip


@transaction.atomic
def save_block(
    *, by, block: Block, text: str, lead: str | None = None, spec: dict | None = None, base_version: int
) -> Block:  # fmt: skip
    """Save an edited block; new tokens are settled at once. Raises EditConflict when somebody else saved it meanwhile.

    `spec` of a table, chart or named list is what its form has read (reports.built_forms); None leaves it.
    """
    report = locked(block.report)
    check_can_edit(by, report)
    stored = Block.objects.get(pk=block.pk)
    if stored.version != base_version:
        raise EditConflict(_("Somebody else changed this paragraph meanwhile. Both texts are shown; merge them and save again."))
    old = _text_facts(stored)
    stored.text = clean_text(text, stored.kind)
    if spec is not None and stored.kind in BUILT_KINDS:
        stored.spec = spec
    if lead is not None and stored.kind in (BlockKind.ITEM, BlockKind.PLAN):
        stored.lead = " ".join(lead.split())[:120]
    new = _text_facts(stored)
    if old == new:
        return stored
    stored.version, stored.updated_by = base_version + 1, by
    stored.save(update_fields=["text", "lead", "spec", "version", "updated_by", "updated_at"])
    settle_blocks([stored], load_binder(report))
    touch(report)
    record(by, report, "save_block", changes=[_text_change(stored.key, old, new)])
    return stored


def _text_facts(block: Block) -> dict:
    return {"text": block.text, "lead": block.lead, "spec": block.spec}


def _text_change(key: str, old: dict, new: dict) -> dict:
    change = {"block": key, "old": old["text"], "new": new["text"], "old_lead": old["lead"], "new_lead": new["lead"]}
    return change if old["spec"] == new["spec"] else {**change, "old_spec": old["spec"], "new_spec": new["spec"]}


def clean_text(text: str, kind: str) -> str:
    """Return the text as it is kept: one line end, none around or doubled; a heading and a title stay on one line."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    glue = "" if kind in ONE_LINE else "\n"
    return glue.join(line for line in lines if line)[:TEXT_LENGTH]


@transaction.atomic
def set_block_dropped(*, by, block: Block, dropped: bool) -> Block:
    """Leave a block out of the report, or take it in again; doing it twice changes nothing."""
    report = locked(block.report)
    check_can_edit(by, report)
    stored = Block.objects.get(pk=block.pk)
    if dropped and not stored.is_optional:
        raise Refused(_("This paragraph belongs to every report; empty its text instead of leaving it out."))
    if stored.is_dropped == dropped:
        return stored
    stored.is_dropped, stored.version, stored.updated_by = dropped, stored.version + 1, by
    stored.save(update_fields=["is_dropped", "version", "updated_by", "updated_at"])
    touch(report)
    record(by, report, "drop_block" if dropped else "restore_block", changes=[{"block": stored.key}])
    return stored


@transaction.atomic
def save_head(
    *, by, report: Report, title: str, addressee: str, signature: str, issue_date, letterhead: dict | None = None, seen: str = ""
) -> Report:
    """Save title, addressee, signature, date of issue, and of a red-head report what its head says (None: stays).

    `seen` is the head_mark of what was on the screen; raises EditConflict when the stored head is another one by now.
    """
    report = locked(report)
    check_can_edit(by, report)
    if seen and seen != head_mark(report):
        raise EditConflict(_("Somebody else changed these lines meanwhile. Both versions are shown; merge them and save again."))
    old = _head_facts(report)
    report.title, report.addressee = clean_text(title, "")[:200], addressee.strip()
    report.signature, report.issue_date = signature.strip(), issue_date
    if letterhead is not None and report.profile == Profile.RED_HEAD:
        report.letterhead = {name: " ".join(letterhead.get(name, "").split()) for name in FIELDS}
    report.save(update_fields=["title", "addressee", "signature", "issue_date", "letterhead"])
    touch(report)
    record(by, report, "save_head", changes=[{"old": old, "new": _head_facts(report)}])
    return report


def _head_facts(report: Report) -> dict[str, str]:
    issue_date = report.issue_date.isoformat() if report.issue_date else ""
    facts = {"title": report.title, "addressee": report.addressee, "signature": report.signature, "issue_date": issue_date}
    return facts | report.letterhead


@transaction.atomic
def update_figures(*, by, report: Report, blocks: list[Block] | None = None) -> Report:
    """Settle the numbers of some blocks anew, or of all; with all of them months approved since are taken in too."""
    report = locked(report)
    check_can_edit(by, report)
    if blocks is None:
        report.cutoff_month = max(report.cutoff_month, newest_approved_month(report.unit, report.year))
        report.save(update_fields=["cutoff_month"])
        blocks = list(report.blocks.all())
    changes = settle_blocks(blocks, load_binder(report), renew=True)
    touch(report)
    record(by, report, "update_figures", changes=changes)
    return report


def touch(report: Report) -> None:
    """Count an edit: pages that show an older report notice it."""
    Report.objects.filter(pk=report.pk).update(edited=report.edited + 1)
