"""May this person do this to this report? Each check raises PermissionDenied or Refused with the text for the button."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES, Role
from reports.queries import newest_approved_month, template_for
from reports.transitions import table_of, writers_of
from workflow.choices import State, Subject
from workflow.models import Comment, Round
from workflow.transitions import Refused, Transition

FIRST_MONTH = 11
MOST_NAMED = 3


def may_write(user, unit) -> bool:
    """Whether a person writes a unit's report: clerk and head a township's, reviewers and administrators the district's."""
    return user.role in writers_of(unit) and user.unit_id == unit.pk


def may_open_threads(user, report) -> bool:
    """Whether a person reviews a report now: a township's the reviewer, the district's any of its writers but who submitted."""
    if report.unit.is_district:
        return may_write(user, report.unit) and report.state == State.SUBMITTED and user.pk != report.submitted_by_id
    return user.role == Role.DISTRICT_REVIEWER and user.unit_id == report.unit.parent_id and report.state == State.IN_REVIEW


def check_can(deed: str, user, report) -> Transition:
    """Check role, unit, state and the four-eyes rule of a deed."""
    submitters = [report.submitted_by_id]
    if deed == "approve":
        newest = Round.objects.about(Subject.REPORT, report.pk).order_by("-number").first()
        submitters.append(newest.signed_off_by_id if newest else None)
    try:
        transition = table_of(report.unit).check(deed, report, user, submitter_ids=submitters)
    except Refused:
        if deed == "withdraw" and report.state == State.IN_REVIEW:
            raise Refused(_("The district has started its review; ask the reviewer to send the report back.")) from None
        raise
    if deed == "approve" and (points := Comment.objects.about(Subject.REPORT, report.pk).to_correct().count()):
        reason = _("%(count)d comments still ask for a correction: send the report back, or close them first.")
        raise Refused(reason % {"count": points})
    return transition


def check_can_create(user, unit, year: int) -> None:
    """Whoever writes a unit's report creates it, once a year, from November on, when there is something to report."""
    _check_writes(user, unit)
    today = timezone.localdate()
    if year > today.year or (year == today.year and today.month < FIRST_MONTH):
        raise Refused(_("The report of %(year)d can be started from November %(year)d on.") % {"year": year})
    if unit.reports.filter(year=year).exists():
        raise Refused(_("The report of %(year)d exists already; open it from the list.") % {"year": year})
    if not newest_approved_month(unit, year):
        raise Refused(_nothing_approved(unit) % {"year": year})
    if template_for(unit, year) is None:
        raise Refused(_("The district has no report template yet; ask its administrator."))


def _check_writes(user, unit) -> None:
    if may_write(user, unit):
        return
    if unit.is_district:
        raise PermissionDenied(_("Only the district's reviewers and administrators write its annual report."))
    raise PermissionDenied(_("Only this township's clerk or head writes its annual report."))


def _nothing_approved(unit) -> str:
    if unit.is_district:
        return _("No month of %(year)d is approved in every township yet, so there is nothing to report.")
    return _("No month of %(year)d is approved yet, so there is nothing to report.")


def check_can_edit(user, report) -> None:
    """Whoever writes the unit's report does so while it is open."""
    _check_writes(user, report.unit)
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


def check_can_approve(user, report, *, stale: int, blocking) -> Transition:
    """Check the deed, that no number has changed since the submission (nobody approves what nobody has seen), and that nothing
    blocks which may neither be submitted nor printed.
    """
    transition = check_can("approve", user, report)
    if stale:
        reason = _("%(count)d numbers have changed since the submission; send the report back so that they are updated.")
        raise Refused(reason % {"count": stale})
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


def check_can_comment(user, report) -> None:
    """Reviewers comment while they review; writers answer while the report is in their hands. The district's are both."""
    if report.unit.is_district:
        _check_can_comment_at_home(user, report)
        return
    is_reviewer = user.role == Role.DISTRICT_REVIEWER and user.unit_id == report.unit.parent_id
    if not is_reviewer and not may_write(user, report.unit):
        raise PermissionDenied(_("Your role may read comments, not write them."))
    if is_reviewer and report.state != State.IN_REVIEW:
        raise Refused(_("Start the review first; comments belong to a review."))
    if not is_reviewer and not report.is_editable:
        raise Refused(_("Comments are answered while the report is in the township's hands; it is with the district now."))


def _check_can_comment_at_home(user, report) -> None:
    if not may_write(user, report.unit):
        raise PermissionDenied(_("Your role may read comments, not write them."))
    if report.is_approved:
        raise Refused(_("The report is approved; comments belong to a report on its way."))


def is_answer(report, comment, answer) -> bool:
    """Whether an answer counts as one: the district's own words on a township's report, or one's own to oneself, are none."""
    return answer.author_id != comment.author_id if report.unit.is_district else answer.author.unit_id == report.unit_id


def check_can_close(user, report, comment) -> None:
    """The side that opened a thread closes it; the other side only after it has been answered."""
    check_can_comment(user, report)
    answers = comment.answers.select_related("author")
    if not _opened_it(user, report, comment) and not any(is_answer(report, comment, answer) for answer in answers):
        raise Refused(_("Answer the comment first; then it can be closed."))


def _opened_it(user, report, comment) -> bool:
    """Whether a person is on the side that opened a thread; in the district's report that is its author, and who reviews now."""
    if report.unit.is_district:
        return user.pk == comment.author_id or may_open_threads(user, report)
    return user.unit_id == comment.author.unit_id


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
