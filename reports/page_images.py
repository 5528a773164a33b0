"""Pages of a printed report as pictures, from the store: what the preview shows once the present content has been printed."""

from __future__ import annotations

import io

import pypdfium2

from reports.document import ReportDocument
from reports.exports import content_key, document_to_export
from reports.models import Report
from workflow.store import path_of
from workflow.transitions import Refused

DOTS_PER_INCH = 110
POINTS_PER_INCH = 72


def printed_path(document: ReportDocument):
    """Return where the PDF of a document lies, None when it has not been printed."""
    path = path_of(f"{content_key(document)}.pdf")
    return path if path.is_file() else None


def page_count(document: ReportDocument | None) -> int:
    """Return how many pages the printed PDF of a document has, 0 when there is none."""
    path = printed_path(document) if document else None
    if path is None:
        return 0
    with pypdfium2.PdfDocument(path) as pdf:
        return len(pdf)


def page_image(report: Report, number: int) -> bytes | None:
    """Return page `number` (from 1) of what the report prints now as PNG, or None when there is no such page."""
    try:
        path = printed_path(document_to_export(report))
    except Refused:
        path = None
    if path is None:
        return None
    with pypdfium2.PdfDocument(path) as pdf:
        if not 1 <= number <= len(pdf):
            return None
        picture = pdf[number - 1].render(scale=DOTS_PER_INCH / POINTS_PER_INCH).to_pil()
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()
