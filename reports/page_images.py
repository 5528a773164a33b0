"""Pages of a printed PDF as pictures, and on which page each block begins. Reads a file of the store; prints nothing."""

from __future__ import annotations

import ctypes
import io
import threading
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

DOTS_PER_INCH = 110
POINTS_PER_INCH = 72
LONGEST_NAME = 512  # bytes that the name of a place may take
# PDFium must not be entered twice at a time, and the web server has threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Place:
    """Where a block begins: page (from 1), and how far down it as a share of its height."""

    page: int
    down: float


@dataclass(frozen=True)
class PrintedPages:
    """How many pages a PDF has, and the place of each block by its name: `b-KEY`, `annex-N`."""

    count: int
    places: dict[str, Place]


def printed_pages(path: Path) -> PrintedPages:
    """Return what a PDF of ours tells of its pages: the renderer leaves a named destination where a block begins."""
    with _one_at_a_time, pypdfium2.PdfDocument(path) as pdf:
        heights = [pdf.get_page_size(number)[1] for number in range(len(pdf))]
        named = (_named_place(pdf, number, heights) for number in range(raw.FPDF_CountNamedDests(pdf)))
        return PrintedPages(len(pdf), dict(row for row in named if row))


def _named_place(pdf, number: int, heights: list[float]) -> tuple[str, Place] | None:
    size, name = ctypes.c_long(LONGEST_NAME), ctypes.create_string_buffer(LONGEST_NAME)
    target = raw.FPDF_GetNamedDest(pdf, number, name, size)
    page = raw.FPDFDest_GetDestPageIndex(pdf, target) if target else -1
    if size.value <= 0 or not 0 <= page < len(heights):
        return None
    has_x, has_y, has_zoom = (ctypes.c_int() for _ in range(3))
    x, y, zoom = (ctypes.c_float() for _ in range(3))
    raw.FPDFDest_GetLocationInPage(target, has_x, has_y, has_zoom, x, y, zoom)
    down = 1 - y.value / heights[page] if has_y.value else 0
    return name.raw[: size.value].decode("utf-16-le").rstrip("\0"), Place(page + 1, round(min(max(down, 0), 1), 4))


def page_image(path: Path, number: int) -> bytes | None:
    """Return page `number` (from 1) of a PDF as PNG, None when it has no such page."""
    with _one_at_a_time, pypdfium2.PdfDocument(path) as pdf:
        if not 1 <= number <= len(pdf):
            return None
        picture = pdf[number - 1].render(scale=DOTS_PER_INCH / POINTS_PER_INCH).to_pil()
    target = io.BytesIO()
    picture.save(target, "PNG", compress_level=3)
    return target.getvalue()
