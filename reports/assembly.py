"""Figures and narrative become a ReportDocument: numbering is made, empty sentences drop out, what is missing is listed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Unit
from reports import document as doc
from reports.annexes import build_annexes
from reports.binding import MISSING, REFUSED, Binder, Bound, Thresholds
from reports.built import list_token, text_of
from reports.built_blocks import draw, entries, is_drawn, is_numbered
from reports.choices import BlockKind
from reports.district_book import load_book
from reports.figure_runs import figure_run
from reports.letterheads import lacking, letterhead_of
from reports.models import Block, BoundFigure, Report
from reports.plan_annexes import plan_problems
from reports.plan_binding import PlanBinding
from reports.plan_book import FACT, PlanBook
from reports.tokens import drop_empty, fixed_parts, parse, printed_words, problems, sentences, tokens_of, words_and_fixed
from reports.wording import chinese, full_date
from reports.zeros import printed

CONTENT_KINDS = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.PLAN)


@dataclass(frozen=True)
class Problem:
    """What keeps a report from being submitted or exported: the block ("": the head), and the reason with its way out."""

    block_key: str
    reason: str


@dataclass(frozen=True)
class Assembled:
    """A document and what stands in its way; with problems it may be looked at, not exported."""

    document: doc.ReportDocument
    problems: tuple[Problem, ...]


def load_binder(report: Report) -> Binder:
    """Return the binder over the report's approved figures, in a constant number of queries."""
    unit = Unit.objects.select_related("parent").get(pk=report.unit_id)
    kept = report.settings_copy
    book = load_book(unit, report.year, population_kind=kept["population_kind"])
    return Binder(book, report.cutoff_month, Thresholds.from_copy(kept), PlanBinding(PlanBook(report)))


def assemble(report: Report, *, status_mark: str = "", binder: Binder | None = None, blocks=None, settled=None) -> Assembled:
    """Build the document from the report's blocks and what their tokens were settled to.

    `blocks` and `settled` (see settled_figures) spare a page that has read them already the second reading.
    """
    binder = binder or load_binder(report)
    rows = [row for row in (report.blocks.all() if blocks is None else blocks) if not row.is_dropped]
    settled = settled_figures(report) if settled is None else settled
    built, found = [], []
    for row in rows:
        if row.kind != BlockKind.ANNEX:
            parts, faults = build_block(row, settled.get(row.pk, {}), binder)
            found += faults
            built += parts
    wanted = [(row.lead, row.text) for row in rows if row.kind == BlockKind.ANNEX]
    plan = binder.plan.book if binder.plan else PlanBook(report)
    annexes = build_annexes(binder.book, report.year, report.cutoff_month, wanted, plan)
    found += [Problem(key, reason) for key, reason in plan_problems(binder.book, plan, rows, report.cutoff_month)]
    numbered = number_blocks(_without_bare_headings(built))
    head = [Problem("", reason) for reason in lacking(report)]
    return Assembled(_document(report, numbered, annexes, status_mark, plan), tuple(head + found))


def settled_figures(report: Report) -> dict[int, dict[str, BoundFigure]]:
    """Return block id -> token -> what it was settled to."""
    found: dict[int, dict[str, BoundFigure]] = {}
    for row in BoundFigure.objects.filter(report=report).select_related("kept_by"):
        found.setdefault(row.block_id, {})[row.token] = row
    return found


def build_block(
    row: Block, settled: dict[str, BoundFigure | Bound], binder: Binder | None = None
) -> tuple[list[doc.Block], list[Problem]]:
    """Return what a block prints, and its problems. Sentences without substance drop out; nothing left: nothing prints.

    A table or chart needs the binder, to know its rows.

    Each line of the text is a paragraph: those after the first are ordinary ones, with keys `key~2`, `key~3` …
    """
    if is_drawn(row):
        drawn, reasons = draw(row, settled, binder)
        return drawn, [Problem(row.key, reason) for reason in reasons]
    faults = [Problem(row.key, str(error)) for error in problems(row.text)]
    for token in dict.fromkeys([*tokens_of(text_of(row)), *([list_token(row)] if is_numbered(row) else [])]):
        bound = settled.get(token.raw)
        if bound is None:
            faults.append(Problem(row.key, _("%(token)s is not settled yet; save the block again.") % {"token": token.raw}))
        elif bound.status in (MISSING, REFUSED):
            faults.append(Problem(row.key, f"{token.raw}：{bound.reason}"))
    if is_numbered(row):
        lead_in = _paragraphs(row, settled)
        listed = entries(row, settled, bool(lead_in))
        return [*lead_in, *listed] if listed else [], faults
    return _paragraphs(row, settled), faults


def _paragraphs(row: Block, settled) -> list[doc.Block]:
    built: list[doc.Block] = []
    kind = BlockKind.PARAGRAPH.value if row.kind == BlockKind.LIST else row.kind
    for line in text_of(row).split("\n"):
        text = drop_empty(sentences(line), lambda sentence: printed(sentence, settled))
        runs = tuple(run for piece in parse(text, strict=False) for run in _runs(piece, settled))
        if runs and not built:
            lead, fixed = printed_words(row.lead), fixed_parts(row.lead)
            built.append(doc.Block(row.key, kind, row.level, "", lead, runs, fixed=fixed))
        elif runs:
            built.append(doc.Block(f"{row.key}~{len(built) + 1}", BlockKind.PARAGRAPH.value, runs=runs))
    return built


def _runs(piece, settled) -> tuple[doc.Run, ...]:
    if isinstance(piece, str):
        return tuple(doc.Fixed(text) if is_fixed else doc.Text(text) for text, is_fixed in words_and_fixed(piece))
    return (figure_run(piece, settled.get(piece.raw)),)


def _without_bare_headings(blocks: list[doc.Block]) -> list[doc.Block]:
    """Drop a heading under which nothing is left."""
    kept: list[doc.Block] = []
    for block in reversed(blocks):
        follower = kept[-1] if kept else None
        bare = follower is None or (follower.kind == BlockKind.HEADING and follower.level <= block.level)
        if block.kind != BlockKind.HEADING or not bare:
            kept.append(block)
    return kept[::-1]


def number_blocks(blocks: list[doc.Block]) -> tuple[doc.Block, ...]:
    """Give headings 一、 and （一）, items 1. and plan items 一是 (GB/T 9704-2012, 7.3.3); counts restart under a higher heading.

    Entries of a list count from whatever stands before the list, on the level below that; tables and charts count through
    the whole report.
    """
    counts, numbered = {"1": 0, "2": 0, "item": 0, "plan": 0, "list": 0, "table": 0, "chart": 0}, []
    for block, entry in zip(blocks, _entry_signs(blocks), strict=True):
        place = str(block.level) if block.kind == BlockKind.HEADING else block.kind
        if place != "list":
            counts["list"] = 0
        if place in counts:
            counts[place] += 1
            lower = {"1": ("2", "item", "plan"), "2": ("item", "plan")}.get(place, ())
            counts |= dict.fromkeys(lower, 0)
        numbered.append(doc.Block(**{**vars(block), "number": _number(place, counts, entry)}))
    return tuple(numbered)


def _entry_signs(blocks: list[doc.Block]) -> list[str]:
    """Return for each block how an entry counts there: 1. below a heading, （1） where items have that level already."""
    sections, with_items = [], set()
    for block in blocks:
        sections.append((sections[-1] if sections else 0) + (block.kind == BlockKind.HEADING))
        if block.kind == BlockKind.ITEM:
            with_items.add(sections[-1])
    return ["（{}）" if section in with_items else "{}." for section in sections]


def _number(place: str, counts: dict[str, int], entry: str) -> str:
    spelled = {"1": "{}、", "2": "（{}）", "plan": "{}是"}
    counted = {"item": "{}.", "list": entry, "table": "表{}", "chart": "图{}"}
    if place in spelled:
        return spelled[place].format(chinese(counts[place]))
    return counted.get(place, "").format(counts.get(place))


def _document(report: Report, blocks, annexes, status_mark: str, plan: PlanBook) -> doc.ReportDocument:
    issue_date = full_date(report.issue_date) if report.issue_date else ""
    planned = {FACT: plan.facts()} if plan.planned else {}
    return doc.ReportDocument(
        title_lines=tuple(report.title.split("\n")), addressee=report.addressee, blocks=blocks, signature=report.signature,
        issue_date=issue_date, annexes=annexes, unit_code=report.unit.code, unit_name=report.unit.name,
        report_year=report.year, version=report.version_number, status_mark=status_mark,
        facts={"cutoff_month": report.cutoff_month, "settings": report.settings_copy, **planned},
        letterhead=letterhead_of(report, issue_date),
    )  # fmt: skip
