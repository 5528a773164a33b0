"""May this person do this to this return? Each check raises PermissionDenied or Refused with the text for the button."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.choices import TOWNSHIP_ROLES, Role
from metrics.checks import ERROR, QUERY, return_findings
from metrics.transitions import RETURN_TABLE
from workflow.choices import State, Subject
from workflow.models import Comment, Round
from workflow.transitions import Refused, Transition

COMMENTERS = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD, Role.DISTRICT_REVIEWER)


def check_can(deed: str, user, monthly_return) -> Transition:
    """Check role, unit, state and the four-eyes rule of a deed."""
    submitters = [monthly_return.submitted_by_id]
    if deed == "approve":
        newest = Round.objects.about(Subject.RETURN, monthly_return.pk).order_by("-number").first()
        submitters.append(newest.signed_off_by_id if newest else None)
    try:
        transition = RETURN_TABLE.check(deed, monthly_return, user, submitter_ids=submitters)
    except Refused:
        if deed == "withdraw" and monthly_return.state == State.IN_REVIEW:
            raise Refused(_("The district has started its review; ask the reviewer to send the return back.")) from None
        raise
    if deed == "approve" and (points := Comment.objects.about(Subject.RETURN, monthly_return.pk).to_correct().count()):
        reason = _("%(count)d comments still ask for a correction: send the return back, or close them first.")
        raise Refused(reason % {"count": points})
    return transition


def check_can_edit(user, monthly_return) -> None:
    """The township's clerk fills the whole return, a village clerk their own row, while it is open."""
    is_own_township = user.unit_id == monthly_return.unit_id and user.role == Role.TOWNSHIP_CLERK
    is_own_village = user.unit.parent_id == monthly_return.unit_id and user.role == Role.VILLAGE_CLERK
    if not (is_own_township or is_own_village):
        raise PermissionDenied(_("Only the clerk of this township fills this return."))
    if not monthly_return.is_editable:
        raise Refused(
            _("This return is “%(state)s” and cannot be changed now. Withdraw it, or ask the reviewer to send it back.")
            % {"state": monthly_return.get_state_display()}
        )


def check_can_edit_cell(user, monthly_return, village_code: str) -> None:
    """As check_can_edit; a village clerk touches no cell but their own village's."""
    check_can_edit(user, monthly_return)
    if user.role == Role.VILLAGE_CLERK and village_code != user.unit.code:
        raise PermissionDenied(_("A village clerk fills only the row of their own village."))


def check_can_comment(user, monthly_return) -> None:
    """Reviewers comment while they review; the township writes while the return is in its hands."""
    at_home = user.unit_id in (monthly_return.unit_id, monthly_return.unit.parent_id)
    if user.role not in COMMENTERS or not at_home:
        raise PermissionDenied(_("Your role may read comments, not write them."))
    if user.role == Role.DISTRICT_REVIEWER and monthly_return.state != State.IN_REVIEW:
        raise Refused(_("Start the review first; comments belong to a review."))
    is_heads_turn = user.role == Role.TOWNSHIP_HEAD and monthly_return.state == State.AWAITING_SIGNOFF
    if user.role in TOWNSHIP_ROLES and not monthly_return.is_editable and not is_heads_turn:
        raise Refused(_("The return is not in the township's hands now; answer when it has come back."))


def check_can_resolve(user, monthly_return, comment) -> None:
    """A thread is closed by its author's side; the township may close one that it has answered."""
    check_can_comment(user, monthly_return)
    answered = comment.answers.filter(author__unit=monthly_return.unit_id).exists()
    if user.role in TOWNSHIP_ROLES and comment.author.unit_id != user.unit_id and not answered:
        raise Refused(_("Answer the comment first; then it can be closed."))


def check_can_submit(user, monthly_return, findings=None, unanswered: int | None = None) -> Transition:
    """Check the deed and that nothing blocks: no error, no unexplained query, no thread without an answer.

    `findings` and `unanswered` are what a page has found out already.
    """
    transition = check_can("submit", user, monthly_return)
    findings = return_findings(monthly_return) if findings is None else findings
    errors = [row for row in findings if row.level == ERROR]
    if errors:
        blank = sum(row.code == "blank" for row in errors)
        raise Refused(
            _("%(errors)d places block submission (%(blank)d not filled). Each is marked in the table.")
            % {"errors": len(errors), "blank": blank}
        )
    unexplained = [row for row in findings if row.level == QUERY and not row.explained]
    if unexplained:
        raise Refused(_("%(count)d reminders still need one line of explanation.") % {"count": len(unexplained)})
    unanswered = unanswered_threads(monthly_return) if unanswered is None else unanswered
    if unanswered:
        raise Refused(_("%(count)d comments that ask for a correction have no answer yet.") % {"count": unanswered})
    return transition


def unanswered_threads(monthly_return) -> int:
    """Return how many open must-fix threads nobody of the township has answered or closed."""
    return _unanswered(monthly_return).count()


def unanswered_cells(monthly_return) -> set[str]:
    """Return the names of the cells that those threads are about."""
    return set(_unanswered(monthly_return).values_list("anchor", flat=True))


def _unanswered(monthly_return):
    threads = Comment.objects.about(Subject.RETURN, monthly_return.pk).to_correct()
    return threads.exclude(answers__author__unit=monthly_return.unit_id)


def check_can_manage_items(user, unit) -> None:
    """Named items are kept by the township's clerk and head."""
    if user.role not in (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD) or user.unit_id != unit.pk:
        raise PermissionDenied(_("Only this township's office keeps its named items."))


def check_can_keep_ledger(user, unit) -> None:
    """A township's ledgers are kept by its clerk and head."""
    if user.role not in (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD) or user.unit_id != unit.pk:
        raise PermissionDenied(_("Only this township's office keeps its ledgers."))


def check_can_import(user, batch) -> None:
    """A ledger's file is taken in by those who keep the ledger, a month's by its clerk while the return is open."""
    if batch.monthly_return is None:
        check_can_keep_ledger(user, batch.unit)
    else:
        check_can_fill_from_file(user, batch.monthly_return)


def check_can_undo_import(user, batch) -> None:
    """As taking a file in, while the rows are there that tell what stood before."""
    check_can_import(user, batch)
    if not batch.stored_as:
        words = _("This import is older than %(days)d days: its file and rows are gone, and it cannot be taken back as a whole. "
                  "Correct single entries in the ledger.")  # fmt: skip
        raise Refused(words % {"days": settings.KEPT_IMPORT_DAYS})


def check_can_fill_from_file(user, monthly_return) -> None:
    """A file may hold every village's cells, so only the township's clerk sends one."""
    check_can_edit(user, monthly_return)
    if user.role == Role.VILLAGE_CLERK:
        raise PermissionDenied(_("Only the clerk of this township fills this return from a file."))


def check_can_add_evidence(user, proved) -> None:
    """Files are added by whoever fills the cell, while the return is open; beside an entry by whoever keeps the ledger."""
    if proved.monthly_return:
        check_can_edit_cell(user, proved.monthly_return, proved.village_code)
    else:
        check_can_keep_ledger(user, proved.township)


def check_can_remove_evidence(user, proved) -> None:
    """As adding; once the month's return is submitted or approved, its figures keep the files they rest on."""
    check_can_add_evidence(user, proved)
    if closed := proved.closed_return():
        text = _("The return of this month is “%(state)s”: files stay with it, and more may be added to the entry.")
        raise Refused(text % {"state": closed.get_state_display()})


def check_can_set_year(user, district) -> None:
    """A district's settings are kept by its administrator."""
    if user.role != Role.DISTRICT_ADMIN or user.unit_id != district.pk:
        raise PermissionDenied(_("Only this district's administrator changes its settings."))


def check_can_keep_catalogues(user, district) -> None:
    """What a district counts is decided by its administrator."""
    if user.role != Role.DISTRICT_ADMIN or user.unit_id != district.pk:
        raise PermissionDenied(_("Only the district's administrator decides what is counted."))


def check_can_keep_catalogue(user, catalogue) -> None:
    """As above; the shipped set belongs to no district and is changed by nobody."""
    if user.role != Role.DISTRICT_ADMIN or catalogue.district_id not in (user.unit_id, None):
        raise PermissionDenied(_("Only the district's administrator decides what is counted."))
    if catalogue.is_shipped:
        raise PermissionDenied(_("This set is shipped with the product. Copy it to a year of your district and change the copy."))


def check_can_draft(user, catalogue) -> None:
    """A draft takes every change."""
    check_can_keep_catalogue(user, catalogue)
    if not catalogue.is_draft:
        raise Refused(
            _("The set of %(year)d is in force. Its 口径 can be corrected, and indicators added or retired from a month on; "
              "for anything else copy it to another year.") % {"year": catalogue.first_year}
        )  # fmt: skip


def check_can_set_targets(user, district) -> None:
    """Targets are set by the district's administrator."""
    if user.role != Role.DISTRICT_ADMIN or user.unit_id != district.pk:
        raise PermissionDenied(_("Only the district's administrator sets targets."))


def check_can_keep_units(user, unit) -> None:
    """Villages are added, renamed, ended and merged by the district's administrator."""
    if user.role != Role.DISTRICT_ADMIN or user.unit_id not in (unit.pk, unit.parent_id, unit.parent and unit.parent.parent_id):
        raise PermissionDenied(_("Only this district's administrator changes its townships and villages."))


def check_can_merge(user, township) -> None:
    """As above; a merger takes at least two villages that have not ended."""
    check_can_keep_units(user, township)
    if township.children.filter(valid_to__isnull=True).count() < 2:
        raise Refused(_("%(township)s has fewer than two villages that have not ended: there is nothing to merge.")
                      % {"township": township.name})  # fmt: skip
