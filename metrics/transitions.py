"""Which state a monthly return may go to next, by whose deed."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from workflow.choices import State
from workflow.transitions import Transition, TransitionTable

REVIEWERS = (Role.DISTRICT_REVIEWER,)
DECIDERS = (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN)

# `submit` goes to AWAITING_SIGNOFF where the district wants the head's sign-off, else straight to SUBMITTED.
RETURN_TABLE = TransitionTable(
    name="return",
    transitions=(
        Transition("submit", _("Submit"), (State.DRAFT, State.RETURNED), State.AWAITING_SIGNOFF, (Role.TOWNSHIP_CLERK,)),
        Transition("sign_off", _("Sign off"), (State.AWAITING_SIGNOFF,), State.SUBMITTED, (Role.TOWNSHIP_HEAD,),
                   not_by_submitter=True),
        Transition("head_send_back", _("Send back to the clerk"), (State.AWAITING_SIGNOFF,), State.RETURNED,
                   (Role.TOWNSHIP_HEAD,), needs_reason=True),
        Transition("withdraw", _("Withdraw"), (State.AWAITING_SIGNOFF, State.SUBMITTED), State.DRAFT,
                   (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD)),
        Transition("start_review", _("Start review"), (State.SUBMITTED,), State.IN_REVIEW, REVIEWERS),
        Transition("send_back", _("Send back"), (State.IN_REVIEW,), State.RETURNED, REVIEWERS, needs_reason=True),
        Transition("approve", _("Approve"), (State.IN_REVIEW,), State.APPROVED, REVIEWERS, not_by_submitter=True),
        Transition("reopen", _("Reopen for correction"), (State.APPROVED,), State.RETURNED, DECIDERS, needs_reason=True),
    ),
)  # fmt: skip
