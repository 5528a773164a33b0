"""Lists of returns as data: a township's year and the district's queue. A constant number of queries each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Unit
from metrics.choices import STORED_SOURCES, FigureKind, Level
from metrics.grid_text import time_left
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.queries import villages_of_month
from workflow.choices import CommentKind, State, Subject
from workflow.models import Comment

AT_TOWNSHIP = (State.DRAFT, State.RETURNED, State.AWAITING_SIGNOFF)


@dataclass(frozen=True)
class ReturnLine:
    """One month of a township: its return (None when not opened), how far it is filled, and its due date in words."""

    month: int
    monthly_return: MonthlyReturn | None
    filled: int = 0
    fillable: int = 0
    due: str = ""
    is_overdue: bool = False

    @property
    def is_full(self) -> bool:
        """Whether every cell is filled."""
        return self.filled >= self.fillable


def load_year(unit: Unit, year: int, now: datetime) -> list[ReturnLine]:
    """Return the twelve months of a township's year, newest first. Four queries."""
    returns = {row.month: row for row in MonthlyReturn.objects.filter(unit=unit, year=year).select_related("unit")}
    filled, sizes = filled_counts(returns.values()), fillable_counts(unit, year)
    return [_line(month, returns.get(month), filled, sizes, now) for month in range(12, 0, -1)]


def _line(month, monthly_return, filled, sizes, now) -> ReturnLine:
    if monthly_return is None:
        return ReturnLine(month, None)
    waits = monthly_return.state in AT_TOWNSHIP
    return ReturnLine(
        month=month, monthly_return=monthly_return, filled=filled[monthly_return.pk], fillable=sizes[month],
        due=time_left(monthly_return.due_at, now) if waits else "", is_overdue=waits and monthly_return.due_at < now,
    )  # fmt: skip


def filled_counts(returns) -> Counter:
    """Return how many cells each return has filled, keyed by its id. One query."""
    cells = Figure.objects.filter(monthly_return__in=[row.pk for row in returns], indicator__source__in=STORED_SOURCES)
    rows = cells.exclude(kind=FigureKind.BLANK).values("monthly_return").annotate(count=Count("pk"))
    return Counter({row["monthly_return"]: row["count"] for row in rows})


def fillable_counts(unit: Unit, year: int) -> dict[int, int]:
    """Return how many cells people fill in each month of a township's year. Two queries."""
    stored = list(Indicator.objects.of_year(unit.parent_id, year).filter(source__in=STORED_SOURCES))
    villages = list(unit.children.all())
    return {month: _fillable(stored, villages, year, month) for month in range(1, 13)}


def _fillable(indicators, villages, year: int, month: int) -> int:
    levels = Counter(row.level for row in indicators if row.counts_in(year, month))
    return levels[Level.TOWNSHIP] + levels[Level.VILLAGE] * len(villages_of_month(villages, year, month))


def years_of(unit: Unit, this_year: int) -> list[int]:
    """Return the years a township has returns of, this year included, newest first."""
    years = MonthlyReturn.objects.filter(unit=unit).order_by().values_list("year", flat=True).distinct()
    return sorted({*years, this_year}, reverse=True)


def with_open_comments(returns: QuerySet) -> QuerySet:
    """Annotate returns with `open_comments`: threads that ask for a correction and are not closed."""
    threads = Comment.objects.filter(
        subject_kind=Subject.RETURN, subject_id=OuterRef("pk"), parent__isnull=True, resolved_at__isnull=True,
        kind=CommentKind.MUST_FIX,
    )  # fmt: skip
    counts = threads.order_by().values("subject_id").annotate(count=Count("pk")).values("count")
    return returns.annotate(open_comments=Coalesce(Subquery(counts), 0))


def review_counts(returns: QuerySet) -> dict[str, int]:
    """Return how many of the returns wait for the district: `new` not taken up, `taken` in review, `again` resubmitted."""
    return (
        returns.for_review()
        .order_by()
        .aggregate(
            new=Count("pk", filter=Q(state=State.SUBMITTED)),
            taken=Count("pk", filter=Q(state=State.IN_REVIEW)),
            again=Count("pk", filter=Q(state=State.SUBMITTED, revision__gt=1)),
        )
    )
