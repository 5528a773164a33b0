"""What a workbook must be before anything parses it. A ZIP's own lies are not believed, and nothing here reads XML as XML.

The bounds come from the project's list of hostile workbooks (bombs, overlapping entries, DTDs, far cells, macros, links).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from django.utils.translation import gettext as _

MOST_BYTES = 5 << 20
MOST_ENTRIES = 200
MOST_UNPACKED = 60 << 20
MOST_RATIO, RATIO_FROM = 150, 1 << 20  # parts of more than 1 MB may not shrink further than that
MOST_MERGED, MOST_MERGED_IN_ALL = 2_000, 50_000  # cells
MOST_SHEETS = 100
MOST_ROWS = 20_000  # of data; a head and a few lines above it come on top
LAST_ROW, LAST_COLUMN = MOST_ROWS + 100, 702  # ZZ
CHUNK = 1 << 16

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PICTURES_AND_PAPERS = {
    b"%PDF": "PDF",
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
}
ACTIVE = (
    ("vbaproject", "macros"), ("/macrosheets/", "macros"), ("/dialogsheets/", "macros"), ("/activex/", "controls"),
    ("/externallinks/", "links to other workbooks"), ("/embeddings/", "embedded objects"),
    ("/connections.xml", "data connections"),
    ("/querytables/", "data connections"), ("/model/", "data connections"), ("/customui", "macros"),
    ("/webextensions/", "add-ins"),
)  # fmt: skip
FOREIGN_TYPES = (
    (b"macroEnabled", "macros"), (b"vbaProject", "macros"), (b"externalLink", "links to other workbooks"),
    (b"oleObject", "embedded objects"), (b"activeX", "controls"),
)  # fmt: skip
MARKUP = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]{0,400}?ref\s*=\s*["']([^"']{0,60})["']""")
CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]{0,400}?\br\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,9})["'][^>]{0,400}(?<!/)>""")
SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
OUTWARD = re.compile(rb"<(?:\w+:)?Relationship\s[^>]{0,4000}?TargetMode\s*=\s*[\"']External[\"'][^>]{0,4000}>", re.IGNORECASE)
RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")


class WorkbookRefused(ValueError):
    """A file that is not read; the message says what it is, why not, and the way out."""


def check_size(size: int) -> None:
    """Refuse an empty file and one above 5 MB, before it is read. Raises WorkbookRefused."""
    if not size:
        raise WorkbookRefused(
            _("The file is empty (0 bytes). Open it in Excel or WPS, check that it has rows, and save it again.")
        )
    if size > MOST_BYTES:
        raise WorkbookRefused(
            _("The file has %(size)s MB; at most %(most)d MB are read. Remove pictures and empty sheets, or split the table.")
            % {"size": f"{size / (1 << 20):.1f}", "most": MOST_BYTES >> 20}
        )


def check_workbook(data: bytes) -> None:
    """Refuse everything that is not a plain .xlsx workbook of a sane size. Raises WorkbookRefused."""
    check_size(len(data))
    _check_kind(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(data, archive.infolist(), archive.start_dir)
            _check_parts(archive)
    except WorkbookRefused:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zipfile.zlib.error) as error:
        raise _broken() from error


def _check_kind(data: bytes) -> None:
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookRefused(
                _("The workbook is locked by a password. Open it, remove the password, save it and send it again.")
            )
        raise WorkbookRefused(
            _("This is the old .xls format. Open it in Excel or WPS and save it as .xlsx, then send that file.")
        )
    for start, name in PICTURES_AND_PAPERS.items():
        if data.startswith(start):
            raise WorkbookRefused(_("This is a %(name)s file, not a table. Choose an .xlsx or .csv file.") % {"name": name})
    if not data.startswith(b"PK\x03\x04"):
        raise WorkbookRefused(_("This is no workbook: the file's content is not .xlsx. Save the table as .xlsx or .csv."))


def _broken() -> WorkbookRefused:
    return WorkbookRefused(
        _("The workbook is damaged and cannot be read. Open it in Excel or WPS, save it under a new name, and send that.")
    )


def _hostile(reason: str) -> WorkbookRefused:
    words = _("The workbook is built in a way that no spreadsheet program writes (%(reason)s), so it is not read. "
              "Copy the table into a new workbook and send that.")  # fmt: skip
    return WorkbookRefused(words % {"reason": reason})


def _check_entries(data: bytes, entries: list[zipfile.ZipInfo], start_of_directory: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _hostile(_("%(count)d parts") % {"count": len(entries)})
    names = [entry.filename.lower() for entry in entries]
    _check_what_it_is(set(names))
    if len(set(names)) != len(names):
        raise _hostile(_("two parts of one name"))
    for entry, name in zip(entries, names, strict=True):
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or not name.isprintable():
            raise _hostile(_("a part outside the workbook"))
        if entry.flag_bits & 0x1:
            raise WorkbookRefused(_("The file is encrypted. Remove its password and send it again."))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _hostile(_("an unusual compression"))
    _check_sizes(entries)
    _check_places(data, entries, start_of_directory)


def _check_what_it_is(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise WorkbookRefused(_("This is an .xlsb workbook. Open it in Excel and save it as .xlsx."))
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise WorkbookRefused(_("This is a Word or PowerPoint file. Copy the table into a workbook and save it as .xlsx."))
    if "mimetype" in names and "content.xml" in names:
        raise WorkbookRefused(_("This is an OpenDocument table (.ods). Save it as .xlsx or .csv and send that file."))
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise WorkbookRefused(_("This is a ZIP archive, not a workbook. Unpack it and send the .xlsx file itself."))
    for mark, what in ACTIVE:
        if any(mark in f"/{name}" for name in names):
            raise _active(what)


def _active(what: str) -> WorkbookRefused:
    said = {
        "macros": _("macros"), "controls": _("controls"), "links to other workbooks": _("links to other workbooks"),
        "embedded objects": _("embedded objects"), "data connections": _("data connections"), "add-ins": _("add-ins"),
    }[what]  # fmt: skip
    words = _(
        "The workbook holds %(what)s, which are never read here. Copy the table's values into a new workbook, save it as .xlsx."
    )
    return WorkbookRefused(words % {"what": said})


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _hostile(_("it unpacks to more than %(most)d MB") % {"most": MOST_UNPACKED >> 20})
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise _hostile(_("a part that unpacks to more than %(ratio)d times its size") % {"ratio": MOST_RATIO})


def _check_places(data: bytes, entries: list[zipfile.ZipInfo], start_of_directory: int) -> None:
    """Every part begins at its own local header and ends before the next one: Python's zipfile does not look."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset for entry in ordered[1:]] + [start_of_directory]
    if ordered[0].header_offset != 0:
        raise _hostile(_("something before the first part"))
    for entry, end in zip(ordered, ends, strict=True):
        head = data[entry.header_offset : entry.header_offset + 30]
        if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
            raise _broken()
        lengths = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        if entry.header_offset + 30 + lengths + entry.compress_size > end:
            raise _hostile(_("parts that overlap"))


def _check_parts(archive: zipfile.ZipFile) -> None:
    merged = 0
    for entry in archive.infolist():
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            if sum(len(chunk) for chunk in _chunks(archive, entry)) != entry.file_size:
                raise _broken()
            continue
        content = b"".join(_chunks(archive, entry))
        _check_xml(content)
        if name == "[content_types].xml":
            _check_types(content)
        elif name.endswith(".rels"):
            _check_links(content)
        elif name == "xl/workbook.xml" and len(SHEET.findall(content)) > MOST_SHEETS:
            raise _hostile(_("more than %(most)d sheets") % {"most": MOST_SHEETS})
        elif name.startswith("xl/") and b"sheetData" in content:
            merged += _check_sheet(content)
    if merged > MOST_MERGED_IN_ALL:
        raise _hostile(_("merged areas without end"))


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while chunk := part.read(CHUNK):
            yield chunk


def _check_xml(content: bytes) -> None:
    """UTF-8 without a document type: spreadsheet programs write nothing else, and an entity cannot be declared elsewhere."""
    head = content[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise _hostile(_("parts that are not UTF-8"))
    named = ENCODING.match(content[3:400] if head.startswith(b"\xef\xbb\xbf") else content[:400])
    if named and named[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise _hostile(_("parts that are not UTF-8"))
    if MARKUP.search(content):
        raise _hostile(_("a document type of its own"))


def _check_types(content: bytes) -> None:
    for mark, what in FOREIGN_TYPES:
        if mark in content:
            raise _active(what)


def _check_links(content: bytes) -> None:
    """Addresses that a cell links to are text like any other; everything else that points outside is refused."""
    for link in OUTWARD.findall(content):
        if b"/hyperlink" not in link:
            raise _active("links to other workbooks")


def _check_sheet(content: bytes) -> int:
    """Refuse far cells and wide merged areas; returns how many cells are merged."""
    merged = 0
    for found in MERGE.finditer(content):
        area = _area(found[1].decode("ascii", "replace"))
        if area > MOST_MERGED:
            raise _hostile(_("a merged area of more than %(most)d cells") % {"most": MOST_MERGED})
        merged += area
    for found in CELL.finditer(content):
        if len(found[1]) > 2 or column_number(found[1].decode()) > LAST_COLUMN:
            raise WorkbookRefused(
                _("A cell far to the right (column %(column)s) is filled; at most %(most)d columns are read. "
                  "Delete everything right of the table and send it again.")
                % {"column": found[1].decode(), "most": LAST_COLUMN}
            )  # fmt: skip
        if int(found[2]) > LAST_ROW:
            raise too_many_rows()
    return merged


def too_many_rows() -> WorkbookRefused:
    """Return the refusal of a table that is too long."""
    words = _(
        "The table has more than %(most)s rows. Split it, for example by half-year, and import the parts one after the other."
    )
    return WorkbookRefused(words % {"most": f"{MOST_ROWS:,}"})


def _area(reference: str) -> int:
    corners = RANGE.fullmatch(reference.replace("$", "").upper())
    if corners is None:
        return 1 if re.fullmatch(r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}", reference) else MOST_MERGED + 1
    wide = abs(column_number(corners[3]) - column_number(corners[1])) + 1
    return wide * (abs(int(corners[4]) - int(corners[2])) + 1)


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
