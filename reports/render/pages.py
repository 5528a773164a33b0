"""One document on its way to PDF: its HTML and CSS, body and annexes apart, its metadata, and the files it encloses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from reports.document import ReportDocument
from reports.render import html, letterhead

PRODUCT = "Township Work Reports"
VARIANT, ARCHIVE_VARIANT = "pdf/ua-1", "pdf/a-3u"


@dataclass(frozen=True)
class Enclosed:
    """A file inside an archive PDF: ASCII name, what it is, and its relationship to the document (ISO 32000-2, 7.11.3)."""

    name: str
    data: bytes
    description: str
    relationship: str


class Pages:
    """The HTML and CSS of one document, body and annexes apart."""

    def __init__(self, document: ReportDocument, mark: str = "", enclosed: tuple[Enclosed, ...] = ()):
        facts = _metadata(document)
        self.variant, self.enclosed = ARCHIVE_VARIANT if enclosed else VARIANT, enclosed
        self.created = datetime.fromisoformat(facts["created"] or "2000-01-01T00:00:00+08:00")
        self.document, self.facts = document, facts
        self.rules = html.print_rules(document) + letterhead.letterhead_rules(document)
        self.body_rules = self.rules + html.mark_rule(mark)
        self.body = html.page_html(html.document_to_html(document, letterhead.frame_of(document)), **facts)
        self.cells = sum(len(row) for annex in document.annexes for table in annex.tables for row in table.rows)
        content = html.annex_to_html(document)
        self.annexes = html.page_html(content, **facts) if content else ""

    def closing(self, pages: int) -> str:
        """Return the page of the 版记 behind so many others, "" when it needs none of its own."""
        if not letterhead.has_own_page(self.document):
            return ""
        return html.page_html(letterhead.closing_html(self.document, pages), **self.facts)


def _metadata(document: ReportDocument) -> dict[str, str]:
    """Return the PDF's metadata; the author is the unit, never a person."""
    title = html.clean_text(document.title)
    mark = html.clean_text(document.status_mark)
    return {
        "title": title,
        "author": html.clean_text(document.unit_name),
        "subject": f"{title}（{mark}）" if mark else title,
        "generator": PRODUCT,
        "created": _w3c_date(document.issue_date),
        "mark": mark,
    }


def _w3c_date(date: str) -> str:
    match = re.fullmatch(r"(\d{4})年(\d{1,2})月(\d{1,2})日", date.strip())
    return "{}-{:02}-{:02}T00:00:00+08:00".format(*map(int, match.groups())) if match else ""
