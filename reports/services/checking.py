"""Deeds on what the checks found: say why it stands, or put it right with one click."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.check_list import load_check_list
from reports.checks import Finding, Level
from reports.checks.manuscript import load_manuscript
from reports.models import Block, Confirmation, Report
from reports.permissions import check_can_edit
from reports.services.writing import locked, record, save_block, touch, update_figures
from workflow.transitions import Refused

REASON_LENGTH = 200


@transaction.atomic
def confirm_finding(*, by, report: Report, mark: str, reason: str) -> Confirmation:
    """Keep in one line why a finding stands; saying it again replaces the words. Raises Refused without words, or when the
    text has changed since, so that there is no such finding any more.
    """
    report = locked(report)
    check_can_edit(by, report)
    finding = _present(report, mark)
    if finding.level != Level.CONFIRM:
        raise Refused(_("This cannot be confirmed, only put right."))
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(_("Say in one line why it stands; the reviewer reads it."))
    if len(reason) > REASON_LENGTH:
        raise Refused(
            _("The reason has %(now)d characters; one line of %(most)d is enough.") % {"now": len(reason), "most": REASON_LENGTH}
        )
    values = {
        "check_name": finding.check,
        "block_key": finding.block_key,
        "words": finding.words,
        "reason": reason,
        "confirmed_by": by,
    }
    row, is_new = Confirmation.objects.get_or_create(report=report, mark=mark, defaults=values)
    if not is_new and row.reason == reason:
        return row
    if not is_new:
        row.reason, row.confirmed_by = reason, by
        row.save()
    touch(report)
    record(
        by,
        report,
        "confirm_finding",
        reason=reason,
        changes=[{"block": finding.block_key, "check": finding.check, "text": finding.words}],
    )
    return row


@transaction.atomic
def fix_finding(*, by, report: Report, mark: str) -> str:
    """Carry out the fix that a finding offers; returns the block's key. Raises Refused when it is not there any more."""
    report = locked(report)
    check_can_edit(by, report)
    finding = _present(report, mark)
    if finding.fix is None:
        raise Refused(_("This needs your own words: open the paragraph."))
    block = Block.objects.get(report=report, key=finding.block_key)
    if finding.fix.renews:
        update_figures(by=by, report=report, blocks=[block])
    else:
        save_block(by=by, block=block, text=finding.fix.text, lead=finding.fix.lead, base_version=block.version)
    return finding.block_key


def _present(report: Report, mark: str) -> Finding:
    finding = load_check_list(report, load_manuscript(report)).finding(mark)
    if finding is None:
        raise Refused(_("The text has changed since this page was opened; the list is up to date now. Look at it again."))
    return finding
