"""Many townships' files as one: the list of them, a PDF with a bookmark a township, a ZIP or a folder around it all."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.workbooks.tables import NUMBER, Column, Table
from metrics.workbooks.writing import to_xlsx
from reports.render import files
from workflow.jobs import JobFailed
from workflow.store import move_durably, path_of, write_durably

LIST_NAME, BOUND_NAME = "清单.xlsx", "合订本.pdf"
SPARE = 200 * 1024 * 1024  # bytes that stay free on the disk
COLUMNS = (
    Column("序号", NUMBER, 7), Column("单位", width=20), Column("单位代码", width=15), Column("报告状态", width=12),
    Column("定稿版本", NUMBER, 9), Column("文件", width=52), Column("合订本起始页", NUMBER, 13), Column("说明", width=60),
)  # fmt: skip


def pack_zip(target: Path, entries, file_format: str, title: str, *, step: Callable[[], None] = lambda: None) -> None:
    """Write list, bound PDF and all files into a ZIP, whole or not at all; `step` is called between files and may stop it.

    The files of the store are read through, never held together in memory. Raises JobFailed when the disk is too full.
    """
    _check_space(target.parent, entries)
    temporary, bound = (target.with_name(f".{target.stem}.{os.getpid()}.{part}") for part in ("zip", "pdf"))
    try:
        pages = bind(bound, entries, title, step=step) if file_format == "pdf" else {}
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:  # what is in it is packed already
            archive.writestr(LIST_NAME, list_file(entries, file_format, title, pages))
            if pages:
                archive.write(bound, BOUND_NAME)
            for entry in entries:
                if entry.artifact:
                    step()
                    archive.write(_stored(entry), entry.file_name(file_format))
        step()
        move_durably(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
        bound.unlink(missing_ok=True)


def pack_folder(folder: Path, entries, file_format: str, title: str) -> None:
    """Write the same files into a folder. Raises OSError."""
    pages = bind(folder / BOUND_NAME, entries, title) if file_format == "pdf" else {}
    for entry in entries:
        if entry.artifact:
            write_durably(folder / entry.file_name(file_format), _stored(entry).read_bytes())
    write_durably(folder / LIST_NAME, list_file(entries, file_format, title, pages))


def list_file(entries, file_format: str, title: str, pages: dict[int, int]) -> bytes:
    """Return the list as a workbook: every township, its file or why there is none, and its first page in the bound PDF."""
    rows = tuple(
        (
            entry.number, entry.unit, entry.code, entry.state, entry.version or None,
            entry.file_name(file_format) if entry.artifact else None, pages.get(entry.number),
            entry.reason or "；".join(entry.notes) or None,
        )
        for entry in entries
    )  # fmt: skip
    made = sum(bool(entry.artifact) for entry in entries)
    counts = f"共 {len(entries)} 个单位，已导出 {made} 个，未导出 {len(entries) - made} 个"
    above = (f"格式：{files.FORMATS[file_format].label}　　{counts}",)
    return to_xlsx((Table("清单", title, COLUMNS, rows, above=above),))


def bind(target: Path, entries, title: str, *, step: Callable[[], None] = lambda: None) -> dict[int, int]:
    """Write one PDF of all files, a bookmark a township; each report keeps its own page numbers.

    Returns number of the line -> its first page, from 1; {} when there is nothing to bind. Raises JobStopped through `step`.
    """
    from pikepdf import OutlineItem, Pdf

    starts: dict[int, int] = {}
    with Pdf.new() as book:
        marks = []
        for entry in entries:
            if entry.artifact:
                step()
                starts[entry.number] = len(book.pages) + 1
                marks.append(OutlineItem(entry.unit, len(book.pages)))
                _add_pages(book, Pdf.open(_stored(entry)))
        if starts:
            _describe(book, marks, title)
            book.save(target)
    return starts


def _add_pages(book, source) -> None:
    """Append a report's pages, without their place in a structure tree that does not come along.

    The source is dropped, not closed: its streams are read when the book is saved, but of its objects only the pages' stay in
    memory (a hundred reports of 17 pages: 0.2 GB and not 0.9).
    """
    first = len(book.pages)
    book.pages.extend(source.pages)
    for page in book.pages[first:]:
        for key in ("/StructParents", "/Tabs"):
            if key in page.obj:
                del page.obj[key]


def _describe(book, marks, title: str) -> None:
    from pikepdf import Dictionary, Name

    with book.open_outline() as outline:
        outline.root.extend(marks)
    book.docinfo["/Title"] = title
    book.Root.Lang = "zh-CN"
    book.Root.PageMode = Name.UseOutlines
    book.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _stored(entry) -> Path:
    """Return where a line's file lies. Raises JobFailed when it was removed meanwhile."""
    path = path_of(entry.artifact)
    if not path.is_file():
        raise JobFailed(_("The file of %(unit)s is no longer in the store; export again.") % {"unit": entry.unit})
    return path


def _check_space(folder: Path, entries) -> None:
    """Refuse when the ZIP, with the bound PDF inside and beside it, would fill the disk."""
    needed = 3 * sum(_stored(entry).stat().st_size for entry in entries if entry.artifact) + SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        reason = _("The disk has %(free)d MB left, and %(needed)d MB are needed. Please tell the administrator.")
        raise JobFailed(reason % {"free": free // 2**20, "needed": needed // 2**20})
