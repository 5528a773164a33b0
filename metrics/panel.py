"""The inspector beside the grid: one cell's 口径, findings, explanation, comment threads and history. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import Cast

from metrics.cells import EMPTY, Cell
from metrics.checks import QUERY, Finding
from metrics.choices import FigureKind
from metrics.grid import BLANK_RULE
from metrics.grid_source import GridSource, load_source
from metrics.grid_text import shown_value
from metrics.ledger_panel import LedgerPart, load_ledger_part
from metrics.models import Indicator, MonthlyReturn
from metrics.trend import Trend, load_trend
from workflow.choices import Subject
from workflow.models import Comment, Event

CELL_DEEDS = ("save", "explain", "follow_ledger", "submit")
HISTORY_LENGTH = 20


@dataclass(frozen=True)
class Change:
    """One change of a cell: who, when, old and new text as typed."""

    at: datetime
    by: str
    old: str
    new: str
    is_explanation: bool


@dataclass(frozen=True)
class Thread:
    """A comment and its answers."""

    comment: Comment
    answers: tuple[Comment, ...]


@dataclass(frozen=True)
class Panel:
    """Everything about one cell."""

    cell: str
    name: str
    indicator: Indicator
    stored: Cell
    shown: str
    findings: tuple[Finding, ...]
    threads: tuple[Thread, ...]
    history: tuple[Change, ...]
    trend: Trend
    is_typed: bool
    ledger: LedgerPart | None = None

    @property
    def is_counted(self) -> bool:
        """Whether only the ledger fills the cell, and does."""
        return not self.indicator.is_entered and bool(self.ledger and self.ledger.sum.shown)

    @property
    def messages(self) -> tuple[Finding, ...]:
        """What has to be said of a typed cell; a blank one speaks by its looks."""
        return tuple(row for row in self.findings if row.code != BLANK_RULE) if self.is_typed else ()

    @property
    def needs_explanation(self) -> bool:
        """Whether a query hangs on this cell, explained or not."""
        return self.is_typed and any(row.level == QUERY for row in self.findings)


def load_panel(monthly_return: MonthlyReturn, cell: str, user) -> Panel | None:
    """Return the inspector of one cell, None when the return has no such cell."""
    source = load_source(monthly_return, every_month=True)
    code, _at, village_code = cell.partition("@")
    indicator = source.book.indicators.get(code)
    villages = {unit.code: unit for unit in source.book.villages_in(source.month)}
    if indicator is None or not indicator.counts_in(monthly_return.year, monthly_return.month):
        return None
    if village_code and (village_code not in villages or not indicator.is_by_village):
        return None
    village = villages.get(village_code)
    stored = source.cells.get(cell, EMPTY)
    return Panel(
        cell=cell, name=f"{indicator.name}（{village.name}）" if village else indicator.name, indicator=indicator,
        stored=stored, shown=stored.shown or _shown_now(source, indicator, village),
        findings=tuple(source.findings.get(cell, ())),
        threads=load_cell_threads(monthly_return, cell, user), history=cell_history(monthly_return, cell),
        trend=load_trend(source.book, indicator, monthly_return.month, village),
        is_typed=indicator.has_cell and indicator.is_by_village == bool(village),
        ledger=load_ledger_part(source, indicator, village, user),
    )  # fmt: skip


def _shown_now(source: GridSource, indicator, village) -> str:
    if village:
        return ""
    total = source.book.total(indicator.code, source.month)
    return shown_value(FigureKind.VALUE, total.value, indicator.decimals)


def load_cell_threads(monthly_return: MonthlyReturn, cell: str, user) -> tuple[Thread, ...]:
    """Return a cell's comment threads, oldest first, as far as the person may see them."""
    rows = Comment.objects.visible_to(user).about(Subject.RETURN, monthly_return.pk).filter(anchor=cell)
    comments = list(rows.select_related("author", "resolved_by"))
    first = [row for row in comments if row.parent_id is None]
    return tuple(Thread(row, tuple(answer for answer in comments if answer.parent_id == row.pk)) for row in first)


def cell_history(monthly_return: MonthlyReturn, cell: str) -> tuple[Change, ...]:
    """Return the newest changes of a cell from the Events of its return, newest first."""
    events = Event.objects.about(Subject.RETURN, monthly_return.pk).filter(deed__in=CELL_DEEDS)
    named = events.annotate(text=Cast("changes", TextField())).filter(text__contains=f'"{cell}"')
    newest = named.order_by("-chain_number")[:HISTORY_LENGTH]
    mine = [(event, change) for event in newest for change in event.changes if change.get("cell") == cell]
    return tuple(line for event, change in mine for line in _lines(event, change))


def _lines(event: Event, change: dict):
    """Yield what an Event's change says: the figure's old and new text, the explanation's; what stayed is left out."""
    if "old_explanation" in change:
        yield Change(event.at, event.actor_name, change["old_explanation"], change["new_explanation"], True)
    if change.get("old") != change.get("new"):
        yield Change(event.at, event.actor_name, change["old"], change["new"], event.deed == "explain")
