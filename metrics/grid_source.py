"""What a grid is made from: figures, context, findings, comments, the round to compare with. A constant number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from metrics.cells import EMPTY, Cell, load_cells
from metrics.checks import Finding, return_findings, valid_indicators
from metrics.choices import Source
from metrics.evidence import file_counts
from metrics.forebears import Forebears
from metrics.grid_text import shown_figure
from metrics.ledger_sums import ledger_values
from metrics.models import Indicator, MonthlyReturn
from metrics.periods import Period
from metrics.progress import load_targets
from metrics.queries import YearBook
from workflow.choices import CommentKind, Subject
from workflow.models import Comment, Round

DISTRICT_OUTCOMES = ("send_back", "approve")


@dataclass
class GridSource:
    """What a grid is made from: loaded once, read by every row. `ledger`: cell -> what its ledger with entries comes to."""

    monthly_return: MonthlyReturn
    book: YearBook
    cells: dict[str, Cell]
    findings: dict[str, list[Finding]]
    threads: dict[str, Counter] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    targets: dict[str, Decimal] = field(default_factory=dict)
    compared_round: int = 0
    ledger: dict[str, Decimal] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    @cached_property
    def month(self) -> Period:
        """The return's month."""
        return Period(self.monthly_return.year, self.monthly_return.month, self.monthly_return.month)

    @cached_property
    def months(self) -> tuple[Period, Period, Period]:
        """The return's month, the one before (December of the year before for January), and the same month last year."""
        year, month = (self.month.year, self.month.last_month - 1) if self.month.last_month > 1 else (self.month.year - 1, 12)
        return self.month, Period(year, month, month), self.month.previous_year()

    @cached_property
    def forebears(self) -> Forebears:
        """Which villages of other months stand behind those of the return's month."""
        return Forebears(self.book, self.month.year, self.month.last_month)

    @cached_property
    def to_date(self) -> Period:
        """The year up to the return's month."""
        return Period(self.month.year, 1, self.month.last_month)


def load_source(monthly_return: MonthlyReturn, *, for_district: bool = False, every_month: bool = False) -> GridSource:
    """Load figures, context, findings, comments and the round to compare with (the district's last, or anybody's).

    `every_month` loads both years whole, not only the months that a grid shows.
    """
    months = None if every_month else context_months(monthly_return)
    book = YearBook.load(monthly_return.unit, monthly_return.year, approved_only=False, months=months)
    cells, findings = load_cells(monthly_return, book), defaultdict(list)
    indicators = valid_indicators(book, monthly_return.year)
    ledger = ledger_values(monthly_return.unit, monthly_return.year, monthly_return.month, indicators)
    for row in return_findings(monthly_return, book, cells, ledger):
        findings[row.cell].append(row)
    round_to_compare = compared_round(monthly_return, for_district=for_district)
    source = GridSource(monthly_return, book, cells, findings, ledger=ledger)
    source.threads = load_threads(monthly_return)
    source.files = file_counts(monthly_return)
    source.targets = load_targets(monthly_return.unit, monthly_return.year)
    if round_to_compare:
        source.compared_round = round_to_compare.number
        source.before = changes_since(round_to_compare.snapshot, source.cells, book)
    return source


def context_months(monthly_return: MonthlyReturn) -> Q:
    """The returns a grid reads: this year's up to its month, the same month last year, and December before a January."""
    year, month = monthly_return.year, monthly_return.month
    wanted = Q(year=year, month__lte=month) | Q(year=year - 1, month=month)
    return wanted | Q(year=year - 1, month=12) if month == 1 else wanted


def load_threads(monthly_return: MonthlyReturn) -> dict[str, Counter]:
    """Return cell -> how many threads it has: `all`, `open`, `must_fix` (open ones that ask for a correction)."""
    threads = defaultdict(Counter)
    rows = Comment.objects.about(Subject.RETURN, monthly_return.pk).filter(parent__isnull=True)
    for anchor, kind, resolved_at in rows.values_list("anchor", "kind", "resolved_at"):
        threads[anchor]["all"] += 1
        if resolved_at is None:
            threads[anchor]["open"] += 1
            threads[anchor]["must_fix"] += kind == CommentKind.MUST_FIX
    return threads


def compared_round(monthly_return: MonthlyReturn, *, for_district: bool = False) -> Round | None:
    """Return the newest round that somebody decided on: what has changed since is what the other side wants to see."""
    rounds = Round.objects.about(Subject.RETURN, monthly_return.pk).order_by("-number")
    outcomes = DISTRICT_OUTCOMES if for_district else (*DISTRICT_OUTCOMES, "head_send_back")
    return rounds.filter(outcome__in=outcomes).first()


def changes_since(snapshot: dict, cells: dict[str, Cell], book: YearBook) -> dict[str, str]:
    """Return cell -> the text it had in a snapshot, for the cells that differ from it now."""
    old = snapshot_texts(snapshot, book.indicators)
    listed = {row.code for row in book.indicators.values() if row.source == Source.LIST}
    names = set(old) | (set(cells) - listed)  # rounds of before counts of lists were kept say nothing of them
    return {name: old.get(name, "") for name in names if old.get(name, "") != cells.get(name, EMPTY).shown}


def snapshot_texts(snapshot: dict, indicators: dict[str, Indicator]) -> dict[str, str]:
    """Return cell -> text as shown, of a round's snapshot."""
    return cell_texts(snapshot.get("cells", {}), indicators)


def cell_texts(cells: dict[str, dict], indicators: dict[str, Indicator]) -> dict[str, str]:
    """Return cell -> text as shown, of a part of a snapshot."""
    texts = {}
    for name, stored in cells.items():
        indicator = indicators.get(name.partition("@")[0])
        decimals = indicator.decimals if indicator else 0
        value = Decimal(stored["value"]) if stored.get("value") is not None else None
        texts[name] = shown_figure(stored["kind"], value, stored.get("raw", ""), decimals)
    return texts
