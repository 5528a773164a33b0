"""The formats of an export: what each is called, how its file ends, and who renders it. Renderers load when one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.document import ReportDocument
from reports.render.printable import MissingGlyph


@dataclass(frozen=True)
class Rendered:
    """A finished file: its bytes, its pages where it has any, and the characters that it shows as 〓."""

    data: bytes
    pages: int = 0
    missing: tuple[MissingGlyph, ...] = ()


@dataclass(frozen=True)
class Format:
    """`mark` is added to the file's name, `icon` and `label` stand in the menu."""

    extension: str
    label: str
    icon: str
    render: Callable[..., Rendered]
    mark: str = ""


def _pdf(document: ReportDocument, progress) -> Rendered:
    from reports.render.pdf import render_pdf

    done = render_pdf(document, progress=progress)
    return Rendered(done.data, done.pages, done.missing)


def _archive(document: ReportDocument, progress) -> Rendered:
    """PDF/A-3u with the figures inside: what an archive keeps is one file that people and programs can read."""
    from reports.render.pdf import Enclosed, render_pdf

    enclosed = (
        Enclosed("figures.xlsx", _xlsx(document).data, "附表、图表数据和数字来源", "Data"),
        Enclosed("report.json", _json(document).data, "报告全文和每个数字的来源", "Source"),
    )
    done = render_pdf(document, progress=progress, enclosed=enclosed)
    return Rendered(done.data, done.pages, done.missing)


def _docx(document: ReportDocument, progress=None) -> Rendered:
    from reports.render.docx import render_docx

    data, missing = render_docx(document)
    return Rendered(data, missing=missing)


def _xlsx(document: ReportDocument, progress=None) -> Rendered:
    from reports.render.xlsx import render_xlsx

    return Rendered(render_xlsx(document))


def _json(document: ReportDocument, progress=None) -> Rendered:
    from reports.render.json import render_json

    return Rendered(render_json(document))


FORMATS = {
    "pdf": Format("pdf", _("PDF"), "file-earmark-pdf", _pdf),
    "pdfa": Format("pdf", _("PDF for the archive (PDF/A)"), "file-earmark-check", _archive, mark="_存档"),
    "docx": Format("docx", _("Word"), "file-earmark-word", _docx),
    "xlsx": Format("xlsx", _("Excel"), "file-earmark-excel", _xlsx),
    "json": Format("json", _("JSON (for other systems)"), "file-earmark-text", _json),
}
DEFAULT = "pdf"


def render(document: ReportDocument, file_format: str, *, progress=lambda done, total: None) -> Rendered:
    """Return the document in a format. Raises fonts.FontsMissing, html.ReportRefused or pdf.RenderError."""
    return FORMATS[file_format].render(document, progress)


def file_name(stem: str, file_format: str) -> str:
    """Return the name of the file that people get."""
    wanted = FORMATS[file_format]
    return f"{stem}{wanted.mark}.{wanted.extension}"
