"""Whether a list is as long as the count word beside it says: 甲、乙、丙三个, 五大行动：甲、乙 …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from reports.binding import OK
from reports.checks.findings import Finding, Level, check
from reports.checks.manuscript import Manuscript, read_text
from reports.grounds import things_of
from reports.models import Block, BoundFigure
from reports.tokens import parse, printed_words, sentences

ITEM, LIST_END = "\ue000", "\ue001"  # an item of a bound list; the end of one that names not all (等)
_ONES = "一二两三四五六七八九"
NUMBERS = {char: place for place, char in enumerate("一二三四五六七八九", start=1)} | {"两": 2, "十": 10}
_NUMBER = f"(?:[0-9]{{1,2}}|十?[{_ONES}]|[二三四五六七八九]?十[{_ONES}]?)"
MEASURES = "大|个|项|类|种"
_AFTER = re.compile(rf"(?P<etc>等?)(?P<number>{_NUMBER})(?P<measure>{MEASURES})(?![人月年次])")
_BEFORE = re.compile(
    rf"(?<!第)(?P<number>{_NUMBER})(?P<measure>{MEASURES})[^、，。；：（）]{{0,10}}(?:[：:（]|即|分别是|包括|分别为)"
)
CLAUSE_ENDS, LIST_STOPS = "，。；：！？（\n", "，。；！？）\n"
AND = re.compile("[和与及]|以及")
# Set phrases whose number counts nothing in the sentence: 四个意识, 二十大.
NAMES = ("意识", "自信", "维护", "确立", "务必", "全面", "统筹", "结合", "文明")
LARGEST_OF_GREAT = 10
# What may not stand between a list and its count word: then the word counts something else.
VERBS = ("开展", "实施", "推进", "组织", "打造", "建设", "抓好", "做好", "完成", "举办", "形成", "建立", "聚焦", "围绕", "做到",
         "建成", "创建", "设立", "新增", "增强", "坚持", "落实", "召开", "共", "有", "分", "为", "的", "了", "近", "超", "约",
         "达", "在", "和", "与", "及", "“", "《")  # fmt: skip


@check
def list_length(script: Manuscript) -> Iterator[Finding]:
    """A list beside a count word that says another number; a bound list is sure, a typed one is for the author to judge."""
    for block in script.written:
        found = [row for line in read_text(block).split("\n") for sentence in sentences(line)
                 for row in _faults(_counted_text(sentence, script.figures_of(block)))]  # fmt: skip
        for said, counted, is_bound in dict.fromkeys(found):
            yield _finding(block, said, counted, is_bound)


def _finding(block: Block, said: str, counted: int, is_bound: bool) -> Finding:
    words = _("It says “%(said)s”, but the list beside it has %(counted)d.") % {"said": said, "counted": counted}
    level = Level.BLOCKING if is_bound else Level.CONFIRM
    seen = f"{said}:{counted}"
    return Finding("list_length", level, block.key, words, _("Count the list, and mend the word or the list."), seen=seen)


def _counted_text(sentence: str, figures: dict[str, BoundFigure]) -> str:
    """Return the sentence as it prints, each item of a bound list as one sign with 、 between."""
    pieces = parse(sentence, strict=False)
    return "".join(printed_words(piece) if isinstance(piece, str) else _shown(figures.get(piece.raw)) for piece in pieces)


def _shown(row: BoundFigure | None) -> str:
    if row is None or row.status != OK:
        return ""
    if row.value is not None or not any("item" in source for source in row.sources):
        return row.shown
    return "、".join(ITEM * len(things_of(row.sources))) + (LIST_END if row.shown.rstrip().endswith("等") else "")


def _faults(text: str) -> Iterator[tuple[str, int, bool]]:
    for match in _AFTER.finditer(text):
        words = _list_before(text[: match.start()])
        is_beside = words.rstrip(LIST_END).endswith(ITEM) if ITEM in words else not words.split("、")[-1].endswith(VERBS)
        if is_beside and words[-1:] not in ("", "、") and not _is_name(match, text):
            yield from _judged(match, words, bool(match["etc"]))
    for match in _BEFORE.finditer(text):
        words = _list_after(text[match.end() :])
        if not _is_name(match, text) and (ITEM not in words or words.startswith(ITEM)):
            yield from _judged(match, words, has_etc=False)


def _is_name(match: re.Match, text: str) -> bool:
    number = number_of(match["number"])
    follows = text[match.end("measure") :].startswith(NAMES)
    return number < 2 or follows or (match["measure"] == "大" and number > LARGEST_OF_GREAT)


def _judged(match: re.Match, words: str, has_etc: bool) -> Iterator[tuple[str, int, bool]]:
    items = words.split("、")
    counted, said = len(items), number_of(match["number"])
    if counted < 2:
        return
    has_etc = has_etc or LIST_END in words or items[-1].rstrip(LIST_END).endswith("等")
    joined = 1 if AND.search(items[-1]) else 0
    fits = said >= counted if has_etc else counted <= said <= counted + joined
    if not fits:
        yield match["number"] + match["measure"], counted, ITEM in words


def _list_before(text: str) -> str:
    """Return the words of the clause that ends here; brackets and quotes count as one item's."""
    start = max((text.rfind(mark) for mark in CLAUSE_ENDS), default=-1) + 1
    return text[start:]


def _list_after(text: str) -> str:
    stop = min((place for mark in LIST_STOPS if (place := text.find(mark)) >= 0), default=len(text))
    words = text[:stop]
    return words if "、" in words else ""


def number_of(text: str) -> int:
    """Return what a short numeral says: 12, 五, 十二, 二十."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (NUMBERS.get(tens, 1) * 10 if ten else 0) + NUMBERS.get(ones, 0)
