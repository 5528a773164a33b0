"""The red head and the 版记 of an official document in print (GB/T 9704-2012 7.2, 7.4): HTML, and the CSS that has measures."""

from __future__ import annotations

from dataclasses import replace

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.document import Letterhead, ReportDocument
from reports.render.html import clean_text, width_of

CSS_FILE = "css/letterhead.css"
MARK_SIZE = 52  # pt: about 18 mm, where the mark is short enough
MARK_TOP = 35  # mm from the text block's top to the characters (7.2.4)
MARK_BEARING = 0.08  # of the size: what the face leaves empty above its characters
MARK_WIDTH = 150 * 72 / 25.4  # pt: the text block is 156 mm wide
SMALL = 14  # pt, 4号
COPIES_LINE = 156 * 72 / 25.4 / SMALL - 2 - 3  # characters a line of 抄送, one empty at each side, three for 抄送：
LINE_HEIGHT = 7.5  # mm a line of the 版记


def has_own_page(document: ReportDocument) -> bool:
    """Whether the 版记 stands on a page of its own: after annexes, which lie on their side."""
    return bool(document.letterhead and document.annexes)


def head_html(document: ReportDocument) -> str:
    """Return the red head, "" for a document without one."""
    if document.letterhead is None:
        return ""
    return render_to_string("reports/print/letterhead.html", {"head": _cleaned(document.letterhead)}).strip()


def colophon_html(document: ReportDocument) -> str:
    """Return the 版记 and the room it needs, "" for a document without one."""
    if document.letterhead is None:
        return ""
    head = _cleaned(document.letterhead)
    return render_to_string("reports/print/colophon.html", {"head": head, "copies": _copies(head)}).strip()


def frame_of(document: ReportDocument) -> dict[str, SafeString]:
    """Return what stands above and below the text in the body's own pages."""
    colophon = "" if has_own_page(document) else colophon_html(document)
    return {"letterhead": mark_safe(head_html(document)), "colophon": mark_safe(colophon)}  # noqa: S308


def closing_html(document: ReportDocument, pages: int) -> str:
    """Return the last page behind so many others: it is an even one, so that an empty one may come before it."""
    blank = "" if pages % 2 else '<section class="blank-page"></section>'
    return f'{blank}<main class="closing">{colophon_html(document)}</main>'


def closing_rules(pages: int) -> str:
    """Return the CSS of the last page: after an empty page neither bears a number (7.5)."""
    side = "left" if pages % 2 else "right"
    rules = f"@page:first{{counter-reset:page {pages + 1}}}html{{break-before:{side}}}"
    if pages % 2 == 0:
        rules += "@page:left{@bottom-left{content:none}}@page:right{@bottom-right{content:none}}"
    return rules


def letterhead_rules(document: ReportDocument) -> str:
    """Return the CSS that depends on the words: the size of the mark, the room of the 版记."""
    head = document.letterhead
    if head is None:
        return ""
    size = min(MARK_SIZE, MARK_WIDTH / max(width_of(clean_text(head.mark)), 1))
    lines = max(1, -int(-width_of(_copies(head)) // COPIES_LINE)) if head.copies else 0
    room = (lines + 1) * LINE_HEIGHT + 4
    above = MARK_TOP - MARK_BEARING * size * 25.4 / 72
    rules = f".letterhead .mark{{font-size:{size:.2f}pt;padding-top:{above:.2f}mm}}.colophon-room{{height:{room:.2f}mm}}"
    return rules + f".colophon .inset{{margin:0 {SMALL}pt}}"


def letterhead_texts(document: ReportDocument):
    """Yield (field, role of font, text) for every text of the head and the 版记."""
    roles = {"mark": "title", "signatory": "kai"}
    for name, text in vars(document.letterhead).items() if document.letterhead else ():
        yield name, roles.get(name, "body"), text


def mended(document: ReportDocument, mend) -> Letterhead | None:
    """Return the letterhead with every text passed through `mend(text, role, where)`."""
    if document.letterhead is None:
        return None
    return replace(
        document.letterhead, **{name: mend(text, role, _("red head")) for name, role, text in letterhead_texts(document)}
    )  # fmt: skip


def _cleaned(head: Letterhead) -> Letterhead:
    return Letterhead(**{name: clean_text(text) for name, text in vars(head).items()})


def _copies(head: Letterhead) -> str:
    copies = clean_text(head.copies).rstrip("。.；; ")
    return f"{copies}。" if copies else ""
