"""Which state an annual report may go to next, by whose deed."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from workflow.choices import State
from workflow.transitions import Transition, TransitionTable

TOWNSHIP = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD)

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
