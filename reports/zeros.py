"""A count of 0 is no achievement: where it stands, its clause or its whole sentence is left out. The one rule (ADR 0004).

- Parts joined by 、 of which others count something: the part at 0 leaves the list.
- A clause (up to ，) at 0 after one that counts something: the clause goes.
- Otherwise nothing before it counts anything: the sentence goes.

A rate, a comparison or a set standard at 0 is none of this; nor are incidents (起) and 纯数, whose 0 the author wants to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.figure_kinds import FigureKind
from reports.formats import EXACT
from reports.tokens import phrases, tokens_of
from reports.wording import EMPTY

ZERO = "zero"
COUNTING_KINDS = (FigureKind.COUNT, FigureKind.STOCK, FigureKind.SERIAL)
COUNTING_FORMATS = (EXACT, "余", "多", "近", "超", "突破", "以上", "约", "十余", "万", "期数", "中文项数", "中文数")
INCIDENTS = "起"
# Keys of the sources of what counts nothing: by which figure a unit is ranked, for which year the district has set a standard.
RANKED, SET_FOR = "ranked", "set_for"


def is_empty_count(kind: FigureKind, measure: str, format_name: str, value) -> bool:
    """Whether a figure in this format would only state that there was nothing."""
    return value == 0 and kind in COUNTING_KINDS and format_name in COUNTING_FORMATS and measure != INCIDENTS


@dataclass
class _Phrase:
    """Words up to ， or 、 or the sentence's end, apart from that mark; `zeros` and `counts` are tokens at 0 and above it."""

    words: str
    mark: str
    zeros: int
    counts: int
    is_out: bool = False


def printed_parts(sentence: str, settled) -> tuple[tuple[str, bool], ...]:
    """Return the sentence in pieces (text, whether it is left out); joined they are the sentence.

    `settled` maps a token's raw text to what it was settled to; an empty token takes the whole sentence.
    """
    return tuple((words + mark, is_out) for words, mark, is_out in _pieces(sentence, settled))


def printed(sentence: str, settled) -> str:
    """Return what is left of the sentence, "" for nothing; the marks of what went close up."""
    text, mark = "", ""
    for words, part_mark, is_out in _pieces(sentence, settled):
        if not is_out:
            text, mark = (text + mark + words if text else words), part_mark
        elif text:
            mark = _stronger(mark, part_mark)
    return text + mark if text else ""


def _pieces(sentence: str, settled) -> list[tuple[str, str, bool]]:
    statuses = {row.status for token in tokens_of(sentence) if (row := settled.get(token.raw))}
    if EMPTY in statuses or ZERO not in statuses:
        return [(sentence, "", EMPTY in statuses)]
    return [(row.words, row.mark, row.is_out) for row in _judged(sentence, settled)]


def _judged(sentence: str, settled) -> list[_Phrase]:
    rows = [_phrase(words, mark, settled) for words, mark in phrases(sentence)]
    has_counted = False
    for clause in _clauses(rows):
        zero = [row for row in clause if row.zeros]
        if any(row.counts and not row.zeros for row in clause):
            out = zero
        elif zero and not has_counted:
            out = rows
        else:
            out = clause if zero else []
        for row in out:
            row.is_out = True
        has_counted |= any(row.counts and not row.is_out for row in clause)
    return rows


def _clauses(rows: list[_Phrase]) -> list[list[_Phrase]]:
    clauses: list[list[_Phrase]] = [[]]
    for row in rows:
        clauses[-1].append(row)
        if row.mark != "、":
            clauses.append([])
    return clauses


def _phrase(words: str, mark: str, settled) -> _Phrase:
    bound = [settled.get(token.raw) for token in tokens_of(words)]
    return _Phrase(words, mark, sum(bool(row) and row.status == ZERO for row in bound), sum(map(_counts, bound)))


def _counts(row) -> bool:
    """Whether a settled token counts something: a list has no value, a set standard and a rank no months or items."""
    own = bool(row) and any(not {RANKED, SET_FOR} & source.keys() for source in row.sources)
    return own and row.status != ZERO and row.value is not None


def _stronger(left: str, right: str) -> str:
    order = ("", "、", "，")
    return max(left, right, key=lambda mark: order.index(mark) if mark in order else len(order))
