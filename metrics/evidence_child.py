"""The process that opens an uploaded file: `python -I evidence_child.py KIND FILE OUT SMALL`, within hard limits.

Runs alone, without Django, so that a file made to burn time or memory ends this process and nothing else. Writes the picture
encoded anew to OUT and a thumbnail to SMALL, and prints one line of JSON: {"media_type", "width" …} or {"refused", …}.
"""

import contextlib
import json
import math
import resource
import sys
import warnings

MEMORY, SECONDS, WRITES = 512 << 20, 10, 64 << 20
MOST_PIXELS = 40_000_000
LONGEST, KEPT_PIXELS = 12_000, 9_000_000  # 3000 × 3000; a long screenshot keeps its width and stays readable
SMALL_SIDE = 320
BEST_AS_PNG = 4_000_000  # pixels up to which a screenshot is tried as PNG too
MOST_PAGES, MOST_OBJECTS, MOST_DEPTH = 300, 50_000, 60


class NotAcceptedError(Exception):
    """A file that is not kept: `code` names the reason, `values` what the message shows."""

    def __init__(self, code, **values):
        super().__init__(code)
        self.code, self.values = code, values


def limit_this_process() -> None:
    """Set the limits of memory, time and written bytes; no core dump."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, WRITES), (resource.RLIMIT_CORE, 0)
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))


def clean_picture(source: str, out: str, small: str) -> dict:
    """Decode a picture, turn it upright, and write only its pixels: nothing else of the file goes on."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        is_png = _check_picture(source)
        with Image.open(source, formats=FORMATS) as picture:
            picture.draft("RGB", (3000, 3000))  # a JPEG is decoded at a half or a quarter where that is enough
            picture.load()
            picture.thumbnail(_kept_size(*picture.size), reducing_gap=1.0)
            with contextlib.suppress(Exception):  # a broken EXIF block turns nothing
                picture = ImageOps.exif_transpose(picture)
            clean = _only_pixels(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotAcceptedError("pixels", most=MOST_PIXELS // 1_000_000) from bomb
    except NotAcceptedError:
        raise
    except MemoryError as error:
        raise NotAcceptedError("too_hard") from error
    except Exception as error:
        raise NotAcceptedError("broken_picture") from error
    verdict = {"media_type": _write_picture(clean, out, may_be_png=is_png), "width": clean.width, "height": clean.height}
    clean.thumbnail((SMALL_SIDE, SMALL_SIDE))
    clean.save(small, "JPEG", quality=75)
    return verdict


FORMATS = ["JPEG", "PNG", "WEBP"]  # JPEG may turn out as MPO: a phone's photo with a second picture behind the first


def _check_picture(source: str) -> bool:
    """Read the head, then verify; returns whether it is a PNG."""
    from PIL import Image

    with Image.open(source, formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS or max(width, height) > 65_000:
            raise NotAcceptedError("pixels", most=MOST_PIXELS // 1_000_000)
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
            raise NotAcceptedError("animated")
        is_png = picture.format == "PNG"
        picture.verify()
    return is_png


def _kept_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1, math.sqrt(KEPT_PIXELS / (width * height)), LONGEST / max(width, height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _only_pixels(picture):
    """Return a fresh RGB picture, transparent parts white: no EXIF, comment, profile or chunk can ride along."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    clean = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        clean.paste(picture, mask=picture.getchannel("A"))
    else:
        clean.paste(picture.convert("RGB"))
    return clean


def _write_picture(clean, out: str, *, may_be_png: bool) -> str:
    """Write JPEG, or PNG for a screenshot that is smaller so; returns the media type."""
    import io
    from pathlib import Path

    jpeg, png = io.BytesIO(), io.BytesIO()
    clean.save(jpeg, "JPEG", quality=85)
    if may_be_png and clean.width * clean.height <= BEST_AS_PNG:
        clean.save(png, "PNG")
    is_png = 0 < len(png.getvalue()) <= len(jpeg.getvalue())
    Path(out).write_bytes((png if is_png else jpeg).getvalue())
    return "image/png" if is_png else "image/jpeg"


# What a document may not hold, wherever it stands in it.
ACTIVE_KEYS = {
    "/JavaScript": "script", "/JS": "script", "/Launch": "action", "/EmbeddedFile": "attachment", "/EmbeddedFiles": "attachment",
    "/EF": "attachment", "/AF": "attachment", "/Collection": "attachment", "/RichMedia": "media", "/RichMediaContent": "media",
    "/XFA": "form",
}  # fmt: skip
ACTIVE_NAMES = {  # values of /S, /Subtype and /Type
    "/JavaScript": "script", "/Launch": "action", "/SubmitForm": "action", "/ImportData": "action", "/GoToR": "action",
    "/GoToE": "action", "/Rendition": "media", "/Movie": "media", "/Sound": "media", "/RichMediaExecute": "media",
    "/GoTo3DView": "media", "/FileAttachment": "attachment", "/EmbeddedFile": "attachment", "/RichMedia": "media",
    "/Screen": "media", "/3D": "media",
}  # fmt: skip


def check_document(source: str) -> dict:
    """Look through every object of a PDF and refuse what acts, hides or carries files. It is kept as it was sent."""
    import pikepdf

    _check_frame(source)
    try:
        with pikepdf.open(source, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise NotAcceptedError("locked")
            pages = _check_objects(pdf, pikepdf)
    except pikepdf.PasswordError as error:
        raise NotAcceptedError("locked") from error
    except MemoryError as error:
        raise NotAcceptedError("too_hard") from error
    except NotAcceptedError:
        raise
    except Exception as error:
        raise NotAcceptedError("broken_document") from error
    return {"media_type": "application/pdf", "pages": pages}


def _check_frame(source: str) -> None:
    """Refuse a file that begins or ends as something else: a page or an archive glued to a PDF."""
    import zipfile
    from pathlib import Path

    data = Path(source).read_bytes()
    end = data.rfind(b"%%EOF")
    if not data.startswith(b"%PDF-") or end < 0:
        raise NotAcceptedError("broken_document")
    is_page = any(mark in data[:1024].lower() for mark in (b"<html", b"<script", b"<svg"))
    if is_page or zipfile.is_zipfile(source) or data[end + 5 :].strip(b"\r\n\t \0"):
        raise NotAcceptedError("second_file")


def _check_objects(pdf, pikepdf) -> int:
    """Return the number of pages. Raises NotAcceptedError."""
    if len(pdf.objects) > MOST_OBJECTS:
        raise NotAcceptedError("objects")
    pages = len(pdf.pages)
    if not 0 < pages <= MOST_PAGES:
        raise NotAcceptedError("pages", pages=pages, most=MOST_PAGES)
    _check_opening(pdf.Root, pikepdf)
    for number in range(len(pdf.objects)):
        _check_object(pdf.objects[number], pikepdf, 0)
    _check_object(pdf.trailer, pikepdf, 0)
    return pages


def _check_opening(root, pikepdf) -> None:
    """A document may say where it opens, not what it does then."""
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo" or "/AA" in root:
        raise NotAcceptedError("action")


def _check_object(found, pikepdf, depth: int) -> None:
    """Check one object and what lies directly in it; what it points to is checked on its own turn."""
    if depth > MOST_DEPTH:
        raise NotAcceptedError("objects")
    if isinstance(found, pikepdf.Array):
        for part in found:
            if not getattr(part, "is_indirect", False):
                _check_object(part, pikepdf, depth + 1)
    elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        _check_entries(found, pikepdf, depth)


def _check_entries(found, pikepdf, depth: int) -> None:
    is_stream = isinstance(found, pikepdf.Stream)
    for key in found:
        if key in ACTIVE_KEYS:
            raise NotAcceptedError(ACTIVE_KEYS[key])
        if is_stream and key in ("/F", "/FFilter"):
            raise NotAcceptedError("attachment")
        value = found.get(key)
        if key in ("/S", "/Subtype", "/Type") and isinstance(value, pikepdf.Name) and str(value) in ACTIVE_NAMES:
            raise NotAcceptedError(ACTIVE_NAMES[str(value)])
        if not getattr(value, "is_indirect", False):
            _check_object(value, pikepdf, depth + 1)


def main(kind: str, source: str, out: str, small: str) -> None:
    """Judge one file and print the verdict."""
    limit_this_process()
    try:
        verdict = check_document(source) if kind == "pdf" else clean_picture(source, out, small)
    except NotAcceptedError as refusal:
        verdict = {"refused": refusal.code, **refusal.values}
    except MemoryError:
        verdict = {"refused": "too_hard"}
    sys.stdout.write(json.dumps(verdict))


if __name__ == "__main__":
    main(*sys.argv[1:])
