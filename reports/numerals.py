"""Numbers as people type them into prose: digits, and Chinese numerals that count something. Patterns only, no text is kept.

A Chinese numeral is a number when a measure word follows that the catalogue counts in (十二次, 三十余篇, 近百人), or as 百分之五.
It is none, and left alone, where prose counts nothing:
- without such a measure word: 十三五, 十九大, 四史, 三会一课, 一是, 一、, 一批, 双百;
- after 第, and as digits in a row: 第十二次, 十四五期间, 三五人;
- a bare 一, which is mostly "a" (一次性, 一项项, 一支队伍);
- one digit before 个, which announces a list or belongs to a name (五个方面, 两个维护); from 十 on it counts (十二个);
- a bare 百, 千 or 万, unless a word such as 近 or 上 makes it a quantity (千家万户, but 上千人);
- the names in NAMES. Any other name is kept apart by hand: 〖十件实事〗.
"""

import re
from collections.abc import Iterable

DIGITS = r"[0-9０-９]+(?:[.．,，][0-9０-９]+)*"
NAMES = ("八项规定", "四项基本原则", "三支一扶", "三位一体", "四位一体", "五位一体", "十分")
NAMES_OF_SHARES = ("分之", "分钟")
_ONES, _UNITS, _MORE = "一二两三四五六七八九", "十百千万亿", "[余多几]?"
_ANY = f"{_ONES}{_UNITS}零〇"
_WITH_UNITS = f"(?=[{_UNITS}]*[{_ONES}十])(?:[{_ONES}]?[{_UNITS}]{_MORE}零?)+[{_ONES}]?{_MORE}"
_ROUND = f"[近上数几约逾超过][{_UNITS}]+{_MORE}"
_SINGLE = "[二两三四五六七八九]"


def number_pattern(measures: Iterable[str]) -> re.Pattern:
    """Return what finds typed numbers, with measure words as the catalogue writes them (人次/家次 are two, % is none)."""
    words = {word for measure in measures for word in measure.split("/") if word and word != "%"}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    not_a_name = f"(?!{'|'.join(NAMES)})"
    alternatives = [DIGITS, f"百分之[{_ANY}]+(?:点[{_ANY}]+)?"]
    if words:
        counted = f"(?!{'|'.join(NAMES_OF_SHARES)})(?:{'|'.join(map(re.escape, longest_first))})"
        large, single = f"(?:{_ROUND}|{_WITH_UNITS}){counted}", f"{_SINGLE}(?!个){counted}"
        alternatives.append(f"(?<![第{_ANY}]){not_a_name}(?:{large}|{single})")
    return re.compile("|".join(alternatives))
