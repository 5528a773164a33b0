"""What waits for a person, role by role, as data for the workbench. The number of queries does not grow with the district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from accounts.choices import Role
from accounts.models import Unit, User
from metrics.board import LateReturn, MonthFigures, load_late, load_month
from metrics.checks import ERROR, HINT, QUERY, Finding, return_findings
from metrics.grid import BLANK_RULE
from metrics.grid_text import time_left
from metrics.lists import fillable_counts, filled_counts, review_counts, with_open_comments
from metrics.models import DistrictYear, MonthlyReturn
from metrics.permissions import unanswered_threads
from metrics.queries import YearBook
from reports.models import Report
from reports.own_reports import OwnReport, load_own_reports
from reports.permissions import may_open_threads
from reports.queries import returns_moved_since
from workflow.choices import State, Subject
from workflow.models import Event, Round

TASKS_IN_FULL = 3
SHOWN = 5


@dataclass(frozen=True)
class Task:
    """A return that is the township's to finish, with everything that blocks its submission."""

    monthly_return: MonthlyReturn
    due: str
    is_overdue: bool
    filled: int
    fillable: int
    findings: tuple[Finding, ...]
    unanswered: int
    note: Event | None

    @property
    def blanks(self) -> int:
        """Required cells not filled."""
        return sum(row.code == BLANK_RULE for row in self.findings)

    @property
    def optional_blanks(self) -> int:
        """Cells not filled that block nothing: filled + blanks + optional_blanks = fillable."""
        return max(self.fillable - self.filled - self.blanks, 0)

    @property
    def errors(self) -> list[Finding]:
        """What is wrong, blanks left out."""
        return [row for row in self.findings if row.level == ERROR and row.code != BLANK_RULE]

    @property
    def reminders(self) -> list[Finding]:
        """What is odd and not explained yet."""
        return [row for row in self.findings if row.level == QUERY and not row.explained]

    @property
    def is_ready(self) -> bool:
        """Whether nothing blocks submission."""
        return not (self.blanks or self.errors or self.reminders or self.unanswered)


@dataclass(frozen=True)
class RoundLine:
    """One past submission and how it ended."""

    submission: Round
    monthly_return: MonthlyReturn


@dataclass(frozen=True)
class TownshipBench:
    """A township's workbench; `later` are open returns beyond the first few, without their findings.

    `reports` are year, report or None, and how many months under an approved one were reopened or approved anew since.
    """

    tasks: tuple[Task, ...]
    later: tuple[MonthlyReturn, ...]
    to_sign: tuple[MonthlyReturn, ...]
    at_district: tuple[MonthlyReturn, ...]
    rounds: tuple[RoundLine, ...]
    reports: tuple[tuple[int, Report | None, int], ...]


def load_township_bench(township: Unit, now: datetime, today: date) -> TownshipBench:
    """Return what a township's clerk and head have before them: sent back first, then by due date."""
    rows = list(MonthlyReturn.objects.filter(unit=township).exclude(state=State.APPROVED).select_related("unit"))
    rows.sort(key=lambda row: (row.state != State.RETURNED, row.due_at))
    own = [row for row in rows if row.is_editable]
    return TownshipBench(
        tasks=load_tasks(township, own[:TASKS_IN_FULL], now),
        later=tuple(own[TASKS_IN_FULL:]),
        to_sign=tuple(row for row in rows if row.state == State.AWAITING_SIGNOFF),
        at_district=tuple(row for row in rows if row.state in (State.SUBMITTED, State.IN_REVIEW)),
        rounds=_last_rounds(township),
        reports=_reports_of_years(township, today),
    )


def load_tasks(township: Unit, returns: list[MonthlyReturn], now: datetime) -> tuple[Task, ...]:
    """Return open returns with what blocks them; one figure book for each year among them."""
    years = {row.year for row in returns}
    books = {year: YearBook.load(township, year, approved_only=False) for year in years}
    sizes = {year: fillable_counts(township, year) for year in years}
    filled, notes = filled_counts(returns), _return_notes(returns)
    return tuple(
        Task(
            monthly_return=row, due=time_left(row.due_at, now), is_overdue=row.due_at < now, filled=filled[row.pk],
            fillable=sizes[row.year][row.month], findings=tuple(return_findings(row, books[row.year])),
            unanswered=unanswered_threads(row), note=notes.get(row.pk),
        )
        for row in returns
    )  # fmt: skip


def _return_notes(returns) -> dict[int, Event]:
    """Return the newest sending back of each return that is sent back now."""
    pks = [row.pk for row in returns if row.state == State.RETURNED]
    events = Event.objects.filter(subject_kind=Subject.RETURN, subject_id__in=pks, to_state=State.RETURNED)
    return {event.subject_id: event for event in events.order_by("chain_number")}


def _last_rounds(township: Unit) -> tuple[RoundLine, ...]:
    rounds = Round.objects.filter(unit=township, subject_kind=Subject.RETURN).defer("snapshot")
    rounds = list(rounds.select_related("submitted_by", "decided_by").order_by("-submitted_at")[:SHOWN])
    returns = MonthlyReturn.objects.in_bulk([row.subject_id for row in rounds])
    return tuple(RoundLine(row, returns[row.subject_id]) for row in rounds if row.subject_id in returns)


def _reports_of_years(township: Unit, today: date) -> tuple[tuple[int, Report | None, int], ...]:
    found = {row.year: row for row in Report.objects.filter(unit=township, year__in=(today.year, today.year - 1))}
    moved = returns_moved_since(township, found.values())
    rows = ((year, found.get(year)) for year in (today.year, today.year - 1))
    return tuple((year, report, moved.get(report.pk, 0) if report else 0) for year, report in rows)


@dataclass(frozen=True)
class VillageBench:
    """A village clerk's open returns, each with the own village's cells: how many are filled, and what is wrong with them."""

    tasks: tuple[Task, ...]


def load_village_bench(village: Unit, now: datetime) -> VillageBench:
    """Return the open returns of the village's township, narrowed to the village's own row."""
    rows = MonthlyReturn.objects.filter(unit=village.parent_id, state__in=(State.DRAFT, State.RETURNED)).select_related("unit")
    rows = sorted(rows, key=lambda row: (row.state != State.RETURNED, row.due_at))[:TASKS_IN_FULL]
    return VillageBench(tuple(_own_row(task, village) for task in load_tasks(village.parent, rows, now)))


def _own_row(task: Task, village: Unit) -> Task:
    mine = tuple(
        row for row in task.findings if row.cell.endswith("@" + village.code) and row.level != HINT and not row.explained
    )
    return Task(task.monthly_return, task.due, task.is_overdue, task.filled, task.fillable, mine, unanswered=0, note=task.note)


@dataclass(frozen=True)
class DistrictBench:
    """A district's workbench: the month that was due last, what waits for review, what has not come, its own reports.

    `reports` wait for review: the district's own that this very person may decide on first, then its townships'.
    """

    year: int
    figures: MonthFigures
    counts: dict[str, int]
    waiting: tuple[MonthlyReturn, ...]
    reports: tuple[Report, ...]
    overdue: tuple[LateReturn, ...]
    own: tuple[OwnReport, ...]


def load_district_bench(user: User, now: datetime, today: date) -> DistrictBench:
    """Return the district's state, with the longest waiting returns and reports."""
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    townships = Unit.objects.visible_to(user).townships()
    returns = MonthlyReturn.objects.filter(unit__in=townships)
    own = load_own_reports(user, (today.year, today.year - 1))
    own_waiting = [line.report for line in own if line.report and may_open_threads(user, line.report)]
    reports = Report.objects.filter(unit__in=townships).for_review().select_related("unit")[:SHOWN]
    return DistrictBench(
        year=year,
        figures=load_month(townships, year, month, now),
        counts=review_counts(returns),
        waiting=tuple(with_open_comments(returns.for_review()).select_related("unit")[:SHOWN]),
        reports=(*own_waiting, *reports),
        overdue=tuple(load_late(returns, now, SHOWN * 2)),
        own=own,
    )


@dataclass(frozen=True)
class AccountFigures:
    """The district's accounts in numbers."""

    active: int
    one_time: int
    disabled: int


def load_account_figures(user: User) -> AccountFigures:
    """Count the accounts an administrator looks after."""
    counts = (
        User.objects.visible_to(user)
        .order_by()
        .aggregate(
            active=Count("pk", filter=Q(is_active=True)),
            one_time=Count("pk", filter=Q(is_active=True, must_change_password=True)),
            disabled=Count("pk", filter=Q(is_active=False)),
        )
    )
    return AccountFigures(**counts)


def load_bench(user: User, now: datetime, today: date) -> dict:
    """Return the workbench of a person's role, ready for its template."""
    if user.role == Role.VILLAGE_CLERK:
        return {"village": load_village_bench(user.unit, now)}
    if user.role in (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD):
        return {"bench": load_township_bench(user.unit, now, today)}
    context = {"district": load_district_bench(user, now, today)}
    if user.role == Role.DISTRICT_ADMIN:
        settings = DistrictYear.objects.filter(district=user.unit_id, year=today.year).first()
        context |= {"accounts": load_account_figures(user), "settings": settings}
    return context
