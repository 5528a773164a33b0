"""What is typed into a cell -> a number, an absence or an explained refusal; and numbers for a screen.

The only reader of typed numbers: form, paste, import and API call parse_number. Prose is for reports.wording.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_DIGITS = 12
FLOAT_DIGITS = 15  # what a spreadsheet keeps; beyond it 0.1 + 0.2 would not be 0.3
SHOWN_CHARACTERS = 30

DASHES = "-‐‑‒–—―−─"
BLANK = re.compile(rf"[{DASHES}_]*")
NOT_APPLICABLE_WORDS = ("不适用", "无此项工作", "无此项", "不涉及", "N/A", "NA")
NOT_COLLECTED_WORDS = ("未统计", "未作统计", "未做统计", "未掌握")
NONE_WORDS = ("无", "没有", "暂无", "未开展", "零", "〇", "O", "o", "○")

FAULTS = {
    "too_long": gettext_lazy("“%(typed)s” has more than 12 digits, which no count here reaches; check for a slip."),
    "not_whole": gettext_lazy("“%(typed)s” has decimals, but this is counted in whole numbers; round it."),
    "decimals": gettext_lazy("“%(typed)s” has more decimals than this indicator takes (%(decimals)d); round it."),
    "none": gettext_lazy("“%(typed)s” may mean 0 or not filled; type 0 if there was none, or 不适用."),
    "stroke": gettext_lazy("“%(typed)s” may mean not applicable or not filled; type 不适用, or leave it blank."),
    "fraction": gettext_lazy("“%(typed)s” reads as a fraction, a date or a mark; type one number in digits."),
    "negative": gettext_lazy("“%(typed)s” is below zero, and a count cannot be; to correct an earlier month, open that month."),
    "percentage": gettext_lazy("“%(typed)s” is a percentage, but this is counted in %(measure)s; type the count."),
    "range": gettext_lazy("“%(typed)s” is two numbers or a range; type the one exact number."),
    "script": gettext_lazy("“%(typed)s” uses digits of another script; type 0-9."),
    "separators": gettext_lazy("The separators in “%(typed)s” do not mark thousands; type the number without them."),
    "point": gettext_lazy("The point in “%(typed)s” is not a decimal point; write it as in 12.5."),
    "spoken": gettext_lazy("“%(typed)s” is not in plain digits; type the number in full."),
    "approximate": gettext_lazy("“%(typed)s” has words around the number; type the exact number: the report adds 余 or 近."),
    "other_unit": gettext_lazy("“%(typed)s” is not in %(measure)s; check that this is the right figure, then type digits."),
    "no_number": gettext_lazy("“%(typed)s” is not a number; type digits only, or 不适用, or 未统计."),
}

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_BY_FOUR = re.compile(r"[0-9]{1,4}(?:,[0-9]{4})+")
_WITH_COMMAS = re.compile(r"[0-9]+(?:,[0-9]*)+(?:\.[0-9]*)?")
_NEGATIVE = re.compile(rf"[{DASHES}]\S*[0-9]\S*|\([0-9.,]+\)")
_FRACTION = re.compile(r"[0-9.]+[/⁄][0-9.]+|.*分之.*")
_RANGE = re.compile(rf"[0-9.,]+\D{{0,2}}[{DASHES}~〜至到、][0-9.,]+\D{{0,2}}")
_ODD_POINT = re.compile(r"[0-9]*[.。·][0-9]*")
_OTHER_UNIT = re.compile(r"([0-9.,]+)([^0-9.,]{1,6})")
_BEFORE = re.compile(r"(?:大约|大概|约|近|将近|超过|超|逾|突破|不到|不足|不少于|至少|共计|合计|累计|共|第|>|≥|<|≤|≈)+")
_AFTER = re.compile(r"(?:以上|以下|以内|左右|上下|不到|余|多|来|几|\+)+$")
_SPOKEN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|[零〇一二两三四五六七八九十百千万亿])+")

_DIGITS = {character: index for index, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10**4, "亿": 10**8}


class Kind(StrEnum):
    """What a cell holds. Blank is not zero, and neither is what does not apply or was not counted."""

    VALUE = "value"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    NOT_COLLECTED = "not_collected"
    TEXT = "text"


@dataclass(frozen=True)
class Parsed:
    """One cell as read. `text` is what was typed, whatever the kind; `value` is set for Kind.VALUE alone.

    Kind.TEXT carries the reader's `message` (where, what, why, way out) and, if the meaning can be guessed, the
    `suggestion` that one click puts into the cell: itself never Kind.TEXT, or empty.
    """

    kind: Kind
    value: Decimal | None = None
    text: str = ""
    message: str = ""
    suggestion: str = ""


@dataclass(frozen=True)
class _Cell:
    """The cell being read: `word` is the normalised text without spaces and without the own measure."""

    typed: str
    word: str
    measure: str
    decimals: int

    def suggest(self, value: Decimal | None) -> str:
        """Return the value rounded half up to the cell's decimals, or "" when the cell could not hold it."""
        if value is None or value.adjusted() >= MAX_DIGITS:
            return ""
        rounded = plain(round_half_up(value, self.decimals))
        return rounded if len(rounded.partition(".")[0]) <= MAX_DIGITS else ""


def parse_number(raw: str | int | float | Decimal | None, *, measure: str = "", decimals: int = 0, name: str = "") -> Parsed:
    """Read one typed cell of an indicator with this measure word and number of decimals; never raises.

    Read as a number: full-width digits, thousands marked by , or ，, spaces anywhere (1 234), the own measure
    word at the end (12人次). A dash alone is blank. A tab or line break is no space: it means two cells.
    Everything that could mean two things stays text with a message that names the indicator by `name`.
    """
    typed = _as_typed(raw)
    word = _normalise(typed)
    own = _normalise(measure)
    if BLANK.fullmatch(word):
        return Parsed(Kind.BLANK, text=typed)
    if word.upper() in NOT_APPLICABLE_WORDS:
        return Parsed(Kind.NOT_APPLICABLE, text=typed)
    if word in NOT_COLLECTED_WORDS:
        return Parsed(Kind.NOT_COLLECTED, text=typed)
    cell = _Cell(typed, word.removesuffix(own) or word, own, decimals)
    if (value := _exact(cell.word)) is None or _odd_digits(typed):
        return _refused(cell, name, *_misread(cell))
    if fault := _unfit(value, cell):
        return _refused(cell, name, *fault)
    return Parsed(Kind.VALUE, value=value.quantize(Decimal(1).scaleb(-decimals)), text=typed)


def format_grid(value: Decimal | int | None, decimals: int = 0) -> str:
    """Return 46,820 for screens and tables: grouped by three, fixed decimals, − for minus; "" for no value.

    GB/T 15835-2011: a separator every three digits of the whole part, the decimals not grouped.
    """
    if value is None:
        return ""
    return f"{round_half_up(Decimal(value), decimals):,.{decimals}f}".replace("-", "−")


def plain(value: Decimal | int | None) -> str:
    """Return the number in plain digits, no grouping, exponent or idle zeros; "" for no value."""
    if value is None:
        return ""
    digits = f"{Decimal(value):f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits in ("-0", "") else digits


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Return the value rounded to `places` decimals the way people do it: 2.5 -> 3."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _as_typed(raw: str | int | float | Decimal | None) -> str:
    """Return the input as text that any database can hold (no NUL, no lone surrogates)."""
    if raw is None:
        return ""
    if isinstance(raw, float):
        raw = Decimal(f"{raw:.{FLOAT_DIGITS}g}")
    if isinstance(raw, Decimal):
        return plain(raw) if raw.is_finite() else str(raw)
    return str(raw).replace("\x00", "").encode("utf-8", "replace").decode()


def _normalise(text: str) -> str:
    """Return NFKC text without spaces and format characters; tabs and line breaks inside remain."""
    normal = unicodedata.normalize("NFKC", text.strip())
    return "".join(char for char in normal if unicodedata.category(char) not in ("Zs", "Cf"))


def _odd_digits(typed: str) -> bool:
    """Tell whether NFKC would change what digits mean: ², ½ and ① become 2, 1⁄2 and 1."""
    return any(unicodedata.category(char) == "No" for char in typed)


def _exact(word: str) -> Decimal | None:
    if _NUMBER.fullmatch(word) or _GROUPED.fullmatch(word):
        return Decimal(word.replace(",", ""))
    return None


def _unfit(value: Decimal, cell: _Cell) -> tuple[str, str] | None:
    """Return the fault and the suggestion for a number that the cell cannot hold, or None."""
    if value.adjusted() >= MAX_DIGITS:
        return "too_long", ""
    if round_half_up(value, cell.decimals) == value:
        return None
    return ("decimals" if cell.decimals else "not_whole"), cell.suggest(value)


def _misread(cell: _Cell) -> tuple[str, str]:
    """Return the fault and the suggestion for a text that is no number, the most telling fault first."""
    word = cell.word
    if word in NONE_WORDS:
        return "none", "0"
    if word == "/":
        return "stroke", "不适用"
    if _FRACTION.fullmatch(word) or _odd_digits(cell.typed):
        return "fraction", ""
    if _NEGATIVE.fullmatch(word):
        return "negative", ""
    if "%" in word:
        return "percentage", ""
    if _RANGE.fullmatch(word):
        return "range", ""
    return _misread_number(cell)


def _misread_number(cell: _Cell) -> tuple[str, str]:
    """Go on from _misread where one number seems to be meant, so that it can be suggested."""
    word = cell.word
    ascii_word = _ascii_digits(word)
    if ascii_word != word:
        return "script", cell.suggest(_exact(ascii_word))
    if _WITH_COMMAS.fullmatch(word):
        joined = _exact(word.replace(",", "")) if _GROUPED_BY_FOUR.fullmatch(word) else None
        return "separators", cell.suggest(joined)
    if _ODD_POINT.fullmatch(word) and any(char.isdigit() for char in word):
        return "point", cell.suggest(_repoint(word))
    if _SPOKEN.fullmatch(word):
        return "spoken", cell.suggest(_spoken(word))
    core = _without_approximation(cell)
    if core != word and (_exact(core) is not None or _SPOKEN.fullmatch(core)):
        return "approximate", cell.suggest(_spoken(core) if _exact(core) is None else _exact(core))
    return ("other_unit" if _OTHER_UNIT.fullmatch(word) and cell.measure else "no_number"), ""


def _refused(cell: _Cell, name: str, fault: str, suggestion: str) -> Parsed:
    typed = cell.typed.strip()
    short = typed if len(typed) <= SHOWN_CHARACTERS else typed[:SHOWN_CHARACTERS] + "…"
    shown = {"typed": short, "measure": cell.measure or _("units"), "decimals": cell.decimals}
    message = str(FAULTS[fault]) % shown
    if name:
        message = _("%(name)s: %(message)s") % {"name": name, "message": message}
    return Parsed(Kind.TEXT, text=cell.typed, message=message, suggestion=suggestion)


def _ascii_digits(word: str) -> str:
    """Return the word with the decimal digits of every script as 0-9."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in word)


def _repoint(word: str) -> Decimal | None:
    whole, fraction = re.split(r"[.。·]", word)
    return _exact(f"{whole or 0}.{fraction or 0}")


def _without_approximation(cell: _Cell) -> str:
    """Return the word without 约, 近, 余, 多, 以上 and the like, and without the measure beside them."""
    core = _BEFORE.sub("", cell.word, count=1) if _BEFORE.match(cell.word) else cell.word
    core = _AFTER.sub("", core).removesuffix(cell.measure)
    return _AFTER.sub("", core)


def _spoken(word: str) -> Decimal | None:
    """Return the value of 1.2万, 三百二十, 1万2千; None where speech leaves it open (三百五, 1万2, 五六)."""
    total, section, pending, unit = Decimal(0), Decimal(0), None, 1
    for piece in re.findall(r"[0-9]+(?:\.[0-9]+)?|.", word):
        if piece in _LARGE_UNITS:
            total = (total + section + (pending or 0)) * _LARGE_UNITS[piece]
            section, pending, unit = Decimal(0), None, _LARGE_UNITS[piece]
        elif piece in _SMALL_UNITS:
            section += (1 if pending is None else pending) * _SMALL_UNITS[piece]
            pending, unit = None, _SMALL_UNITS[piece]
        elif pending is not None and pending != 0:
            return None
        else:
            pending = Decimal(_DIGITS[piece]) if piece in _DIGITS else Decimal(piece)
            unit = 1 if pending == 0 else unit
    if pending is not None and unit > max(_SMALL_UNITS["十"], 1):
        return None
    return total + section + (pending or 0) or None
