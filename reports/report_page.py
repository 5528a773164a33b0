"""What the report page shows: blocks as sentences with chips, outline, counts, what is to be done, deeds. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _

from metrics.list_counts import MovedCount, moved_counts
from metrics.periods import Period
from reports.assembly import Assembled, Problem, assemble, load_binder, settled_figures
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder
from reports.block_views import KEPT, BlockView, Thread, block_view, load_threads
from reports.built_blocks import standing
from reports.check_list import Checked, CheckList, load_check_list
from reports.checks import Level
from reports.checks.manuscript import Manuscript
from reports.choices import BlockKind
from reports.document import ReportDocument
from reports.models import Block, BoundFigure, Report
from reports.permissions import check_can_export
from reports.plan_page import LOOSE, LoosePlace, PlanRow, add_plan
from reports.queries import (
    FallenSlogan,
    MovedMonth,
    StaleFigure,
    empty_template_entries,
    fallen_slogans,
    frozen_document,
    kept_figures,
    months_moved_since_approval,
    moved_since_approval,
    newest_approved_month,
    stale_figures,
)
from reports.report_deeds import refusal_of
from reports.structure import places_of
from reports.tokens import tokens_of
from reports.typed import typed_numbers
from reports.zeros import ZERO

# Findings that the outline shows by signs of their own.
SIGNED_APART = ("changed_number", "open_comment")


@dataclass(frozen=True)
class OutlineEntry:
    """A heading or annex in the outline, with what waits below it."""

    anchor: str
    label: str
    level: int
    stale: int
    problems: int
    threads: int
    to_confirm: int = 0


@dataclass(frozen=True)
class Counts:
    """How the report's numbers stand; `total` counts tokens, the same one twice in a block once.

    `stale`: their source has changed since they were written, in an approved report since its approval; `kept`: it has, and
    somebody keeps them with a note.
    """

    total: int
    ok: int
    stale: int
    missing: int
    refused: int
    kept: int = 0


@dataclass
class ReportPage:
    """Everything the page reads, loaded in a number of queries that does not grow with the report."""

    report: Report
    binder: Binder
    blocks: list[Block]
    settled: dict[int, dict[str, BoundFigure]]
    assembled: Assembled
    stale: list[StaleFigure]
    slogans: list[FallenSlogan]
    threads: dict[str, list[Thread]]
    frozen: ReportDocument | None
    newest_month: int
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    empty_entries: tuple[str, ...] = ()
    moved: list[StaleFigure] = field(default_factory=list)
    kept: list[StaleFigure] = field(default_factory=list)
    views: list[BlockView] = field(default_factory=list)
    loose_items: tuple[PlanRow, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps the report from being submitted or exported."""
        return () if self.report.is_approved else self.assembled.problems

    @property
    def document(self) -> ReportDocument:
        """What would be printed now; of an approved report what was frozen."""
        return self.frozen or self.assembled.document

    @cached_property
    def export_refusal(self) -> str:
        """Why an export is refused now, "" when it is possible: the very check that the export makes."""
        return refusal_of(lambda: check_can_export(blocking=self.checks.blocking_export))

    @property
    def period(self) -> Period:
        """The months the report speaks of."""
        return Period(self.report.year, 1, self.report.cutoff_month)

    @property
    def month_waiting(self) -> int:
        """A month approved since the figures were taken in, 0 when there is none."""
        return self.newest_month if self.report.is_editable and self.newest_month > self.report.cutoff_month else 0

    @cached_property
    def checks(self) -> CheckList:
        """The check before submitting: everything that was found, by level."""
        return load_check_list(self.report, self._manuscript)

    @property
    def _manuscript(self) -> Manuscript:
        return Manuscript(self.report, self.binder, self.blocks, self.settled, self.assembled, self.stale, self.slogans,
                          self.threads, self.typed, self.newest_month)  # fmt: skip

    @cached_property
    def check_groups(self) -> list[tuple[str, list[tuple[BlockView | LoosePlace | None, Checked]]]]:
        """Levels with their findings, each with the block it is in (None: the report as a whole)."""
        views = {view.block.key: view for view in self.views} | ({"": LOOSE} if self.loose_items else {})
        return [(level, [(views.get(row.finding.block_key), row) for row in rows]) for level, rows in self.checks.groups]

    @property
    def head_problems(self) -> tuple[Problem, ...]:
        """Problems of the red head, which is no block."""
        return tuple(row for row in self.problems if not row.block_key)

    @cached_property
    def stale_list(self) -> list[tuple[BlockView, list[StaleFigure]]]:
        """Changed numbers by block."""
        return self._by_block(self.stale)

    @cached_property
    def kept_list(self) -> list[tuple[BlockView, list[StaleFigure]]]:
        """Numbers kept with a note, by block."""
        return self._by_block(self.kept)

    @cached_property
    def moved_list(self) -> list[tuple[BlockView, list[StaleFigure]]]:
        """Numbers of an approved report that would read or rest on something else now, by block."""
        return self._by_block([row for row in self.moved if row.now.status != MISSING])

    @property
    def moved_without_figure(self) -> int:
        """How many of them rest on a month that is not approved at present: what they will come to nobody can say yet."""
        return sum(row.now.status == MISSING for row in self.moved)

    def _by_block(self, figures: list[StaleFigure]) -> list[tuple[BlockView, list[StaleFigure]]]:
        found = [(view, [row for row in figures if row.row.block_id == view.block.pk]) for view in self.views]
        return [(view, rows) for view, rows in found if rows]

    @cached_property
    def zero_list(self) -> list[tuple[BlockView, list[str]]]:
        """Names of the figures that are 0 and so say nothing, by block."""
        if self.report.is_approved:
            return []
        found = [(view, self._names_at_zero(view.block)) for view in self.views if not view.block.is_dropped]
        return [(view, names) for view, names in found if names]

    def _names_at_zero(self, block: Block) -> list[str]:
        rows = [row for row in self.settled.get(block.pk, {}).values() if row.status == ZERO]
        return list(dict.fromkeys(token.name for row in rows for token in tokens_of(row.token)))

    @cached_property
    def moved_months(self) -> list[MovedMonth]:
        """Months under an approved report that were reopened or approved anew since."""
        return months_moved_since_approval(self.report, self.binder)

    @cached_property
    def moved_counts(self) -> list[MovedCount]:
        """Months whose lists hold another number of items than was handed in; the figures stand as they were."""
        return moved_counts(self.binder.book, self.period.months)

    @property
    def planned_targets(self) -> int:
        """How many items of the plan become targets of next year; the district's become none (ADR 0019)."""
        if self.report.unit.is_district:
            return 0
        return sum(row.amount is not None for row in self.binder.plan.book.planned)

    @property
    def kept_targets(self) -> list[PlanRow]:
        """Items of an approved plan whose indicator has another target, set by the district."""
        rows = [row for view in self.views for row in view.items]
        return [row for row in (*rows, *self.loose_items) if row.kept]

    @property
    def typed_count(self) -> int:
        """How many numbers were typed by hand."""
        return sum(len(numbers) for numbers in self.typed.values())

    @cached_property
    def counts(self) -> Counts:
        """How the numbers of all blocks that are not left out stand."""
        stale = {row.row.pk for row in self.stale or self.moved}
        shown = (block for block in self.blocks if not block.is_dropped)
        rows = [(block, row) for block in shown for row in self.settled.get(block.pk, {}).values()]
        fresh = [KEPT if row.is_kept else standing(block, row) for block, row in rows if row.pk not in stale]
        return Counts(
            len(rows),
            sum(map(fresh.count, (OK, EMPTY, ZERO))),
            len(rows) - len(fresh),
            fresh.count(MISSING),
            fresh.count(REFUSED),
            fresh.count(KEPT),
        )

    @cached_property
    def outline(self) -> list[OutlineEntry]:
        """Headings and annexes; a heading counts everything up to the next one of its level."""
        places = [(place, view) for place, view in enumerate(self.views) if self._is_entry(view)]
        return [self._entry(place, view) for place, view in places]

    @property
    def editable_keys(self) -> dict[str, int]:
        """Block keys and versions, for the page's script."""
        return {block.key: block.version for block in self.blocks}

    def view_of(self, key: str) -> BlockView | None:
        """Return the view of a block by its key."""
        return next((view for view in self.views if view.block.key == key), None)

    @staticmethod
    def _is_entry(view: BlockView) -> bool:
        return view.block.kind in (BlockKind.HEADING, BlockKind.ANNEX)

    def _entry(self, place: int, view: BlockView) -> OutlineEntry:
        below = [view]
        for other in self.views[place + 1 :]:
            if self._is_entry(other) and (other.block.kind == BlockKind.ANNEX or other.block.level <= view.block.level):
                break
            below.append(other)
        below = below if view.block.kind == BlockKind.HEADING else [view]
        level = view.block.level if view.block.kind == BlockKind.HEADING else 1
        return OutlineEntry(
            view.anchor, view.short_label, level, sum(row.stale for row in below), self._open_findings(below, Level.BLOCKING),
            sum(row.open_threads for row in below), self._open_findings(below, Level.CONFIRM),
        )  # fmt: skip

    def _open_findings(self, views: list[BlockView], level: Level) -> int:
        return sum(self.checks.open_in(view.block.key, level, apart=SIGNED_APART) for view in views)


def load_report_page(report: Report) -> ReportPage:
    """Read everything the page shows."""
    binder = load_binder(report)
    blocks = list(report.blocks.select_related("updated_by"))
    settled = settled_figures(report)
    any_kept = any(row.is_kept for rows in settled.values() for row in rows.values())
    page = ReportPage(
        report, binder, blocks, settled, assemble(report, binder=binder, blocks=blocks, settled=settled),
        stale_figures(report, binder), fallen_slogans(report, binder, blocks), load_threads(report), frozen_document(report),
        newest_approved_month(report.unit, report.year), typed_numbers(blocks, binder.book),
        empty_template_entries(report),
        moved_since_approval(report, binder), kept_figures(report, binder) if any_kept else [],
    )  # fmt: skip
    return complete_page(page)


def complete_page(page: ReportPage) -> ReportPage:
    """Fill in the blocks as they are read, from what the page has loaded."""
    page.views = [block_view(page, block) for block in page.blocks]
    add_plan(page)
    _number_annexes(page)
    if page.report.is_editable:
        page.views = [
            replace(view, places=places_of(page.blocks, index, view.open_threads)) for index, view in enumerate(page.views)
        ]
    return page


def _number_annexes(page: ReportPage) -> None:
    annexes = [place for place, view in enumerate(page.views) if view.block.kind == BlockKind.ANNEX and view.prints]
    for number, place in enumerate(annexes, start=1):
        view = page.views[place]
        page.views[place] = replace(view, number=_("Annex %(number)d") % {"number": number} + "　", place=f"annex-{number}")
