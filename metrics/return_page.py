"""What stands around the grid: the way to approval, the due date, the return note, and the deeds with what is in their way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, Role
from metrics.checks import SEVERITY, Finding
from metrics.grid import BLANK_RULE, Grid, Row
from metrics.grid_text import time_left
from metrics.models import MonthlyReturn
from metrics.permissions import check_can, check_can_edit, check_can_submit, unanswered_cells, unanswered_threads
from metrics.transitions import RETURN_TABLE
from workflow.choices import EDITABLE_STATES, State, Subject
from workflow.models import Comment, Event
from workflow.transitions import Refused

# Deeds done at once by their button; all others have a page that says what will happen.
IMMEDIATE_DEEDS = ("start_review",)
PRIMARY_DEEDS = ("submit", "sign_off", "start_review", "approve")


@dataclass(frozen=True)
class Step:
    """One step on the way to approval; status: done, now, back (sent back) or todo."""

    name: str
    status: str


@dataclass(frozen=True)
class Deed:
    """A button: `reason` says why it is not possible now, "" when it is."""

    name: str
    label: str
    reason: str
    is_primary: bool
    is_immediate: bool


@dataclass(frozen=True)
class ReturnNote:
    """Why a return came back: by whom, when, in which words, and the rows whose comments wait for an answer."""

    by: str
    role: str
    at: datetime
    deed: str
    reason: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ReturnPage:
    """Everything around the grid. `is_correcting`: whether the person may correct a return that came back with comments."""

    steps: tuple[Step, ...]
    due: str
    is_overdue: bool
    note: ReturnNote | None
    deeds: tuple[Deed, ...]
    is_review: bool
    attention: int = 0
    is_correcting: bool = False

    @property
    def default_show(self) -> str:
        """Which rows are shown first, where there are any: to a reviewer what is odd, changed or commented; to who corrects a
        return that came back, the commented ones."""
        if self.is_correcting:
            return "comments"
        return "attention" if self.is_review and self.attention else "all"


@dataclass(frozen=True)
class VillageBlanks:
    """How many villages have not filled an indicator; `cell` is the first of them."""

    name: str
    count: int
    cell: str


def load_return_page(monthly_return: MonthlyReturn, grid: Grid, user) -> ReturnPage:
    """Return the page's frame for a person."""
    note = _note(monthly_return, grid) if monthly_return.state == State.RETURNED else None
    now = timezone.now()
    is_at_home = monthly_return.state in (*EDITABLE_STATES, State.AWAITING_SIGNOFF)
    return ReturnPage(
        steps=_steps(monthly_return, grid.needs_signoff, note),
        due=time_left(monthly_return.due_at, now) if is_at_home else "",
        is_overdue=is_at_home and monthly_return.due_at < now,
        note=note, deeds=load_deeds(monthly_return, grid, user),
        is_review=user.role in DISTRICT_ROLES and monthly_return.state in (State.SUBMITTED, State.IN_REVIEW),
        attention=grid.counts["attention"],
        is_correcting=bool(note and note.rows) and is_allowed(check_can_edit, user, monthly_return),
    )  # fmt: skip


def first_marked(page: ReturnPage, monthly_return: MonthlyReturn) -> str:
    """Return the code of the row where correcting begins: one that waits for an answer, and is typed in the grid itself, if any.

    "" where nothing is to correct; one query otherwise.
    """
    if not page.is_correcting:
        return ""
    waiting = {name.partition("@")[0] for name in unanswered_cells(monthly_return)}
    return min(page.note.rows, key=lambda row: (row.code not in waiting, not row.has_cell)).code


def load_deeds(monthly_return: MonthlyReturn, grid: Grid, user) -> tuple[Deed, ...]:
    """Return the deeds of this person's role in this state, each with what is in its way."""
    deeds = []
    for row in RETURN_TABLE.transitions:
        if user.role in row.roles and monthly_return.state in row.sources:
            deeds.append(_deed(row, monthly_return, grid, user))
    return tuple(sorted(deeds, key=lambda deed: deed.is_primary))


def _deed(row, monthly_return, grid, user) -> Deed:
    label = submit_label(grid, unanswered_of(grid)) if row.deed == "submit" else str(row.label)
    return Deed(
        row.deed, label, why_not(row.deed, user, monthly_return, grid), row.deed in PRIMARY_DEEDS, row.deed in IMMEDIATE_DEEDS
    )


def why_not(deed: str, user, monthly_return: MonthlyReturn, grid: Grid) -> str:
    """Return the reason why a deed is refused now, "" when it is possible: the very check that the service makes."""
    try:
        if deed == "submit":
            check_can_submit(user, monthly_return, list(grid.findings), unanswered_of(grid))
        else:
            check_can(deed, user, monthly_return)
    except (Refused, PermissionDenied) as refusal:
        return str(refusal)
    return ""


def unanswered_of(grid: Grid) -> int:
    """Return how many threads still wait for the township's answer; asks the database only where a correction is asked for."""
    return unanswered_threads(grid.monthly_return) if grid.to_correct else 0


def submit_label(grid: Grid, unanswered: int = 0) -> str:
    """Return the primary button's words: they name what is in the way."""
    obstacles = [
        _("fill %(count)d required cells") % {"count": grid.blanks} if grid.blanks else "",
        _("correct %(count)d") % {"count": grid.errors} if grid.errors else "",
        _("explain %(count)d") % {"count": grid.queries} if grid.queries else "",
        _("answer %(count)d") % {"count": unanswered} if unanswered else "",
    ]
    words = _(", ").join(filter(None, obstacles))
    return _("Submit (first %(obstacles)s)") % {"obstacles": words} if words else _("Submit")


def group_findings(grid: Grid) -> tuple[list[VillageBlanks], list[Finding]]:
    """Return the blank village cells, one line an indicator, and all other findings, what blocks first."""
    is_grouped = {finding: finding.code == BLANK_RULE and "@" in finding.cell for finding in grid.findings}
    cells = defaultdict(list)
    for finding in filter(is_grouped.get, grid.findings):
        cells[finding.cell.partition("@")[0]].append(finding.cell)
    groups = [VillageBlanks(row.name, len(cells[row.code]), cells[row.code][0]) for row in grid.rows if row.code in cells]
    single = [finding for finding in grid.findings if not is_grouped[finding]]
    return groups, sorted(single, key=_urgency)


def _urgency(finding: Finding) -> tuple[bool, int, bool]:
    """Order findings by what is to be done: correct, fill, explain; then what needs nothing."""
    return finding.explained, SEVERITY.index(finding.level), finding.code == BLANK_RULE


def is_allowed(check, user, monthly_return) -> bool:
    """Whether a check of permissions lets the person through."""
    try:
        check(user, monthly_return)
    except (Refused, PermissionDenied):
        return False
    return True


def _steps(monthly_return, needs_signoff: bool, note) -> tuple[Step, ...]:
    names = [_("Entry"), _("Township sign-off"), _("District review"), _("Approved and locked")]
    at = {
        State.DRAFT: 0, State.AWAITING_SIGNOFF: 1, State.SUBMITTED: 2, State.IN_REVIEW: 2, State.RETURNED: 2, State.APPROVED: 4,
    }[monthly_return.state]  # fmt: skip
    came_back = monthly_return.state == State.RETURNED
    if came_back and note and note.deed == "head_send_back":
        at, names[1] = 1, _("Sent back by the township")
    elif came_back:
        names[2] = _("Sent back by the district")
    steps = [Step(name, _status(place, at, came_back)) for place, name in enumerate(names)]
    return tuple(steps if needs_signoff else steps[:1] + steps[2:])


def _status(place: int, at: int, came_back: bool) -> str:
    if place == at:
        return "back" if came_back else "now"
    return "done" if place < at else "todo"


def _note(monthly_return, grid) -> ReturnNote | None:
    events = Event.objects.about(Subject.RETURN, monthly_return.pk).filter(to_state=State.RETURNED)
    event = events.order_by("-chain_number").first()
    if event is None:
        return None
    rows = tuple(row for row in grid.rows if row.open_comments)
    return ReturnNote(event.actor_name, Role(event.actor_role).label, event.at, event.deed, event.reason, rows)


def proposed_reason(deed: str, monthly_return) -> str:
    """Return a first wording of the reason, to be read, changed and sent: where this round's comments say what is to be done."""
    threads = Comment.objects.about(Subject.RETURN, monthly_return.pk).to_correct()
    if deed == "send_back" and threads.filter(round_number=monthly_return.revision).exists():
        return _("See the comments on single figures.")
    return ""
