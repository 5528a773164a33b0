"""First letters of Chinese names in pinyin, for searching: 志愿服务时长 is zyfwsc.

Needs no library: GB 2312 has its common characters in the order of their pinyin.
"""

from bisect import bisect_right
from itertools import islice, product

MOST = 8
# The first character of each letter's stretch in GB 2312 level 1, which is sorted by pinyin; level 2 is not.
_FIRST = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_LETTERS = "abcdefghjklmnopqrstwxyz"
_STARTS = [char.encode("gb2312") for char in _FIRST]
_LEVEL_TWO = "亍".encode("gb2312")
# Characters with a second reading that people type: both are found.
_ALSO = {"长": "z", "行": "h", "重": "c", "调": "d", "乐": "y", "会": "k", "传": "z", "率": "s", "还": "h", "参": "s", "场": "c"}


def initials(name: str) -> str:
    """Return the first letters of a name, digits and letters as they are, other characters left out."""
    return "".join(_letter(char) for char in name)


def search_words(name: str) -> str:
    """Return what a search may find a name by: its first letters, in every reading, at most eight."""
    readings = [(_letter(char), *_ALSO.get(char, "")) for char in name]
    return " ".join("".join(letters) for letters in islice(product(*readings), MOST))


def _letter(char: str) -> str:
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    if not _STARTS[0] <= code < _LEVEL_TWO:
        return ""
    return _LETTERS[bisect_right(_STARTS, code) - 1]
