"""ReportDocument -> HTML for print. All text is plain and autoescaped; whatever depends on measures goes to `print_rules`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.document import Annex, Block, Chart, ReportDocument, Table
from reports.render import fonts
from reports.render.charts import chart_svg
from reports.render.plain_text import clean_text, width_of
from reports.render.table_view import column_rules, table_view

WIDTH, LANDSCAPE_WIDTH = 156, 225  # mm of the text block
CHART_FONTS = "hei"  # the role of a chart's words
LINE = 28  # characters a line, GB/T 9704-2012 5.2.1
CELL = 15.7916  # pt a character: 156 mm / 28
TITLE_LINE = 20  # 22pt characters that fit 156 mm
WIDE_TITLE_LINE = 28  # and 225 mm
MARK_LOOK = "font:8pt/14pt %s;letter-spacing:0;color:#777;vertical-align:top;padding:4.5mm 0 0;white-space:nowrap"
MAX_TEXT = 20_000  # characters in one block or cell
MAX_BLOCKS = 2_000
MAX_COLUMNS = 40
MAX_CATEGORIES, MAX_SERIES = 40, 6  # of a chart: more cannot be told apart in print
MAX_CELLS = 12_000  # about half a minute of layout
MAX_HTML = 4_000_000  # characters
MAX_DEPTH = 16

TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*?(/?)>")
VOID = frozenset(("br", "col", "meta"))
# Where a title may turn (7.3.1 回行): before a new object of it, or at least after a complete word.
TURNS = re.compile("(?=关于|暨|和|及|与|20[0-9][0-9]年)|(?<=委员会)|(?<=人民政府)|(?<=办公室)|(?<=部门)")
WORD_ENDS = re.compile("(?<=年度)|(?<=工作)|(?<=情况)|(?<=[镇乡区县市])")
PAIRS = re.compile("[0-9A-Za-z.]{2}|.[，。、；：）》”〕]|[（《“〔].")


class ReportRefused(ValueError):
    """The document is too large or too deep to print; the message says which bound it breaks."""


def document_to_html(document: ReportDocument, frame: dict[str, SafeString] | None = None) -> str:
    """Return the body of the report as HTML: title to date, without the annexes. Raises ReportRefused.

    `frame`: HTML of ours above (letterhead) and below it (colophon).
    """
    check_size(document)
    return render_to_string(
        "reports/print/body.html",
        {
            "title_lines": title_lines(document.title_lines, TITLE_LINE),
            "addressee": clean_text(document.addressee),
            "blocks": _blocks(document.blocks),
            "annex_names": annex_names(document.annexes),
            "signature": clean_text(document.signature),
            "issue_date": clean_text(document.issue_date),
            **(frame or {}),
        },
    ).strip()


def annex_to_html(document: ReportDocument) -> str:
    """Return all annexes as HTML, a section each, or an empty string when there are none. Raises ReportRefused."""
    check_size(document)
    count = len(document.annexes)
    annexes = [_annex_view(annex, count) for annex in document.annexes]
    return render_to_string("reports/print/annexes.html", {"annexes": annexes}).strip()


def page_html(content: str, *, title: str, author: str, subject: str, generator: str, created: str, mark: str) -> str:
    """Return a whole HTML page around what the two functions above made, with the metadata that the PDF takes over.

    Raises ReportRefused.
    """
    check_html(content)
    facts = {
        "title": title,
        "author": author,
        "subject": subject,
        "generator": generator,
        "created": created,
        "mark": mark,
    }
    return render_to_string("reports/print/page.html", {"content": mark_safe(content), **facts})  # noqa: S308


def check_size(document: ReportDocument) -> None:
    """Raise ReportRefused when a text, the number of blocks or a table is beyond what one PDF may hold."""
    tables = tables_of(document)
    charts = [block.chart for block in document.blocks if block.chart]
    longest = max((len(text) for _, text in texts_of(document)), default=0)
    bounds = (
        (longest, MAX_TEXT, _("A text of the report is too long: %(size)s characters, at most %(most)s.")),
        (len(document.blocks), MAX_BLOCKS, _("The report has too many paragraphs: %(size)s, at most %(most)s.")),
        (_most(table.columns for table in tables), MAX_COLUMNS, _("A table has too many columns: %(size)s, at most %(most)s.")),
        (
            sum(len(row) for table in tables for row in table.rows),
            MAX_CELLS,
            _("The tables have too many cells: %(size)s, at most %(most)s."),
        ),
        (
            _most(chart.categories for chart in charts),
            MAX_CATEGORIES,
            _("A chart has too many categories: %(size)s, at most %(most)s."),
        ),
        (_most(chart.series for chart in charts), MAX_SERIES, _("A chart has too many series: %(size)s, at most %(most)s.")),
    )
    for size, most, message in bounds:
        if size > most:
            raise ReportRefused(message % {"size": size, "most": most})


def _most(rows) -> int:
    return max((len(row) for row in rows), default=0)


def tables_of(document: ReportDocument) -> list[Table]:
    """Return the tables of the text, then those of the annexes."""
    own = [block.table for block in document.blocks if block.table]
    return own + [table for annex in document.annexes for table in annex.tables]


def check_html(html: str) -> None:
    """Raise ReportRefused when the HTML is longer than MAX_HTML characters or nests deeper than MAX_DEPTH."""
    if len(html) > MAX_HTML:
        raise ReportRefused(_("The report is too long to print."))
    depth = 0
    for closing, name, closed in TAG.findall(html):
        if name in VOID or closed:
            continue
        depth += -1 if closing else 1
        if depth > MAX_DEPTH:
            raise ReportRefused(_("The report nests too deeply to print."))


def print_rules(document: ReportDocument) -> str:
    """Return the CSS that depends on this document: column widths and the indents of signature and date."""
    rules = _signature_rules(clean_text(document.signature), clean_text(document.issue_date))
    for index, block in enumerate(document.blocks):
        rules += column_rules(f"b{index}", block.table) if block.table else []
    for annex in document.annexes:
        for index, table in enumerate(annex.tables, 1):
            rules += column_rules(_table_key(annex, index), table)
    return "".join(rules)


def mark_rule(mark: str) -> str:
    """Return the CSS that prints an approved version's mark in small at the foot of the first page; its signs need no escape."""
    look = MARK_LOOK % ",".join(fonts.ROLES["hei"])
    return f'@page:first{{@bottom-left{{content:"{mark}";{look}}}}}' if mark else ""


def texts_of(document: ReportDocument):
    """Yield (place, text) for every text that prints; a place is (kind, …) as `fonts.printable` names it."""
    yield from ((("title",), line) for line in document.title_lines)
    yield ("addressee",), document.addressee
    for block in document.blocks:
        yield (block.kind, block.key), replace(block, table=None, chart=None).text
        if block.table:
            yield from (((place, block.key), text) for place, text in _table_texts(block.table))
        if block.chart:
            yield from ((("chart", block.key), text) for text in _chart_texts(block.chart))
    yield ("signature",), document.signature
    yield ("date",), document.issue_date
    for annex in document.annexes:
        yield ("annex", annex.number), annex.title
        for table in annex.tables:
            yield from (((place, annex.number), text) for place, text in _table_texts(table))


def _table_texts(table: Table):
    yield "caption", table.caption
    yield from (("heading", column.heading) for column in table.columns)
    yield from (("cell", cell.text) for row in table.rows for cell in row)
    yield "note", table.note
    yield "unit", table.unit


def _chart_texts(chart: Chart):
    yield from (chart.title, chart.unit, chart.note, *chart.categories)
    for series in chart.series:
        yield from (series.name, *(value for value in series.values if value is not None))


@dataclass(frozen=True)
class _Line:
    """One row of the template: tag h2 | h3 | p | table | chart. `text` of the last two is the caption.

    `place` names where a block begins, for who looks for its page (see reports.page_images).
    """

    tag: str
    text: str
    is_ending: bool = False
    table: dict | None = None
    svg: str = ""
    note: str = ""
    place: str = ""


def _blocks(blocks: tuple[Block, ...]) -> list[_Line]:
    lines, named = [], set()
    for index, block in enumerate(blocks):
        line, place = _line(index, block), place_of(block)
        if line.table or line.svg or line.text.strip():
            lines.append(line if place in named else replace(line, place=place))
            named.add(place)
    if lines and lines[-1].tag == "p":
        lines[-1] = replace(lines[-1], is_ending=True)
    return lines


def place_of(block: Block) -> str:
    """Return the name of the place where a block begins; parts of one block (`key~2`) share it."""
    return "b-" + clean_text(block.key.partition("~")[0])


def _line(index: int, block: Block) -> _Line:
    if block.table:
        table = table_view(f"b{index}", block.table, width=WIDTH) if block.table.columns else None
        return _Line("table", caption_of(block), table=table)
    if block.chart:
        svg = chart_svg(block.chart, families=fonts.ROLES[CHART_FONTS])
        return _Line("chart", caption_of(block), svg=mark_safe(svg), note=clean_text(block.chart.note))  # noqa: S308
    return _Line(_tag(block), clean_text(block.text))


def caption_of(block: Block) -> str:
    """Return "表1　…" above a table of the text, "图1　…" below a chart."""
    words = clean_text(block.table.caption if block.table else block.chart.title)
    return "　".join(part for part in (clean_text(block.number), words) if part)


def _tag(block: Block) -> str:
    if block.kind != "heading":
        return "p"
    return "h2" if block.level == 1 else "h3"


def annex_names(annexes: tuple[Annex, ...]) -> list[str]:
    """Return the lines of the 附件说明 (7.3.4): numbered only when there are several, no mark after a name."""
    names = [clean_text(annex.title).rstrip("。；，.;, ") for annex in annexes]
    if len(names) > 1:
        names = [f"{annex.number}.{name}" for annex, name in zip(annexes, names, strict=True)]
    return [f"附件：{name}" if index == 0 else name for index, name in enumerate(names)]


def annex_label(annex: Annex, count: int) -> str:
    """Return "附件1", or "附件" for the only one."""
    return f"附件{annex.number}" if count > 1 else "附件"


def _annex_view(annex: Annex, count: int) -> dict:
    label = annex_label(annex, count)
    title = clean_text(annex.title)
    return {
        "number": annex.number,
        "label": label,
        "bookmark": f"{label}　{title}",
        "title_lines": title_lines((title,), WIDE_TITLE_LINE if annex.landscape else TITLE_LINE),
        "landscape": annex.landscape,
        "tables": [
            table_view(_table_key(annex, index), table, width=LANDSCAPE_WIDTH if annex.landscape else WIDTH)
            for index, table in enumerate(annex.tables, 1)
            if table.columns
        ],
    }


def _table_key(annex: Annex, index: int) -> str:
    return f"t{annex.number}-{index}"


def _signature_rules(signature: str, date: str) -> list[str]:
    start, date_start = signature_indents(signature, date)
    return [
        f".signature .unit{{margin-left:{start * CELL:.3f}pt}}",
        f".signature .date{{margin-left:{date_start * CELL:.3f}pt}}\n",
    ]


def signature_indents(signature: str, date: str) -> tuple[float, float]:
    """Return how many characters from the left 署名 and date begin.

    署名 ends two characters from the right, the date starts two characters right of it; a longer date itself ends two
    characters from the right and the 署名 moves left with it (GB/T 9704-2012 7.3.5.2).
    """
    unit, day = width_of(signature), width_of(date)
    start = LINE - 2 - unit
    if day > unit:
        start = LINE - 2 - day - 2
    start = max(start, 0)
    date_start = min(start + 2, LINE - day) if signature else LINE - 2 - day
    return start, max(date_start, 0)


def title_lines(lines: tuple[str, ...], most: int) -> list[str]:
    """Return the title's lines; one longer than `most` characters is broken where the sense breaks (7.3.1)."""
    cleaned = [clean_text(line) for line in lines]
    return [part for line in cleaned if line for part in _broken(line, most)]


def _broken(line: str, most: int) -> list[str]:
    lines = []
    while (width := width_of(line)) > most:
        parts = -(-width // most)
        cut = _sense_break(line, width / parts, most)
        lines.append(line[:cut])
        line = line[cut:]
    return [*lines, line]


def _sense_break(line: str, ideal: float, most: int) -> int:
    """Return where to cut: near `ideal` characters, rather at a turn than within a word, never inside a number or a pair."""
    line = line[: 2 * most + 1]  # no more than that can stand on one line, be it all of half width
    turns = {match.start() for match in TURNS.finditer(line)}
    ends = {match.start() for match in WORD_ENDS.finditer(line)}

    def badness(place: int) -> float:
        split_pair = 100 if PAIRS.fullmatch(line[place - 1 : place + 1]) else 0
        return abs(width_of(line[:place]) - ideal) + (0 if place in turns else 3 if place in ends else 8) + split_pair

    return min((place for place in range(1, len(line)) if width_of(line[:place]) <= most), key=badness)
