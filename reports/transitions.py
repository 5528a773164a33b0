"""Which state an annual report may go to next, by whose deed: a township's report by one table, the district's own by another."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from workflow.choices import State
from workflow.transitions import Transition, TransitionTable

TOWNSHIP = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD)
DEPARTMENT = (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN)

# A head's own submission is its sign-off; a clerk's waits for it where the district wants one.
REPORT_TABLE = TransitionTable(
    name="report",
    transitions=(
        Transition("submit", _("Submit"), (State.DRAFT, State.RETURNED), State.AWAITING_SIGNOFF, TOWNSHIP),
        Transition("sign_off", _("Sign off"), (State.AWAITING_SIGNOFF,), State.SUBMITTED, (Role.TOWNSHIP_HEAD,),
                   not_by_submitter=True),
        Transition("head_send_back", _("Send back to the clerk"), (State.AWAITING_SIGNOFF,), State.RETURNED,
                   (Role.TOWNSHIP_HEAD,), needs_reason=True),
        Transition("withdraw", _("Withdraw"), (State.AWAITING_SIGNOFF, State.SUBMITTED), State.DRAFT, TOWNSHIP),
        Transition("start_review", _("Start review"), (State.SUBMITTED,), State.IN_REVIEW, (Role.DISTRICT_REVIEWER,)),
        Transition("send_back", _("Send back"), (State.IN_REVIEW,), State.RETURNED, (Role.DISTRICT_REVIEWER,), needs_reason=True),
        Transition("approve", _("Approve"), (State.IN_REVIEW,), State.APPROVED, (Role.DISTRICT_REVIEWER,), not_by_submitter=True),
        Transition("reopen", _("Reopen as a new version"), (State.APPROVED,), State.RETURNED,
                   (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN), needs_reason=True),
    ),
)  # fmt: skip

# Writers and deciders have the same two roles, so the second person is told from the first by who submitted (ADR 0020).
DISTRICT_REPORT_TABLE = TransitionTable(
    name="district report",
    transitions=(
        Transition("submit", _("Submit"), (State.DRAFT, State.RETURNED), State.SUBMITTED, DEPARTMENT),
        Transition("withdraw", _("Withdraw"), (State.SUBMITTED,), State.DRAFT, DEPARTMENT, only_by_submitter=True),
        Transition("send_back", _("Send back"), (State.SUBMITTED,), State.RETURNED, DEPARTMENT, needs_reason=True,
                   not_by_submitter=True),
        Transition("approve", _("Approve"), (State.SUBMITTED,), State.APPROVED, DEPARTMENT, not_by_submitter=True),
        Transition("reopen", _("Reopen as a new version"), (State.APPROVED,), State.RETURNED, DEPARTMENT, needs_reason=True),
    ),
)  # fmt: skip


def table_of(unit) -> TransitionTable:
    """Return the table that the report of a unit goes by."""
    return DISTRICT_REPORT_TABLE if unit.is_district else REPORT_TABLE


def writers_of(unit) -> tuple[str, ...]:
    """Return the roles that write the report of a unit."""
    return DEPARTMENT if unit.is_district else TOWNSHIP
