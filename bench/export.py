"""The demo report as a PDF: our export against bare tuned WeasyPrint on the same pages, and LibreOffice on the same text."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings

from bench import world
from bench.results import Chapter, Line, cost_line
from bench.timing import Contestant, Timing, clocked_process, median_of, race
from bench.word import write_docx
from reports.document import ReportDocument
from reports.exports import document_to_export, run_export
from reports.models import Report
from reports.render import cjk, fonts, pdf

METHOD = (
    "The approved report of {unit} for {year}: {pages} pages, {characters:,} characters, {cells:,} cells of annex tables. *Ours* "
    "is the export job's work without HTTP or queue: read the frozen document, look for characters without a font, make HTML, "
    "lay out, write tagged PDF, store it durably. *WeasyPrint* gets the finished HTML and CSS, keeps one font configuration "
    "and one parsed stylesheet, switches the collector off while it works, and has none of our line setting, tests for missing "
    "characters, closed fetcher or store. *LibreOffice* converts a .docx of the same text and tables."
)
COLD = """
import os, sys
sys.path.insert(0, {root!r})
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from pathlib import Path
from reports.document import ReportDocument
from reports.render.pdf import render_pdf
Path({target!r}).write_bytes(render_pdf(ReportDocument.from_json(Path({source!r}).read_text())).data)
"""
OFFICE_FILES = 5  # converted by one process: what one more file costs is LibreOffice's warm time
PACKAGE = "libreoffice-writer-nogui"


def run(seconds: float) -> Chapter:
    """Measure, within about `seconds`."""
    report = Report.objects.select_related("unit__parent").get(unit=world.shown_township(), state="approved")
    document = document_to_export(report)
    times = race(_contestants(document), rounds=12, seconds=seconds / 2, warm_up=1)
    chapter = Chapter("Export of the annual report", METHOD.format(**_facts(document)))
    chapter.lines = [
        cost_line("warm, everything new, to WeasyPrint", times["ours"], times["bare"], 1.15),
        cost_line("warm, text edited and annexes unchanged, to WeasyPrint with everything new", times["edited"], times["bare"]),
    ]
    chapter.notes = [f"{times['ours'].rounds} rounds. Unchanged content is not rendered at all: it is served from the store."]
    if shutil.which("soffice"):
        chapter.lines += _against_office(document, times["ours"], seconds / 2)
    else:
        chapter.notes.append(f"LibreOffice is not installed, so it was not compared: `apt-get install {PACKAGE}`.")
    return chapter


def _facts(document: ReportDocument) -> dict:
    tables = [table for annex in document.annexes for table in annex.tables]
    return {
        "unit": document.unit_name, "year": document.report_year, "pages": pdf.render_pdf(document).pages,
        "characters": sum(len(block.text) for block in document.blocks),
        "cells": sum(len(row) for table in tables for row in table.rows),
    }  # fmt: skip


def _contestants(document: ReportDocument) -> dict[str, Contestant]:
    job, bare = SimpleNamespace(parameters={"document": document.to_json()}, key="bench"), BareWeasyPrint(document)

    def export():
        run_export(job, lambda done, total: None)

    return {
        "ours": Contestant(export, lambda: (cjk.install(), pdf._engine().kept.clear())),
        "bare": Contestant(bare.render, cjk.uninstall),
        "edited": Contestant(export, cjk.install),
    }


class BareWeasyPrint:
    """WeasyPrint as a careful programmer would call it, with nothing of ours but the HTML and CSS."""

    def __init__(self, document: ReportDocument):
        """Parse the stylesheet once with one font configuration; keep the pages' HTML."""
        with pdf._own_fonts_only():
            import weasyprint
            from weasyprint.text.fonts import FontConfiguration

            self.config = FontConfiguration()
        self.weasyprint, pages = weasyprint, pdf.Pages(pdf.printable(document)[0])
        sheet = fonts.stylesheet(pdf.stylesheet_text())
        self.css = weasyprint.CSS(string=sheet, font_config=self.config)
        self.parts, self.rules = [part for part in (pages.body, pages.annexes) if part], pages.rules

    def render(self) -> bytes:
        """Lay out body and annexes, join them, write the PDF."""
        gc.disable()
        try:
            own = self.weasyprint.CSS(string=self.rules, font_config=self.config)
            laid_out = [
                self.weasyprint.HTML(string=part).render(
                    font_config=self.config, stylesheets=[self.css, own], pdf_variant=pdf.VARIANT
                )
                for part in self.parts
            ]  # fmt: skip
            pages = [page for part in laid_out for page in part.pages]
            return laid_out[0].copy(pages).write_pdf(pdf_variant=pdf.VARIANT)
        finally:
            gc.enable()
            gc.collect()


class Office:
    """LibreOffice in a profile of its own, so that it meets no other instance."""

    def __init__(self, document: ReportDocument, folder: Path):
        """Write the report as Word files, and let LibreOffice make its profile."""
        self.folder = folder
        self.sources = [folder / f"report{number}.docx" for number in range(OFFICE_FILES)]
        for source in self.sources:
            write_docx(document, source)
        self.convert(1)

    def convert(self, count: int) -> Timing:
        """Convert so many files in one process."""
        command = ["soffice", f"-env:UserInstallation=file://{self.folder}/profile", "--headless", "--convert-to", "pdf"]
        return clocked_process([*command, "--outdir", str(self.folder), *map(str, self.sources[:count])])


class ColdExport:
    """A new process that reads the document and writes the PDF."""

    def __init__(self, document: ReportDocument, folder: Path):
        """Keep the document as a file."""
        source, target = folder / "document.json", folder / "ours.pdf"
        source.write_text(document.to_json())
        self.script = COLD.format(root=str(settings.BASE_DIR), source=str(source), target=str(target))

    def run(self) -> Timing:
        """Run it."""
        return clocked_process([sys.executable, "-c", self.script])


def _against_office(document: ReportDocument, warm: Timing, seconds: float) -> list[Line]:
    """Compare cold processes, then one more file in a running one."""
    deadline = time.perf_counter() + seconds
    ours, one, many = [], [], []
    with tempfile.TemporaryDirectory() as name:
        office, cold = Office(document, Path(name)), ColdExport(document, Path(name))
        while len(one) < 2 or (len(one) < 7 and time.perf_counter() < deadline):
            ours.append(cold.run())
            one.append(office.convert(1))
            many.append(office.convert(OFFICE_FILES))
    single, several = median_of(one), median_of(many)
    more = OFFICE_FILES - 1
    each = Timing((several.wall - single.wall) / more, (several.cpu - single.cpu) / more, len(many))
    return [
        cost_line("cold process to LibreOffice cold", median_of(ours), single),
        cost_line(f"warm to LibreOffice warm (one more of {OFFICE_FILES} files in a process)", warm, each),
    ]
