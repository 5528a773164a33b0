"""The typefaces of the printed report: which file plays which part, and which characters they can show.

GB/T 9704-2012 (5.2.2 and 7) names 仿宋, 楷体, 黑体, 小标宋 and 宋体; these are free faces in their place,
fetched by script/setup.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _


class FontsMissing(RuntimeError):
    """A font file is not in FONTS_DIR; the message names it and says what to run."""


@dataclass(frozen=True)
class Face:
    """One font file: its CSS family, the file names it may have, and the CSS descriptors it needs."""

    family: str
    files: tuple[str, ...]
    weight: int = 400
    unicode_range: str = ""


# Fandol's 仿宋 has heavy sans digits that stand out of the line; its 宋体 has serif ones of the same half-em width.
DIGITS = "U+25, U+2E, U+30-39"
# Fandol's 黑体 has hairline digits, so ASCII inside it comes from Noto Sans SC.
FACES = {
    face.family: face
    for face in (
        Face("TwrFang", ("FandolFang-Regular.otf",)),
        Face("TwrKai", ("FandolKai-Regular.otf",)),
        Face("TwrHei", ("FandolHei-Regular.otf",)),
        Face("TwrSong", ("FandolSong-Regular.otf",)),
        Face("TwrSongDigits", ("FandolSong-Regular.otf",), unicode_range=DIGITS),
        Face(
            "TwrTitle",
            ("NotoSerifSC-Bold.otf", "NotoSerifSC_700Bold.ttf"),
            weight=700,
        ),
        Face("TwrRare", ("LXGWWenKai-Light.ttf",)),
        Face("TwrSans", ("NotoSansSC-Regular.otf",)),
        Face("TwrSansAscii", ("NotoSansSC-Regular.otf",), unicode_range="U+20-7E"),
        Face("TwrWide", ("HanaMinB.ttf",)),
        Face("TwrWider", ("BabelStoneHan.ttf",)),
    )
}

# A role's families in the order in which a character is looked for.
ROLES = {
    "body": ("TwrSongDigits", "TwrFang", "TwrRare", "TwrWide", "TwrWider", "TwrSans"),
    "kai": ("TwrKai", "TwrRare", "TwrWide", "TwrWider", "TwrSans"),
    "hei": ("TwrSansAscii", "TwrHei", "TwrSans", "TwrWide", "TwrWider", "TwrRare"),
    "title": ("TwrTitle", "TwrWide", "TwrWider", "TwrRare"),
    "table": ("TwrSong", "TwrRare", "TwrWide", "TwrWider", "TwrSans"),
    "number": ("TwrSong",),
}


def path_of(family: str) -> Path:
    """Return the file of a family. Raises FontsMissing naming the file and script/setup."""
    folder = Path(settings.FONTS_DIR)
    for name in FACES[family].files:
        if (folder / name).is_file():
            return folder / name
    raise FontsMissing(
        _("Font file missing: %(file)s in %(folder)s. Run script/setup.") % {"file": FACES[family].files[0], "folder": folder}
    )


def font_paths() -> dict[str, Path]:
    """Return family -> file for every face. Raises FontsMissing with the first file that is not there."""
    return {family: path_of(family) for family in FACES}


def stylesheet(css: str) -> str:
    """Return `css` behind the @font-face rules, with every var(--role) written out as that role's families."""
    rules = [_face_rule(FACES[family], path) for family, path in font_paths().items()]
    return "".join(rules) + with_families(css)


def with_families(css: str) -> str:
    """Return `css` with every var(--role) written out as that role's families."""
    for role, families in ROLES.items():
        css = css.replace(f"var(--{role})", ",".join(families))
    return css


def _face_rule(face: Face, path: Path) -> str:
    reach = f"unicode-range:{face.unicode_range};" if face.unicode_range else ""
    return f'@font-face{{font-family:{face.family};src:url("{path.resolve().as_uri()}");font-weight:{face.weight};{reach}}}\n'


def missing_characters(text: str, role: str) -> list[str]:
    """Return the characters of `text` that no face of `role` can show, each once, in order of first use.

    Private-use and unassigned code points always count as missing: what a font draws there is arbitrary.
    """
    wanted = [char for char in dict.fromkeys(text) if not char.isspace()]
    lost = [char for char in wanted if unicodedata.category(char) in ("Co", "Cn", "Cs")]
    rest = [char for char in wanted if char not in lost]
    for family in ROLES[role]:
        if not rest:
            break
        shown = _reach(family)
        rest = [char for char in rest if ord(char) not in shown]
    lost += rest
    return [char for char in wanted if char in lost]


def _reach(family: str) -> frozenset[int]:
    if FACES[family].unicode_range:
        return frozenset(range(0x20, 0x7F))
    path = path_of(family)
    return _code_points(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _code_points(path: str, _changed: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
