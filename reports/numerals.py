"""Numbers as people type them into prose: digits of any script, and Chinese numerals that count something. Patterns only.

A Chinese numeral is a number when a measure word follows that the catalogue or everybody counts in (十二次, 三百余名, 近百人),
as a share or a multiple (百分之五, 三分之一, 三成, 一倍, 两个百分点), as a year (二〇二五年), in banking numerals (壹佰次).
It is none, and left alone, where prose counts nothing:
- without such a measure word: 十三五, 十九大, 四史, 三会一课, 一是, 一、, ㈠, 一批, 双百;
- after 第, and as digits in a row: 第十二次, 十四五期间, 三五人; 前三名 is a rank;
- a bare 一, which is mostly "a" (一次性, 一项项, 一支队伍);
- one digit before 个, which announces a list or belongs to a name (五个方面, 两个维护); from 十 on it counts (十二个);
- one digit before 元 (二元结构, 三元区);
- a bare 百, 千 or 万, unless a word such as 近 or 上 makes it a quantity (千家万户, but 上千人);
- the names in NAMES. Any other name is kept apart by hand: 〖十件实事〗.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

LAST_NUMERIC = 0x20000  # beyond it lie ideographs alone
ENUMERATING = "㈠-㈩㊀-㊉㆒-㆕〇"  # say no more than （一）; 〇 is a Chinese numeral


def _numeric_signs() -> Iterator[str]:
    """Yield ranges of the characters that are a number and no decimal digit (①, Ⅻ, ½) as a class of a pattern writes them."""
    left_out, first = re.compile(f"[{ENUMERATING}²³]"), None
    for code in range(0x80, LAST_NUMERIC):
        char = chr(code)
        is_one = unicodedata.category(char) in ("No", "Nl") and not left_out.match(char)
        if is_one and first is None:
            first = char
        elif not is_one and first is not None:
            yield f"{first}-{chr(code - 1)}"
            first = None


DIGITS = rf"\d+(?:[.．,，]\d+)*|[{''.join(_numeric_signs())}]|(?<![A-Za-zＡ-Ｚａ-ｚ])[²³]"
NAMES = ("八项规定", "四项基本原则", "三支一扶", "三位一体", "四位一体", "五位一体", "十分")
NAMES_OF_SHARES = ("分之", "分钟")
COUNTED_IN = ("个", "名", "家", "户", "场", "次", "人", "元", "倍", "成")
_NO_PERSONS = "(?<!前.)名(?![单称录牌字])"
_NO_TENTHS = "成(?![为立员功效果熟长本就绩型套片群人年都品语分色形才对])"
_ONES, _UNITS, _MORE = "一二两三四五六七八九", "十百千万亿廿卅", "[余多几]?"
_ANY = f"{_ONES}{_UNITS}零〇"
_BANKING = "壹贰叁肆伍陆柒捌玖拾佰仟萬億"
_WITH_UNITS = f"(?=[{_UNITS}]*[{_ONES}十廿卅])(?:[{_ONES}]?[{_UNITS}]{_MORE}零?)+[{_ONES}]?{_MORE}"
_ROUND = f"[近上数几约逾超过][{_UNITS}]+{_MORE}"
_SINGLE = "[二两三四五六七八九]"
_SHARES = (
    f"(?<![{_ANY}])[{_ANY}]+分之[{_ANY}]+(?:点[{_ANY}]+)?",
    f"(?<![第{_ANY}])[{_ANY}]+(?:点[{_ANY}]+)?[余多几]?个百分点",
    "(?<![第十百千万])一倍",
)
_YEAR = f"(?<![{_ANY}])[一二][〇零一二三四五六七八九]{{3}}(?=年)"
_DIGITS_OF_YEARS = "〇一二三四五六七八九"


def number_pattern(measures: Iterable[str]) -> re.Pattern:
    """Return what finds typed numbers, with measure words as the catalogue writes them (人次/家次 are two, % is none)."""
    words = {word for measure in measures for word in measure.split("/") if word and word != "%"} | set(COUNTED_IN)
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    special = {"名": _NO_PERSONS, "成": _NO_TENTHS}
    either = "|".join(special.get(word, re.escape(word)) for word in longest_first)
    counted, not_a_name = f"(?!{'|'.join(NAMES_OF_SHARES)})(?:{either})", f"(?!{'|'.join(NAMES)})"
    large, single = f"(?:{_ROUND}|{_WITH_UNITS}){counted}", f"{_SINGLE}(?![个元]){counted}"
    banking = f"(?:[{_BANKING}零]{{2,}}{_MORE}|[壹贰叁肆柒捌玖]){counted}"
    return re.compile("|".join((DIGITS, *_SHARES, _YEAR, f"(?<![第{_ANY}]){not_a_name}(?:{large}|{single})", banking)))


def is_spelled(number: str) -> bool:
    """Whether a number, in half width, stands in Chinese numerals; else in digits of whatever script."""
    return any(char in _ANY + _BANKING for char in number)


def year_in_words(year: int) -> str:
    """Return 二〇二五 for 2025."""
    return "".join(_DIGITS_OF_YEARS[int(digit)] for digit in str(year))
