"""What checks read: a report with everything on it, loaded in a number of queries that does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reports.assembly import CONTENT_KINDS, Assembled, assemble, load_binder, settled_figures
from reports.binding import Binder
from reports.block_views import Thread, load_threads
from reports.built import list_token
from reports.choices import BUILT_KINDS, BlockKind
from reports.models import Block, BoundFigure, Report
from reports.queries import FallenSlogan, StaleFigure, fallen_slogans, newest_approved_month, stale_figures, template_behind
from reports.tokens import Token, mask_fixed, parse, tokens_of
from reports.typed import typed_numbers

MASK = "\ufffc"  # stands for a token or fixed text, one a character, so that places in the text stay the same
PLAN_WORDS = ("计划", "打算", "安排")


@dataclass
class Manuscript:
    """A report as it would be submitted or exported now."""

    report: Report
    binder: Binder
    blocks: list[Block]
    settled: dict[int, dict[str, BoundFigure]]
    assembled: Assembled
    stale: list[StaleFigure]
    slogans: list[FallenSlogan]
    threads: dict[str, list[Thread]]
    typed: dict[str, tuple[str, ...]]
    newest_month: int

    @cached_property
    def written(self) -> list[Block]:
        """Blocks that hold words of their own, titles of tables and words before lists among them; not what is left out."""
        kinds = (*CONTENT_KINDS, *BUILT_KINDS, BlockKind.HEADING)
        return [row for row in self.blocks if not row.is_dropped and row.kind in kinds]

    @cached_property
    def planning(self) -> set[str]:
        """Keys of the blocks that speak of next year."""
        found, in_plan = set(), False
        for block in self.blocks:
            if block.kind == BlockKind.HEADING and block.level == 1:
                in_plan = any(word in block.text for word in PLAN_WORDS)
            if in_plan or block.kind == BlockKind.PLAN:
                found.add(block.key)
        return found

    @cached_property
    def template(self):
        """The template behind the report, None when none is kept."""
        return template_behind(self.report)

    @cached_property
    def before(self) -> tuple[Report, list[Block]] | None:
        """Last year's report of the same township with its blocks, None when there is none."""
        report = Report.objects.filter(unit=self.report.unit_id, year=self.report.year - 1).first()
        return (report, list(report.blocks.all())) if report else None

    def figures_of(self, block: Block) -> dict[str, BoundFigure]:
        """Return the block's settled figures by token."""
        return self.settled.get(block.pk, {})

    def bound(self) -> Iterator[tuple[Block, BoundFigure]]:
        """Yield block and settled figure in reading order; of a table or chart those of its whole period and the own unit.

        Its months and villages are what returns are checked for, cell by cell.
        """
        for block in self.written:
            figures = self.figures_of(block)
            quoted = [token.raw for token in (*tokens_of(read_text(block)), *_of_whole_period(block, figures))]
            yield from ((block, figures[raw]) for raw in dict.fromkeys(quoted) if raw in figures)


def read_text(block: Block) -> str:
    """Return a block's words as they read on: before a list, with the list itself. The words come first, in their places."""
    return f"{block.text}{list_token(block).raw}。" if block.kind == BlockKind.LIST and block.spec else block.text


def is_above_figures(block: Block) -> bool:
    """Whether its words are the title of figures."""
    return block.kind in (BlockKind.TABLE, BlockKind.CHART) and bool(block.spec)


def _of_whole_period(block: Block, figures: dict[str, BoundFigure]) -> Iterator[Token]:
    if is_above_figures(block):
        found = (token for raw in figures for token in tokens_of(raw))
        yield from (token for token in found if token.period == block.spec["period"] and not token.scope)


def load_manuscript(report: Report, binder: Binder | None = None) -> Manuscript:
    """Read it."""
    binder = binder or load_binder(report)
    blocks, settled = list(report.blocks.all()), settled_figures(report)
    return Manuscript(
        report, binder, blocks, settled, assemble(report, binder=binder, blocks=blocks, settled=settled),
        stale_figures(report, binder), fallen_slogans(report, binder, blocks), load_threads(report),
        typed_numbers(blocks, binder.book), newest_approved_month(report.unit, report.year),
    )  # fmt: skip


def masked(text: str, *, fixed_too: bool = True) -> str:
    """Return the text with tokens, and fixed text too if wanted, masked: as long as before."""
    return "".join(
        (mask_fixed(piece, MASK) if fixed_too else piece) if isinstance(piece, str) else MASK * len(piece.raw)
        for piece in parse(text, strict=False)
    )  # fmt: skip
