"""Reads Word, Excel and JSON exports back for the tests; knows nothing of how they were made."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess

import docx
import openpyxl
from django.conf import settings
from docx.oxml.ns import qn

OFFICE = shutil.which("soffice")


def squeezed(text: str) -> str:
    """Return a text without any white space."""
    return re.sub(r"\s", "", text)


def word_of(data: bytes):
    """Return a .docx as python-docx sees it."""
    return docx.Document(io.BytesIO(data))


def word_text(data: bytes) -> str:
    """Return everything in the body of a .docx in reading order, without white space."""
    return squeezed("".join(node.text or "" for node in word_of(data).element.body.iter(qn("w:t"))))


def book_of(data: bytes):
    """Return a .xlsx as openpyxl sees it, formulas as formulas."""
    return openpyxl.load_workbook(io.BytesIO(data))


def book_texts(data: bytes) -> set[str]:
    """Return every text and number of a .xlsx, without white space."""
    cells = (cell for sheet in book_of(data) for row in sheet.iter_rows() for cell in row)
    return {squeezed(str(cell.value)) for cell in cells if cell.value is not None}


def sources_of(data: bytes) -> list[dict]:
    """Return the rows of the sheet of sources as dicts by heading."""
    rows = list(book_of(data)["数字来源"].iter_rows(min_row=2, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def json_words(data: bytes) -> list[str]:
    """Return what each block of a JSON export prints, without white space."""
    blocks = json.loads(data)["blocks"]
    return [
        squeezed(
            row["number"] + "".join(run["figure"]["shown"] if "figure" in run else "".join(run.values()) for run in row["runs"])
        )
        for row in blocks
    ]


def converted(path, folder, kind: str = "pdf") -> bytes:
    """Return a file as LibreOffice converts it, with the product's fonts and no other: a bare machine has none."""
    fonts = folder / "fonts.conf"
    fonts.write_text(f"<fontconfig><dir>{settings.FONTS_DIR}</dir><cachedir>{folder}</cachedir></fontconfig>", encoding="utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, "--headless", profile, "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180, env={**os.environ, "FONTCONFIG_FILE": str(fonts)})
    return (folder / path.with_suffix(f".{kind}").name).read_bytes()


def word_sections(data: bytes) -> list[str]:
    """Return the words of each section of a .docx, without white space."""
    sections = [""]
    for element in word_of(data).element.body:
        sections[-1] += squeezed("".join(node.text or "" for node in element.iter(qn("w:t"))))
        if element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            sections.append("")
    return sections
