"""ReportDocument -> HTML for print. All text is plain and autoescaped; whatever depends on measures goes to `print_rules`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.document import Annex, Block, Cell, ReportDocument, Table

LINE = 28  # characters a line, GB/T 9704-2012 5.2.1
CELL = 15.7916  # pt a character: 156 mm / 28
TITLE_LINE = 20  # 22pt characters that fit 156 mm
WIDE_TITLE_LINE = 28  # and 225 mm
DENSE_COLUMNS = 9  # a table with more columns is set smaller (print.css .dense)
MAX_TEXT = 20_000  # characters in one block or cell
MAX_BLOCKS = 2_000
MAX_COLUMNS = 40
MAX_CELLS = 12_000  # about half a minute of layout
MAX_HTML = 4_000_000  # characters
MAX_DEPTH = 16

# What a paste brings along unseen: soft hyphens, zero-width marks, direction overrides, variation selectors.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
LATIN_GAP = re.compile("(?<=[!-~])[\t\n\x0b\x0c\r\x85\u2028\u2029]+(?=[!-~])")
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>")
VOID = frozenset(("br", "col", "meta"))
MEASURE = re.compile("(.+?)(（[^（）]{1,8}）)")
# Where a title may turn (7.3.1 回行): before a new object of it, or at least after a complete word.
TURNS = re.compile("(?=关于|暨|和|及|与|20[0-9][0-9]年)|(?<=委员会)|(?<=人民政府)|(?<=办公室)|(?<=部门)")
WORD_ENDS = re.compile("(?<=年度)|(?<=工作)|(?<=情况)|(?<=[镇乡区县市])")
PAIRS = re.compile("[0-9A-Za-z.]{2}|.[，。、；：）》”〕]|[（《“〔].")


class ReportRefused(ValueError):
    """The document is too large or too deep to print; the message says which bound it breaks."""


def clean_text(text: str) -> str:
    """Return the text without controls, lone surrogates and unseen marks; a break between Latin words becomes a space."""
    text = BREAKS.sub("", LATIN_GAP.sub(" ", text))
    return "".join(char for char in UNSEEN.sub("", text) if unicodedata.category(char) not in ("Cc", "Cs"))


def width_of(text: str) -> float:
    """Return the width in characters of the 28-character grid; ASCII takes half a character."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def document_to_html(document: ReportDocument, frame: dict[str, SafeString] | None = None) -> str:
    """Return the body of the report as HTML: title to date, without the annexes. Raises ReportRefused.

    `frame`: HTML of ours above (letterhead) and below it (colophon).
    """
    check_size(document)
    return render_to_string(
        "reports/print/body.html",
        {
            "title_lines": _title_lines(document.title_lines, TITLE_LINE),
            "addressee": clean_text(document.addressee),
            "blocks": _blocks(document.blocks),
            "annex_names": _annex_names(document.annexes),
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
    tables = [table for annex in document.annexes for table in annex.tables]
    longest = max((len(text) for _, text in texts_of(document)), default=0)
    bounds = (
        (longest, MAX_TEXT, _("A text of the report is too long: %(size)s characters, at most %(most)s.")),
        (
            len(document.blocks),
            MAX_BLOCKS,
            _("The report has too many paragraphs: %(size)s, at most %(most)s."),
        ),
        (
            max((len(table.columns) for table in tables), default=0),
            MAX_COLUMNS,
            _("A table has too many columns: %(size)s, at most %(most)s."),
        ),
        (
            sum(len(row) for table in tables for row in table.rows),
            MAX_CELLS,
            _("The annexes have too many cells: %(size)s, at most %(most)s."),
        ),
    )
    for size, most, message in bounds:
        if size > most:
            raise ReportRefused(message % {"size": size, "most": most})


def check_html(html: str) -> None:
    """Raise ReportRefused when the HTML is longer than MAX_HTML characters or nests deeper than MAX_DEPTH."""
    if len(html) > MAX_HTML:
        raise ReportRefused(_("The report is too long to print."))
    depth = 0
    for closing, name in TAG.findall(html):
        if name in VOID:
            continue
        depth += -1 if closing else 1
        if depth > MAX_DEPTH:
            raise ReportRefused(_("The report nests too deeply to print."))


def print_rules(document: ReportDocument) -> str:
    """Return the CSS that depends on this document: column widths and the indents of signature and date."""
    rules = _signature_rules(clean_text(document.signature), clean_text(document.issue_date))
    for annex in document.annexes:
        for index, table in enumerate(annex.tables, 1):
            rules += _column_rules(_table_key(annex, index), table)
    return "".join(rules)


def texts_of(document: ReportDocument):
    """Yield (place, text) for every text that prints; a place is (kind, …) as `fonts.printable` names it."""
    yield from ((("title",), line) for line in document.title_lines)
    yield ("addressee",), document.addressee
    yield from (((block.kind, block.key), block.text) for block in document.blocks)
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


@dataclass(frozen=True)
class _Line:
    tag: str
    text: str
    is_ending: bool = False


def _blocks(blocks: tuple[Block, ...]) -> list[_Line]:
    lines = [_Line(_tag(block), clean_text(block.text)) for block in blocks]
    lines = [line for line in lines if line.text.strip()]
    if lines and lines[-1].tag == "p":
        lines[-1] = replace(lines[-1], is_ending=True)
    return lines


def _tag(block: Block) -> str:
    if block.kind != "heading":
        return "p"
    return "h2" if block.level == 1 else "h3"


def _annex_names(annexes: tuple[Annex, ...]) -> list[str]:
    """Return the lines of the 附件说明 (7.3.4): numbered only when there are several, no mark after a name."""
    names = [clean_text(annex.title).rstrip("。；，.;, ") for annex in annexes]
    if len(names) > 1:
        names = [f"{annex.number}.{name}" for annex, name in zip(annexes, names, strict=True)]
    return [f"附件：{name}" if index == 0 else name for index, name in enumerate(names)]


def _annex_view(annex: Annex, count: int) -> dict:
    label = f"附件{annex.number}" if count > 1 else "附件"
    title = clean_text(annex.title)
    return {
        "label": label,
        "bookmark": f"{label}　{title}",
        "title_lines": _title_lines((title,), WIDE_TITLE_LINE if annex.landscape else TITLE_LINE),
        "landscape": annex.landscape,
        "tables": [
            _table_view(_table_key(annex, index), table, annex.landscape)
            for index, table in enumerate(annex.tables, 1)
            if table.columns
        ],
    }


def _table_key(annex: Annex, index: int) -> str:
    return f"t{annex.number}-{index}"


def _table_view(key: str, table: Table, landscape: bool) -> dict:
    sides = [_side(index, table) for index in range(len(table.columns))]
    return {
        "key": key,
        "caption": clean_text(table.caption),
        "headings": _headings(table, 225 if landscape else 156),
        "rows": [_row_view(row, sides) for row in table.rows],
        "note": clean_text(table.note),
        "is_dense": len(table.columns) > DENSE_COLUMNS,
    }


def _headings(table: Table, table_width: float) -> list[dict]:
    """Return the column headings, "服务时长（小时）" as words and a measure that is not broken if the column holds it."""
    total = sum(_relative_widths(table)) or 1
    size = 3.2 if len(table.columns) > DENSE_COLUMNS else 3.75  # mm a character
    headings = []
    for column, width in zip(table.columns, _relative_widths(table), strict=True):
        text = clean_text(column.heading)
        match = MEASURE.fullmatch(text)
        if match and width_of(match[2]) * size <= width / total * table_width - 2.5:
            headings.append({"words": match[1], "measure": match[2]})
        else:
            headings.append({"words": text})
    return headings


def _relative_widths(table: Table) -> list[float]:
    return [max(column.width, 0.1) for column in table.columns]


def _side(index: int, table: Table) -> str:
    """Return how a column's words stand: short ones centred, longer ones from the left."""
    words = [row[index].text for row in table.rows if index < len(row) and not row[index].numeric]
    longest = max((width_of(word) for word in words), default=0)
    return "left" if longest > 6 or (index == 0 and longest > 4) else ""


def _row_view(row: tuple[Cell, ...], sides: list[str]) -> dict:
    texts = [clean_text(cell.text) for cell in row]
    if len(sides) > 1 and texts and texts[0] and not any(texts[1:]):
        return {"group": texts[0]}
    cells = [
        {"text": text, "side": "number" if cell.numeric else side} for text, cell, side in zip(texts, row, sides, strict=False)
    ]
    cells += [{"text": "", "side": ""}] * (len(sides) - len(cells))
    return {"cells": cells}


def _column_rules(key: str, table: Table) -> list[str]:
    relative = _relative_widths(table)
    widths = [width / sum(relative) * 100 for width in relative]
    return [f".{key} col:nth-child({place}){{width:{width:.3f}%}}" for place, width in enumerate(widths, 1)]


def _signature_rules(signature: str, date: str) -> list[str]:
    """署名 ends two characters from the right, the date starts two characters right of it; a longer date itself ends two
    characters from the right and the 署名 moves left with it (GB/T 9704-2012 7.3.5.2)."""
    unit, day = width_of(signature), width_of(date)
    start = LINE - 2 - unit
    if day > unit:
        start = LINE - 2 - day - 2
    start = max(start, 0)
    date_start = min(start + 2, LINE - day) if signature else LINE - 2 - day
    return [
        f".signature .unit{{margin-left:{start * CELL:.3f}pt}}",
        f".signature .date{{margin-left:{max(date_start, 0) * CELL:.3f}pt}}\n",
    ]


def _title_lines(lines: tuple[str, ...], most: int) -> list[str]:
    """Return the title's lines; one longer than `most` characters is broken where the sense breaks (7.3.1)."""
    cleaned = [clean_text(line) for line in lines]
    return [part for line in cleaned if line for part in _broken(line, most)]


def _broken(line: str, most: int) -> list[str]:
    if width_of(line) <= most:
        return [line]
    parts = -(-width_of(line) // most)
    cut = _sense_break(line, width_of(line) / parts, most)
    return [line[:cut], *_broken(line[cut:], most)]


def _sense_break(line: str, ideal: float, most: int) -> int:
    """Return where to cut: near `ideal` characters, rather at a turn than within a word, never inside a number or a pair."""
    turns = {match.start() for match in TURNS.finditer(line)}
    ends = {match.start() for match in WORD_ENDS.finditer(line)}

    def badness(place: int) -> float:
        split_pair = 100 if PAIRS.fullmatch(line[place - 1 : place + 1]) else 0
        return abs(width_of(line[:place]) - ideal) + (0 if place in turns else 3 if place in ends else 8) + split_pair

    return min((place for place in range(1, len(line)) if width_of(line[:place]) <= most), key=badness)
