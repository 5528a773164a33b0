"""A block as the report page reads it: sentences with chips, comments, plan rows. No HTTP, no HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reports.alternatives import choice_words
from reports.anchors import block_of, is_about, stands_in, token_of
from reports.assembly import Problem
from reports.binding import EMPTY, REFUSED
from reports.built import LayoutError, layout_of, list_token, text_of
from reports.built_blocks import is_numbered, shown_in_cell, standing
from reports.choices import BlockKind
from reports.models import Block, BoundFigure, Report
from reports.outcomes import ItemOutcome
from reports.permissions import is_answer
from reports.plan_page import PlanRow
from reports.queries import StaleFigure, in_words
from reports.render.charts import chart_svg
from reports.structure import Places
from reports.tokens import Token, parse, printed_words, sentences, tokens_of, words_and_fixed
from reports.zeros import printed_parts
from workflow.choices import Subject
from workflow.models import Comment

STALE, KEPT = "stale", "kept"


@dataclass(frozen=True)
class Chip:
    """A bound number as it stands in the text. status: ok, stale, kept, empty, missing or refused.

    `new` is what it would show now; `reason` why it shows nothing, or the note with which it is kept.
    """

    pk: int | None
    token: str
    shown: str
    status: str
    new: str = ""
    reason: str = ""
    talks: int = 0


@dataclass(frozen=True)
class FixedWords:
    """Fixed text as it stands in the text: words whose number is no figure."""

    shown: str
    is_fixed: bool = True


@dataclass(frozen=True)
class Sentence:
    """Words (str), fixed text and chips in order, a sentence or part of one; `is_out`: it does not print, it says nothing."""

    pieces: tuple[str | FixedWords | Chip, ...]
    is_out: bool = False


@dataclass(frozen=True)
class Thread:
    """A comment on a block, or on a number of it, and its answers; `about` says which number, as it reads now.

    `is_answered`: the other side has (see permissions.is_answer).
    """

    comment: Comment
    answers: tuple[Comment, ...]
    is_answered: bool = False
    about: str = ""


@dataclass(frozen=True)
class FigureGrid:
    """The figures of a table or chart with their chips: headings, and rows of words and chips (None: no figure there)."""

    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Chip | None, ...]], ...]
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class BlockView:
    """A block as it is read: numbering, lines of sentences, what hangs on it."""

    block: Block
    number: str
    lines: tuple[tuple[Sentence, ...], ...]
    stale: int
    problems: tuple[Problem, ...]
    threads: tuple[Thread, ...]
    prints: bool
    typed: tuple[str, ...] = ()
    items: tuple[PlanRow, ...] = ()
    outcomes: tuple[ItemOutcome, ...] = ()
    places: Places | None = None
    grid: FigureGrid | None = None
    svg: str = ""
    place: str = ""  # of an annex: the name of its place in the printed PDF; any other block's is its anchor

    @property
    def anchor(self) -> str:
        """The block's place on the page."""
        return f"b-{self.block.key}"

    @property
    def why(self) -> str:
        """Which wording of its template was taken and why, "" where there was no choice."""
        return choice_words(self.block.choice)

    @property
    def lead(self) -> str:
        """The run-in title; for an annex that field names its kind of table."""
        return "" if self.block.kind == BlockKind.ANNEX else printed_words(self.block.lead)

    @property
    def label(self) -> str:
        """What to call the block: its title, or its first words."""
        words = self.lead or "".join(
            piece if isinstance(piece, str) else piece.shown for line in self.lines for row in line for piece in row.pieces
        )
        words = words or self.block.get_kind_display()  # one that is still empty
        return self.number + (words if len(words) <= 24 else words[:22] + "…")

    @property
    def short_label(self) -> str:
        """The label for the outline: a heading up to its first comma."""
        words = printed_words(self.block.text).partition("，")[0]
        return self.number + words if self.block.kind == BlockKind.HEADING else self.label

    @property
    def open_threads(self) -> int:
        """Threads that nobody has closed."""
        return sum(thread.comment.resolved_at is None for thread in self.threads)


def load_threads(report: Report) -> dict[str, list[Thread]]:
    """Return the comment threads of a report by block key, oldest first."""
    comments = list(Comment.objects.about(Subject.REPORT, report.pk).select_related("author", "resolved_by"))
    found: dict[str, list[Thread]] = {}
    for comment in comments:
        if comment.parent_id is None:
            answers = tuple(row for row in comments if row.parent_id == comment.pk)
            found.setdefault(block_of(comment.anchor), []).append(Thread(comment, answers, _answered(report, comment, answers)))
    return found


def _answered(report: Report, comment: Comment, answers: tuple[Comment, ...]) -> bool:
    return any(is_answer(report, comment, answer) for answer in answers)


def block_view(page, block: Block) -> BlockView:
    """Return the view of a block; `page` is the report page that has loaded what hangs on it."""
    settled = page.settled.get(block.pk, {})
    stale = {row.row.pk: row for row in page.stale if row.row.block_id == block.pk}
    threads = tuple(_with_number(row, block, settled) for row in page.threads.get(block.key, ()))
    talked = Counter(token_of(row.comment.anchor) for row in threads if row.comment.resolved_at is None)
    printed = next((row for row in page.assembled.document.blocks if row.key == block.key), None)
    lines = tuple(
        tuple(row for sentence in sentences(line) for row in _sentence(sentence, settled, stale, talked))
        for line in _read_text(block).split("\n")
    )  # fmt: skip
    problems = tuple(row for row in page.problems if row.block_key == block.key)
    number = printed.number if printed and block.kind != BlockKind.LIST else ""
    number += "　" if number and block.kind in (BlockKind.TABLE, BlockKind.CHART) else ""
    prints = printed is not None or (block.kind == BlockKind.ANNEX and not block.is_dropped)
    typed = page.typed.get(block.key, ())
    view = BlockView(block, number, lines, len(stale), problems, threads, prints, typed)
    return _with_figures(view, printed, page.binder, settled, stale)


def _read_text(block: Block) -> str:
    """Return the text as the page reads it; a numbered list shows its list in one go."""
    return f"{block.text}\n{list_token(block).raw}".strip() if is_numbered(block) else text_of(block)


def _with_figures(view: BlockView, printed, binder, settled, stale) -> BlockView:
    """Add the figures of a table or chart, each with its chip, and the drawing that the PDF has."""
    if view.block.kind not in (BlockKind.TABLE, BlockKind.CHART):
        return view
    try:
        layout = layout_of(view.block.kind, view.block.spec, binder)
    except LayoutError:
        return view
    block = view.block
    rows = tuple((row.words, tuple(_cell_chip(block, token, settled, stale) for token in row.tokens)) for row in layout.rows)
    svg = mark_safe(chart_svg(printed.chart)) if printed and printed.chart else ""  # noqa: S308  escaped where it is drawn
    return replace(view, grid=FigureGrid((*layout.word_headings, *layout.headings), rows, layout.unit, layout.note), svg=svg)


def _cell_chip(block: Block, token: Token | None, settled, stale) -> Chip | None:
    if token is None:
        return None
    row = settled.get(token.raw)
    chip = replace(_chip(token, row, stale, Counter()), shown=shown_in_cell(token, row))
    return replace(chip, status=standing(block, row)) if row and chip.status != STALE else chip


def _with_number(thread: Thread, block: Block, settled) -> Thread:
    """Return the thread with the number it is about: as it reads now, or that it is gone."""
    token = token_of(thread.comment.anchor)
    if not token:
        return thread
    if not stands_in(thread.comment.anchor, block.text):
        return replace(thread, about=_("%(token)s, no longer in the paragraph") % {"token": token})
    row = next((row for raw, row in settled.items() if is_about(thread.comment.anchor, block.key, raw)), None)
    return replace(thread, about=f"{tokens_of(row.token)[0].name} {in_words(row.status, row.shown)}" if row else token)


def _sentence(text: str, settled, stale, talked) -> Iterator[Sentence]:
    """Yield the sentence, in several where a part of it is left out."""
    for part, is_out in printed_parts(text, settled):
        pieces: list[str | FixedWords | Chip] = []
        for piece in parse(part, strict=False):
            if isinstance(piece, str):
                pieces += [FixedWords(text) if is_fixed else text for text, is_fixed in words_and_fixed(piece)]
            else:
                pieces.append(_chip(piece, settled.get(piece.raw), stale, talked))
        yield Sentence(tuple(pieces), is_out)


def _chip(token: Token, row: BoundFigure | None, stale: dict[int, StaleFigure], talked: Counter) -> Chip:
    if row is None:
        return Chip(None, token.raw, token.raw, REFUSED, reason=_("Not settled yet: save the paragraph again."))
    changed = stale.get(row.pk)
    # Of what has nothing to say the name stands in its place: the sentence, greyed, can still be read.
    shown = f"【{token.name}】" if row.status == EMPTY and not row.shown else in_words(row.status, row.shown)
    status = STALE if changed else KEPT if row.is_kept else row.status
    new = changed.new if changed else ""
    return Chip(row.pk, token.raw, shown, status, new, row.kept_note or row.reason, talked[token.raw])
