"""Tables, charts and numbered lists as parts of the ReportDocument, from what their figures were settled to."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from reports import document as doc
from reports.binding import EMPTY, MISSING, REFUSED, Binder
from reports.built import CHANGE_FORMATS, NUMBERED, Layout, LayoutError, layout_of, list_token
from reports.choices import BlockKind
from reports.figure_runs import LACKING, figure_run, is_lacking
from reports.grounds import owners_of, things_of
from reports.models import Block
from reports.tokens import Token, fixed_parts, printed_words, tokens_of

NOTHING = "—"
WORD_WIDTH, FIGURE_WIDTH = 2.0, 1.3


def is_drawn(block: Block) -> bool:
    """Whether a block is made here and not from its text."""
    return block.kind in (BlockKind.TABLE, BlockKind.CHART) or (block.kind == BlockKind.LIST and not block.spec)


def draw(block: Block, settled: dict, binder: Binder) -> tuple[list[doc.Block], list[str]]:
    """Return what a table or chart prints, and what is lacking in it."""
    if block.kind == BlockKind.LIST:
        return [], [_("Nothing is chosen yet: open it and pick what it shows.")]
    try:
        layout = layout_of(block.kind, block.spec, binder)
    except LayoutError as error:
        return [], [str(error)]
    title, fixed = printed_words(block.text), fixed_parts(block.text)
    if block.kind == BlockKind.TABLE:
        drawn = doc.Block(block.key, "table", table=_table(title, layout, settled), fixed=fixed)
    else:
        drawn = doc.Block(block.key, "chart", chart=_chart(title, block.spec, layout, settled), fixed=fixed)
    return [drawn], faults_of(layout, settled)


def faults_of(layout: Layout, settled: dict) -> list[str]:
    """Return each reason once why a figure is lacking, all villages together; a comparison that cannot be made is no fault."""
    found: dict[str, None] = {}
    for token in (token for row in layout.rows for token in row.tokens if token):
        bound = settled.get(token.raw)
        if bound is None:
            found[_("Some figures are not settled yet; update the numbers of this block.")] = None
        elif bound.status == MISSING or (bound.status == REFUSED and not _compares(token)):
            found[bound.reason] = None
    return list(found)


def shown_in_cell(token: Token | None, bound) -> str:
    """Return what stands in a cell."""
    if token is None or (bound is not None and (bound.status == EMPTY or (bound.status == REFUSED and _compares(token)))):
        return NOTHING
    return LACKING if is_lacking(bound) else bound.shown


def standing(block: Block, row) -> str:
    """Return the status of a settled figure of a block as it counts: a comparison in a table that cannot be made is empty."""
    is_dash = block.kind == BlockKind.TABLE and row.status == REFUSED and any(map(_compares, tokens_of(row.token)))
    return EMPTY if is_dash else row.status


def _compares(token: Token) -> bool:
    return token.format in CHANGE_FORMATS.values()


def _figure(token: Token | None, settled: dict) -> doc.FigureRun | None:
    bound = settled.get(token.raw) if token else None
    return None if is_lacking(bound) or bound.status == EMPTY else figure_run(token, bound)


def _table(title: str, layout: Layout, settled: dict) -> doc.Table:
    columns = [doc.Column(words, WORD_WIDTH if not place else 1) for place, words in enumerate(layout.word_headings)]
    columns += [doc.Column(words, FIGURE_WIDTH) for words in layout.headings]
    rows = tuple(
        (*(doc.Cell(words) for words in row.words), *(_cell(token, settled) for token in row.tokens)) for row in layout.rows
    )  # fmt: skip
    return doc.Table(title, tuple(columns), rows, layout.note, unit=f"单位：{layout.unit}" if layout.unit else "")


def _cell(token: Token | None, settled: dict) -> doc.Cell:
    shown = shown_in_cell(token, settled.get(token.raw) if token else None)
    return doc.Cell(shown, numeric=True, figure=_figure(token, settled))


def _chart(title: str, spec: dict, layout: Layout, settled: dict) -> doc.Chart:
    series = []
    for place, name in enumerate(layout.headings):
        figures = tuple(_figure(row.tokens[place], settled) for row in layout.rows)
        series.append(doc.Series(name, tuple(run.value if run else None for run in figures), figures))
    return doc.Chart(spec["chart"], title, layout.unit, tuple(row.words[0] for row in layout.rows), tuple(series), layout.note)


def entries(block: Block, settled: dict, started: bool) -> list[doc.Block]:
    """Return the entries of a numbered list, a block each; `started`: words stand before them and have the block's key."""
    token = list_token(block)
    bound = settled.get(token.raw)
    things = things_of(bound.sources) if bound else []
    base = doc.FigureRun("", token.name, token.period, token.format, source_hash=bound.source_hash if bound else "")
    made = []
    for place, thing in enumerate(things, start=1):
        key = block.key if place == 1 and not started else f"{block.key}~{place + started}"
        end = doc.Text("；" if place < len(things) else "。")
        made.append(doc.Block(key, "list", runs=(replace(base, text=_entry_words(thing), sources=tuple(thing)), end)))
    return made


def _entry_words(thing: list[dict]) -> str:
    """Return an entry with its townships, where it is one of a district's report: 晚霞读报班（青云镇）."""
    name, owners = thing[0]["item"], owners_of(thing)
    return f"{name}（{'、'.join(owners)}）" if owners else name


def is_numbered(block: Block) -> bool:
    """Whether a block is a list with an entry a line."""
    return block.kind == BlockKind.LIST and block.spec.get("style") == NUMBERED
