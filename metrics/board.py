"""The district's board as data: townships by months, one character a cell, and the figures of one month above it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.lists import AT_TOWNSHIP
from metrics.models import MonthlyReturn
from workflow.choices import State, Subject
from workflow.models import Round


@dataclass(frozen=True)
class Mark:
    """How a cell reads: its character, its class, its words."""

    sign: str
    css: str
    words: str


ON_TIME = Mark("✓", "ok", _("approved, in time"))
LATE = Mark("迟", "late", _("approved, handed in late"))
SIGNING = Mark("复", "wait", _("handed in by the clerk, waits for the township head"))
WAITING = Mark("审", "wait", _("waits for review"))
DRAFT = Mark("草", "draft", _("being filled in"))
RETURNED = Mark("退", "ret", _("sent back"))
ABSENT = Mark("缺", "miss", _("overdue, not handed in"))
FUTURE = Mark("·", "fut", _("not open"))
LEGEND = (ON_TIME, LATE, WAITING, SIGNING, DRAFT, RETURNED, ABSENT, FUTURE)


@dataclass(frozen=True)
class BoardCell:
    """One township's month; `pk` names the return to open, None where there is none."""

    month: int
    mark: Mark
    pk: int | None


@dataclass(frozen=True)
class BoardRow:
    """One township's year; `rate` is the share handed in in time of what was due, in per cent, None before anything was due."""

    unit: Unit
    cells: tuple[BoardCell, ...]
    rate: int | None


@dataclass(frozen=True)
class MonthFigures:
    """The district in one month, counted as the board's cells are: handed_in + signing + returned + overdue + not_due make all
    townships.

    `handed_in` is what the district has received: `approved` and `waiting` for it. `signing` was filled in time and waits for
    the township's head.
    """

    month: int
    townships: int
    handed_in: int
    approved: int
    waiting: int
    signing: int
    returned: int
    overdue: int
    not_due: int


def load_rows(townships: list[Unit], year: int, now: datetime) -> list[BoardRow]:
    """Return the rows of the townships given, in their order. Two queries, whatever their number."""
    rows = MonthlyReturn.objects.filter(unit__in=townships, year=year).only("unit", "month", "state", "due_at", "submitted_at")
    by_unit = defaultdict(dict)
    for row in rows:
        by_unit[row.unit_id][row.month] = row
    handed_in = _first_submissions([row.pk for months in by_unit.values() for row in months.values()])
    return [_row(unit, by_unit[unit.pk], handed_in, now) for unit in townships]


def _first_submissions(pks: list[int]) -> dict[int, datetime]:
    """Return when each return was first handed in and not withdrawn: what counts for being in time."""
    rounds = Round.objects.filter(subject_kind=Subject.RETURN, subject_id__in=pks).exclude(outcome="withdraw")
    return dict(rounds.order_by().values_list("subject_id").annotate(Min("submitted_at")))


def _row(unit, months: dict[int, MonthlyReturn], handed_in, now) -> BoardRow:
    cells = tuple(_cell(month, months.get(month), handed_in, now) for month in range(1, 13))
    due = [row for row in months.values() if row.due_at < now]
    in_time = sum(_is_in_time(row, handed_in) and _mark(row, handed_in, now) is not ABSENT for row in due)
    return BoardRow(unit, cells, round(in_time * 100 / len(due)) if due else None)


def _cell(month, monthly_return, handed_in, now) -> BoardCell:
    if monthly_return is None:
        return BoardCell(month, FUTURE, None)
    return BoardCell(month, _mark(monthly_return, handed_in, now), monthly_return.pk)


def _mark(monthly_return, handed_in, now) -> Mark:
    if monthly_return.state == State.APPROVED:
        return ON_TIME if _is_in_time(monthly_return, handed_in) else LATE
    if monthly_return.state == State.RETURNED:
        return RETURNED
    if monthly_return.state == State.AWAITING_SIGNOFF and _is_in_time(monthly_return, handed_in):
        return SIGNING
    if monthly_return.state in AT_TOWNSHIP:
        return ABSENT if monthly_return.due_at < now else DRAFT
    return WAITING


def _is_in_time(monthly_return, handed_in) -> bool:
    moment = handed_in.get(monthly_return.pk)
    if moment is None and monthly_return.state != State.DRAFT:
        moment = monthly_return.submitted_at
    return moment is not None and moment <= monthly_return.due_at


def load_month(townships, year: int, month: int, now: datetime) -> MonthFigures:
    """Return one month's figures over a queryset of townships: counted by the database, read are only those at a head's."""
    rows = MonthlyReturn.objects.filter(unit__in=townships, year=year, month=month).order_by()
    counts = rows.aggregate(
        approved=Count("pk", filter=Q(state=State.APPROVED)),
        waiting=Count("pk", filter=Q(state__in=(State.SUBMITTED, State.IN_REVIEW))),
        returned=Count("pk", filter=Q(state=State.RETURNED)),
        overdue=Count("pk", filter=Q(state=State.DRAFT, due_at__lt=now)),
    )
    at_head = list(rows.filter(state=State.AWAITING_SIGNOFF).only("state", "due_at", "submitted_at"))
    handed_in = _first_submissions([row.pk for row in at_head])
    marks = Counter(_mark(row, handed_in, now) for row in at_head)
    counts["overdue"] += marks[ABSENT]
    done, count = counts["approved"] + counts["waiting"], townships.count()
    not_due = count - done - marks[SIGNING] - counts["returned"] - counts["overdue"]
    return MonthFigures(month=month, townships=count, handed_in=done, signing=marks[SIGNING], not_due=not_due, **counts)


@dataclass(frozen=True)
class LateReturn:
    """A return that was due and is not with the district, with what the board says of it."""

    monthly_return: MonthlyReturn
    mark: Mark


def load_late(returns, now: datetime, most: int) -> list[LateReturn]:
    """Return those of a queryset that were due and that the district has not received, the longest first."""
    rows = returns.filter(state__in=AT_TOWNSHIP, due_at__lt=now).select_related("unit").order_by("due_at", "unit__order")
    rows = list(rows[:most])
    handed_in = _first_submissions([row.pk for row in rows])
    return [LateReturn(row, _mark(row, handed_in, now)) for row in rows]
