"""Reads a rendered report back for the tests: characters, lines, millimetres. Knows nothing of how it was made."""

from __future__ import annotations

import io
from collections import defaultdict
from functools import cache

import pdfplumber

from reports.document import Block, ReportDocument, Text
from reports.render.pdf import RenderedPdf, render_pdf
from tests.reports.sample_document import sample_document

MM = 25.4 / 72
LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0  # the text block of a portrait page, mm
PITCH = 225 / 22
STOPS = "，。、；：！？"
NOT_FIRST = set("，。、；：！？）》〉」』】〕”’…—·％%")
NOT_LAST = set("（《〈「『【〔“‘")


@cache
def rendered_sample() -> RenderedPdf:
    """Return the sample, rendered once a run."""
    return render_pdf(sample_document())


@cache
def sample_pages() -> list:
    """Return the sample's pages as pdfplumber sees them."""
    return pages_of(rendered_sample().data)


def pages_of(data: bytes) -> list:
    """Return pdfplumber's pages of a PDF."""
    return pdfplumber.open(io.BytesIO(data)).pages


def short_report(*texts: str, **changes) -> ReportDocument:
    """Return a report of plain paragraphs; a text with a leading # is a heading, two are one of the second level."""
    blocks = []
    for index, text in enumerate(texts):
        level = len(text) - len(text.lstrip("#"))
        kind = "heading" if level else "paragraph"
        blocks.append(Block(f"k{index}", kind, level, "", "", (Text(text.lstrip("#")),)))
    changes = {"annexes": (), "title_lines": ("岚桥镇工作总结",), **changes}
    return sample_document(blocks=tuple(blocks), **changes)


def face(char: dict) -> str:
    """Return a character's typeface without the subset's prefix."""
    return char["fontname"].split("+")[-1]


def is_portrait(page) -> bool:
    """Return whether the page is upright."""
    return page.width < page.height


def body_lines(page, size: float = 16) -> list[tuple[float, list[dict]]]:
    """Return (baseline in mm from the top, characters from left to right) for every line of 三号 text, top to bottom."""
    rows = defaultdict(list)
    for char in page.chars:
        if abs(char["size"] - size) < 0.3 and char["upright"] and char["text"].strip():
            rows[round(char["matrix"][5], 1)].append(char)
    height = float(page.height)
    return [((height - y) * MM, sorted(rows[y], key=lambda c: c["x0"])) for y in sorted(rows, reverse=True)]


def text_of(chars) -> str:
    """Return the characters as a string without spaces."""
    return "".join(char["text"] for char in chars if char["text"].strip())


def all_text(pages) -> str:
    """Return everything but page numbers and status marks, in the order of the content, without spaces."""
    return "".join(text_of(char for char in page.chars if not is_margin(char, page)) for page in pages)


def text_without_charts(data: bytes) -> str:
    """Return all_text of a PDF but for the words in its charts, which are painted after the text around them."""
    return all_text([page.filter(lambda item: item.get("tag") != "Figure") for page in pages_of(data)])


def is_margin(char: dict, page) -> bool:
    """Return whether a character stands outside the text block: a page number or a status mark."""
    middle_x, middle_y = (char["x0"] + char["x1"]) / 2 * MM, (char["top"] + char["bottom"]) / 2 * MM
    if is_portrait(page):
        return not TOP <= middle_y <= BOTTOM
    return not 28 <= middle_y <= 184 or middle_x < 34


def page_number(page) -> list[dict]:
    """Return the characters of the page number; 宋体 stands nowhere else in the margins."""
    return [char for char in page.chars if face(char) == "TwrSong" and is_margin(char, page) and char["text"].strip()]
