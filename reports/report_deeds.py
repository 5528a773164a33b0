"""The buttons of a report: which deeds a person sees in its present state, and what is in the way of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from reports.permissions import check_can, check_can_approve, check_can_submit
from reports.transitions import table_of
from workflow.transitions import Refused

IMMEDIATE_DEEDS = ("start_review",)
PRIMARY_DEEDS = ("submit", "sign_off", "start_review", "approve")


@dataclass(frozen=True)
class Deed:
    """A button: `label` may name what is in the way, `title` is the bare deed; `reason` "" means that it is possible now."""

    name: str
    title: str
    label: str
    reason: str
    is_primary: bool
    is_immediate: bool


def load_deeds(user, page) -> tuple[Deed, ...]:
    """Return the deeds of this person's role in the report's state, the main one last."""
    report = page.report
    rows = [row for row in table_of(report.unit).transitions if user.role in row.roles and report.state in row.sources]
    deeds = [_deed(row, user, page) for row in rows]
    return tuple(sorted(deeds, key=lambda deed: deed.is_primary))


def _deed(row, user, page) -> Deed:
    reason = why_not(row.deed, user, page)
    return Deed(row.deed, str(row.label), deed_label(row, page), reason, row.deed in PRIMARY_DEEDS, row.deed in IMMEDIATE_DEEDS)


def why_not(deed: str, user, page) -> str:
    """Return the reason why a deed is refused now, "" when it is possible: the very check that the service makes."""
    return refusal_of(lambda: _check(deed, user, page))


def _check(deed: str, user, page) -> None:
    if deed == "submit":
        check_can_submit(user, page.report, blocking=page.checks.blocking)
    elif deed == "approve":
        check_can_approve(user, page.report, stale=len(page.stale), blocking=page.checks.blocking_export)
    else:
        check_can(deed, user, page.report)


def deed_label(row, page) -> str:
    """Return a button's words; the submit button names what is in its way."""
    if row.deed == "submit" and (count := len(page.checks.blocking)):
        return _("Submit (first deal with %(count)d places)") % {"count": count}
    return str(row.label)


def refusal_of(check) -> str:
    """Return the text of the refusal that a check without arguments raises, "" when it lets the person through."""
    try:
        check()
    except (Refused, PermissionDenied) as refusal:
        return str(refusal)
    return ""
