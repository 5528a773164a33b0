"""May this person do this to this report? Each check raises PermissionDenied or Refused with the text for the button."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES, Role
from reports.queries import newest_approved_month, template_for
from reports.transitions import REPORT_TABLE
from workflow.choices import State, Subject
from workflow.models import Comment, Round
from workflow.transitions import Refused, Transition

WRITERS = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD)
FIRST_MONTH = 11
MOST_NAMED = 3


def check_can(deed: str, user, report) -> Transition:
    """Check role, unit, state and the four-eyes rule of a deed."""
    submitters = [report.submitted_by_id]
    if deed == "approve":
        newest = Round.objects.about(Subject.REPORT, report.pk).order_by("-number").first()
        submitters.append(newest.signed_off_by_id if newest else None)
    try:
        transition = REPORT_TABLE.check(deed, report, user, submitter_ids=submitters)
    except Refused:
        if deed == "withdraw" and report.state == State.IN_REVIEW:
            raise Refused(_("The district has started its review; ask the reviewer to send the report back.")) from None
        raise
    if deed == "approve" and (points := Comment.objects.about(Subject.REPORT, report.pk).to_correct().count()):
        reason = _("%(count)d comments still ask for a correction: send the report back, or close them first.")
        raise Refused(reason % {"count": points})
    return transition


def check_can_create(user, unit, year: int) -> None:
    """The township's clerk or head creates the report of a year, once, from November on, when there is something to report."""
    if user.role not in WRITERS or user.unit_id != unit.pk:
        raise PermissionDenied(_("Only this township's clerk or head creates its annual report."))
    today = timezone.localdate()
    if year > today.year or (year == today.year and today.month < FIRST_MONTH):
        raise Refused(_("The report of %(year)d can be started from November %(year)d on.") % {"year": year})
    if unit.reports.filter(year=year).exists():
        raise Refused(_("The report of %(year)d exists already; open it from the list.") % {"year": year})
    if not newest_approved_month(unit, year):
        raise Refused(_("No month of %(year)d is approved yet, so there is nothing to report.") % {"year": year})
    if template_for(unit, year) is None:
        raise Refused(_("The district has no report template yet; ask its administrator."))


def check_can_edit(user, report) -> None:
    """The township's clerk and head write it while it is open."""
    if user.role not in WRITERS or user.unit_id != report.unit_id:
        raise PermissionDenied(_("Only this township's clerk or head edits its annual report."))
    if not report.is_editable:
        raise Refused(
            _("This report is “%(state)s” and cannot be changed now. Withdraw it, or ask the reviewer to send it back.")
            % {"state": report.get_state_display()}
        )


def check_can_submit(user, report, *, blocking) -> Transition:
    """Check the deed, and that the check before submitting finds nothing that blocks (see reports.check_list)."""
    transition = check_can("submit", user, report)
    _check_nothing_blocks(blocking)
    return transition


def check_can_export(*, blocking) -> None:
    """Refuse while the check finds something that blocks: text and annexes would disagree, or a number rest on nothing."""
    _check_nothing_blocks(blocking)


def _check_nothing_blocks(blocking) -> None:
    """Refuse, naming the first of the findings: the same words for submitting and exporting."""
    if blocking:
        reasons = "；".join(dict.fromkeys(finding.words.rstrip("。.") for finding in blocking[:MOST_NAMED]))
        words = _("The check finds %(count)d places to put right first: %(reasons)s")
        raise Refused(words % {"count": len(blocking), "reasons": reasons})


def check_can_ask_export(user, report, version: int | None = None) -> None:
    """Whoever reads a report may print it; the auditor prints what was approved, no draft (ADR 0013)."""
    if user.role not in (*DISTRICT_ROLES, *TOWNSHIP_ROLES):
        raise PermissionDenied(_("Annual reports are written by the township's office."))
    if user.role == Role.AUDITOR and version is None and not report.is_approved:
        raise Refused(_("An auditor exports approved versions; this report is not approved. Read it on the page."))


def check_can_ask_batch(user, *, with_drafts: bool) -> None:
    """The district prints all its townships' reports at once; the auditor those alone that are approved (ADR 0013)."""
    if user.role not in DISTRICT_ROLES:
        raise PermissionDenied(_("The reports of all townships together are for the district's staff."))
    if with_drafts and user.role == Role.AUDITOR:
        raise Refused(_("An auditor exports approved versions; choose “approved reports only”."))


def unanswered_threads(report) -> int:
    """Return how many open must-fix threads nobody of the township has answered; words of the district are no answer."""
    threads = Comment.objects.about(Subject.REPORT, report.pk).to_correct()
    return threads.exclude(answers__author__unit=report.unit_id).count()


def check_can_comment(user, report) -> None:
    """Reviewers comment while they review; the township answers while the report is in its hands."""
    at_home = user.unit_id in (report.unit_id, report.unit.parent_id)
    if user.role not in (*WRITERS, Role.DISTRICT_REVIEWER) or not at_home:
        raise PermissionDenied(_("Your role may read comments, not write them."))
    if user.role == Role.DISTRICT_REVIEWER and report.state != State.IN_REVIEW:
        raise Refused(_("Start the review first; comments belong to a review."))
    if user.role in WRITERS and not report.is_editable:
        raise Refused(_("Comments are answered while the report is in the township's hands; it is with the district now."))


def check_can_close(user, report, comment) -> None:
    """The side that opened a thread closes it; the other side only after the township has answered."""
    check_can_comment(user, report)
    if user.unit_id == comment.author.unit_id or comment.answers.filter(author__unit=report.unit_id).exists():
        return
    raise Refused(_("Answer the comment first; then it can be closed."))


def check_can_read_templates(user) -> None:
    """The district's people look at its templates; townships see them once a report is made from one."""
    if user.role not in DISTRICT_ROLES:
        raise PermissionDenied(_("Report templates are kept by the district."))


def check_can_keep_templates(user, district) -> None:
    """Templates are written by the district's administrator."""
    if user.role != Role.DISTRICT_ADMIN or user.unit_id != district.pk:
        raise PermissionDenied(_("Only the district's administrator changes report templates."))


def check_can_change_template(user, template) -> None:
    """A draft takes every change; what is or was in force takes none, for reports were made from it."""
    check_can_keep_templates(user, template.district)
    if not template.is_draft:
        raise Refused(_("This template is “%(state)s” and stays as it is. Make a new draft from it and change that.")
                      % {"state": template.get_state_display()})  # fmt: skip
