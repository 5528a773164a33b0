"""The gate for uploaded evidence: names, sizes and kinds are judged here, contents in a process that may be killed.

Pictures (JPEG, PNG, WebP) come out encoded anew; a PDF comes out as it was, when nothing in it acts. Nothing else is let in.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

CHILD = Path(__file__).with_name("evidence_child.py")
SECONDS = 10
LONGEST_NAME = 120
# At most two files are opened at a time by a web process; a third waits, and is asked to come again after a while.
_open_gates, WAIT_SECONDS = threading.BoundedSemaphore(2), 30
PICTURE_ENDINGS, DOCUMENT_ENDINGS = {"jpg", "jpeg", "jpe", "jfif", "png", "webp"}, {"pdf"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


class NotAccepted(ValueError):
    """A file that is not kept; str() says what it is, why not, and what to do."""


@dataclass(frozen=True)
class Passed:
    """A file that passed: where its bytes and its thumbnail lie for now, what they are, and the sha256 of both states."""

    path: Path
    small: Path | None
    media_type: str
    received_sha256: str
    sha256: str
    size: int
    width: int | None = None
    height: int | None = None
    pages: int | None = None

    @property
    def ending(self) -> str:
        """The ending of the served name."""
        return ENDINGS[self.media_type]

    def discard(self) -> None:
        """Remove what was not taken over."""
        self.path.unlink(missing_ok=True)
        if self.small:
            self.small.unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """Return a sender's file name as text to show: no path, no control or direction marks, at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", last))
    text = " ".join("".join(char for char in text if unicodedata.category(char)[0] != "C").split())
    if len(text) > LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        text = f"{stem[: LONGEST_NAME - 12]}…{dot}{ending[:8]}" if dot else text[:LONGEST_NAME]
    return text.strip(". ") or _("file")


def size_words(size: int) -> str:
    """Return a size as people read it: 0.4 MB, 25 MB."""
    megabytes = size / (1 << 20)
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{max(megabytes, 0.1):.1f} MB"


def check_size(size: int) -> None:
    """Judge a size before anything is read. Raises NotAccepted."""
    if size == 0:
        raise NotAccepted(_("The file is empty (0 bytes). Choose the file again; it may not have finished downloading."))
    if size > settings.EVIDENCE_FILE_BYTES:
        most = size_words(settings.EVIDENCE_FILE_BYTES)
        text = _("The file has %(size)s; a file may have %(most)s. Make a picture smaller (resend it as “standard quality” or "
                 "take a screenshot), scan a PDF at 150 dpi in black and white, or split it.")  # fmt: skip
        raise NotAccepted(text % {"size": size_words(size), "most": most})


def pass_gate(upload) -> Passed:
    """Judge an uploaded file (a Django UploadedFile). Raises NotAccepted. The caller takes `Passed` over or discards it."""
    check_size(upload.size)
    folder = incoming_folder()
    source = folder / uuid.uuid4().hex
    try:
        received = _receive(upload, source)
        kind = _kind_of(source, upload.name)
        return _judged(kind, source, received)
    finally:
        source.unlink(missing_ok=True)


def incoming_folder() -> Path:
    """Return the folder of files on their way in, in the same file system as those that stay."""
    folder = Path(settings.EVIDENCE_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def received_sha256(upload) -> str:
    """Return the sha256 of an upload, and rewind it."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _receive(upload, path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _judged(kind: str, source: Path, received: str) -> Passed:
    out, small = (source.with_suffix(ending) for ending in (".out", ".small"))
    try:
        verdict = _ask_child(kind, source, out, small)
        if refusal := verdict.pop("refused", ""):
            raise NotAccepted(refusal_words(refusal) % verdict)
        if kind == "pdf":
            source.rename(out)
    except BaseException:
        out.unlink(missing_ok=True)
        small.unlink(missing_ok=True)
        raise
    data = out.read_bytes()
    return Passed(
        path=out, small=small if kind != "pdf" else None, received_sha256=received, sha256=hashlib.sha256(data).hexdigest(),
        size=len(data), **verdict,
    )  # fmt: skip


def _ask_child(kind: str, source: Path, out: Path, small: Path) -> dict:
    """Let the child judge; a child that dies, overruns its limits or talks nonsense has refused."""
    if not _open_gates.acquire(timeout=WAIT_SECONDS):
        raise NotAccepted(_("Too many files are being looked at just now. Wait a minute and try this one again."))
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), kind, str(source), str(out), str(small)], capture_output=True, timeout=SECONDS,
            stdin=subprocess.DEVNULL, env={}, check=False, start_new_session=True,
        )  # fmt: skip
        return json.loads(done.stdout) if done.returncode == 0 else {"refused": "too_hard"}
    except (subprocess.TimeoutExpired, ValueError):
        return {"refused": "too_hard"}
    finally:
        _open_gates.release()


def _kind_of(path: Path, name: str) -> str:
    """Return "picture" or "pdf" by the first bytes; the ending has to agree. Raises NotAccepted with the way out."""
    with open(path, "rb") as file:
        found = sniff(file.read(1024))
    ending = shown_name(name).rpartition(".")[2].lower() if "." in name else ""
    if found not in ("picture", "pdf"):
        raise NotAccepted(_foreign_words(found or ending))
    wanted = PICTURE_ENDINGS if found == "picture" else DOCUMENT_ENDINGS
    if ending and ending not in wanted:
        text = _(
            "The name ends in “.%(ending)s”, but the file is %(found)s. Open it, save it under its right type, and send that."
        )
        found_words = _("a picture") if found == "picture" else _("a PDF")
        raise NotAccepted(text % {"ending": ending[:10], "found": found_words})
    return found


SIGNS = (
    (b"\xff\xd8\xff", "picture"), (b"\x89PNG\r\n\x1a\n", "picture"), (b"%PDF-", "pdf"), (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!", "zip"), (b"7z\xbc\xaf", "zip"), (b"\x1f\x8b", "zip"), (b"\xd0\xcf\x11\xe0", "office"), (b"GIF8", "gif"),
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"BM", "bmp"),
)  # fmt: skip
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def sniff(head: bytes) -> str:
    """Return what a file's first bytes say it is: picture, pdf, or the name of something that is not let in, "" if unknown."""
    for sign, kind in SIGNS:
        if head.startswith(sign):
            return (
                "office"
                if kind == "zip" and any(mark in head for mark in (b"[Content_Types]", b"docProps/", b"word/", b"xl/"))
                else kind
            )
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in HEIC_BRANDS else "video"
    return ""


def _foreign_words(kind: str) -> str:
    """Return why something that is neither picture nor PDF is not let in, and what to do."""
    words = {
        "heic": _("This is an HEIC photo, which other machines cannot show. On the phone choose Settings, Camera, Formats, “Most "
                  "compatible”, or send a screenshot of it."),
        "office": _("This is a Word, Excel or PowerPoint file. Save it as PDF and send the PDF."),
        "zip": _("This is an archive. Unpack it and send the pictures or PDFs one by one."),
        "video": _("This is a video or sound file. Send a few screenshots of it instead."),
    }  # fmt: skip
    office = {"doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps", "ofd"}
    kind = "office" if kind in office else "heic" if kind in ("heif", "heics") else kind
    other = _(
        "Only pictures (JPG, PNG, WebP) and PDF can be evidence. Open the file, save or print it as PDF, or send a screenshot."
    )
    return words.get(kind) or other


def refusal_words(code: str) -> str:
    """Return the message of the child's verdict."""
    return {
        "pixels": _("The picture has more than %(most)d million pixels. Send it at normal resolution, or a screenshot of it."),
        "animated": _("The picture moves. Send a single frame: a screenshot of it."),
        "broken_picture": _("The picture is damaged or incomplete and cannot be opened. Send it again, or a screenshot of it."),
        "locked": _("The PDF is protected by a password. Save it without protection (print it to PDF) and send that."),
        "broken_document": _("The PDF is damaged or incomplete. Open it, print it to PDF, and send the new one."),
        "second_file": _("The PDF has another file glued to it. Open it, print it to PDF, and send the new one."),
        "script": _("The PDF holds a script. Open it, print it to PDF, and send the new one."),
        "action": _("The PDF does something by itself when it is opened. Print it to PDF, and send the new one."),
        "attachment": _("The PDF has files attached inside. Print it to PDF, and send the attached files by themselves."),
        "media": _("The PDF holds sound, film or 3D. Print it to PDF, and send the new one."),
        "form": _("The PDF is a form that draws itself (XFA). Print it to PDF, and send the new one."),
        "pages": _("The PDF has %(pages)d pages; evidence may have %(most)d. Send the pages that matter."),
        "objects": _("The PDF is too intricate to look through. Print it to PDF, and send the new one."),
    }.get(code) or _("The file takes too much time or memory to open. Send a smaller one, or a screenshot of it.")
