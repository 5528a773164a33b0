"""The text a person edits: words, tokens 【name|period|format|whose|how】 and fixed text 〖…〗. Splits it; binds nothing.

The last two parts may be missing: `whose` is a village or 全区, `how` one of AGGREGATES (docs/tokens.md).

Concatenating what parse or sentences return gives the text back, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

OPEN, CLOSE = "【", "】"
FIXED_OPEN, FIXED_CLOSE = "〖", "〗"
SEPARATOR = re.compile("[|｜]")
PARTS = 3  # name, period, format; behind them at most one part saying whose figure it is and one saying how it is taken together
PER_MONTH, HIGHEST_MONTH = "月均", "最高月"
AGGREGATES = (PER_MONTH, HIGHEST_MONTH)

SENTENCE_ENDS = "。；！？;!?"
LINKS = ("；", ";")
PHRASE_ENDS = "，、"
PAIRS = dict(["“”", "‘’", "「」", "（）", "()", "《》", "〈〉", "〔〕", OPEN + CLOSE, FIXED_OPEN + FIXED_CLOSE])

_BRACKET = re.compile(f"[{OPEN}{CLOSE}\n]")
_FIXED = re.compile(f"{FIXED_OPEN}([^{FIXED_OPEN}{FIXED_CLOSE}\n]*){FIXED_CLOSE}")


@dataclass(frozen=True)
class Token:
    """One reference to a figure or list. `raw` is text[start:end]; an empty format means exact with measure.

    `scope`: whose figure, "" for the report's own unit; `aggregate`: how months are taken together, "" for the indicator's way.
    """

    name: str
    period: str
    format: str
    raw: str
    start: int
    end: int
    scope: str = ""
    aggregate: str = ""


class TokenError(ValueError):
    """A broken token at `position` (0-based, in characters of the text); str() and `reason` tell what to do."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


@dataclass(frozen=True)
class Fault:
    """A part of a text that cannot stand: where it starts (0-based), its length, what to do."""

    start: int
    length: int
    reason: str

    @property
    def place(self) -> int:
        """The place as people count characters."""
        return self.start + 1


@dataclass(frozen=True)
class _Broken:
    raw: str
    error: TokenError


def parse(text: str, *, strict: bool = True) -> tuple[str | Token, ...]:
    """Split a text into words and tokens. Separators may be | or ｜; spaces around a part are not part of it.

    Fixed text 〖…〗 stays in the words, marks included (see words_and_fixed); what looks like a token inside it is words.
    Raises TokenError for the first broken token; with strict=False a broken token is words, and nothing is lost.
    """
    pieces: list[str | Token] = []
    for piece in _scan(text):
        if isinstance(piece, _Broken):
            if strict:
                raise piece.error
            piece = piece.raw
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def problems(text: str) -> tuple[TokenError, ...]:
    """Return every broken token of the text, for the editor to show at once."""
    return tuple(piece.error for piece in _scan(text) if isinstance(piece, _Broken))


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text in order; broken ones are words."""
    return tuple(piece for piece in parse(text, strict=False) if isinstance(piece, Token))


def write_token(name: str, period: str, format: str = "", scope: str = "", aggregate: str = "") -> str:
    """Return the token's text, as the figure picker inserts it."""
    return OPEN + "|".join([name, period, format, *filter(None, (scope, aggregate))]) + CLOSE


def words_and_fixed(words: str) -> tuple[tuple[str, bool], ...]:
    """Return the words as they print, in stretches of (text, whether it is fixed text): 〖2025〗 without its marks."""
    pieces = ((text, place % 2 == 1) for place, text in enumerate(_FIXED.split(words)))
    return tuple((text, is_fixed) for text, is_fixed in pieces if text)


def printed_words(words: str) -> str:
    """Return words as they print: fixed text without its marks."""
    return "".join(text for text, _is_fixed in words_and_fixed(words))


def fixed_parts(words: str) -> tuple[str, ...]:
    """Return the fixed text among the words, without its marks, in reading order."""
    return tuple(text for text, is_fixed in words_and_fixed(words) if is_fixed)


def sentences(text: str) -> tuple[str, ...]:
    """Split a paragraph after 。；！？ (half-width ;!? too), each mark kept with its sentence.

    No split inside tokens, fixed text, quotes or brackets; an opening mark that is never closed protects nothing.
    """
    pieces, start, position = [], 0, 0
    closed_at = _pairs(text)
    while position < len(text):
        if position in closed_at:
            position = closed_at[position] + 1
        elif text[position] in SENTENCE_ENDS:
            position = _skip(text, position, SENTENCE_ENDS)
            if not text[position:].strip():
                position = len(text)
            pieces.append(text[start:position])
            start = position
        else:
            position += 1
    return (*pieces, text[start:]) if start < len(text) else tuple(pieces)


def phrases(sentence: str) -> tuple[tuple[str, str], ...]:
    """Split a sentence at ， and 、 into (words, mark); the last mark is the sentence's own. Joined they give it back.

    No split inside tokens, fixed text, quotes or brackets.
    """
    end = len(sentence.rstrip()) - len(_mark(sentence))
    closed_at, pieces, start, position = _pairs(sentence), [], 0, 0
    while position < end:
        if position in closed_at:
            position = closed_at[position]
        elif sentence[position] in PHRASE_ENDS:
            pieces.append((sentence[start:position], sentence[position]))
            start = position + 1
        position += 1
    return (*pieces, (sentence[start:end], sentence[end:]))


def drop_empty(parts: Iterable[str], left_of: Callable[[str], str]) -> str:
    """Join what `left_of` leaves of the sentences ("" for nothing), closing the text again where its end dropped out.

    A sentence that ended with ； ends in 。 once everything up to the end of its group has gone, so a paragraph
    that lost its last sentence is closed and does not run into the next group; the words that open a group (按层级分，) pass to
    the next sentence of it. Nothing left: "".
    """
    kept: list[str] = []
    opening, starts_group = "", True
    for part in parts:
        links, left = _mark(part) in LINKS, left_of(part)
        if left:
            kept.append(opening + left)
            opening = ""
        elif starts_group:
            opening = _opening(part) if links else ""
        if not links:
            if kept and not left:
                kept[-1] = _closed(kept[-1])
            opening = ""
        starts_group = not links
    return "".join(kept)


def _opening(sentence: str) -> str:
    """Return the words up to the first ， when they hold no token, else ""."""
    (words, mark), *_others = phrases(sentence)
    return words + mark if mark == "，" and not tokens_of(words) else ""


def typed_spans(text: str, pattern: re.Pattern) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of everything outside tokens and fixed text that the pattern finds, in reading order."""
    found, offset = [], 0
    for piece in parse(text, strict=False):
        if isinstance(piece, Token):
            offset = piece.end
            continue
        words = mask_fixed(piece)
        found += [(offset + match.start(), offset + match.end()) for match in pattern.finditer(words)]
        offset += len(piece)
    return tuple(found)


def with_fixed(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with stretches of words (start, end), none over another, marked as fixed text."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + FIXED_OPEN + text[start:end] + FIXED_CLOSE + text[end:]
    return text


def mask_fixed(words: str, sign: str = " ") -> str:
    """Return the words with a sign in place of every character of fixed text, its marks included."""
    return _FIXED.sub(lambda match: sign * len(match[0]), words)


def _scan(text: str) -> Iterator[str | Token | _Broken]:
    position = 0
    while position < len(text):
        char = text[position]
        if char == OPEN:
            piece = _token(text, position)
        elif char == CLOSE:
            piece = _Broken(char, TokenError(position, _("“】” has no “【” before it.")))
        elif char == FIXED_OPEN and (fixed := _FIXED.match(text, position)):
            piece = fixed[0]
        elif char in (FIXED_OPEN, FIXED_CLOSE):
            piece = _Broken(char, TokenError(position, _("“〖” and “〗” must stand in pairs on one line.")))
        else:
            piece = text[position : _skip_words(text, position)]
        yield piece
        position += len(piece if isinstance(piece, str) else piece.raw)


def _token(text: str, start: int) -> Token | _Broken:
    """Read the token that opens at `start`; a broken one reaches up to the next bracket or the line's end."""
    stop = _BRACKET.search(text, start + 1)
    end = stop.start() if stop else len(text)
    if not stop or stop[0] != CLOSE:
        return _Broken(text[start:end], TokenError(start, _open_reason(text[start:end], nested=bool(stop) and stop[0] == OPEN)))
    raw = text[start : end + 1]
    parts = [part.strip() for part in SEPARATOR.split(raw[1:-1])]
    if reason := _parts_reason(raw, parts):
        return _Broken(raw, TokenError(start, reason))
    name, period, format_ = (*parts, "")[:PARTS]
    scope, aggregate = _more_parts(parts)
    return Token(name, period, format_, raw, start, end + 1, scope, aggregate)


def _more_parts(parts: list[str]) -> tuple[str, str]:
    """Return whose and how; the words of AGGREGATES are kept for the latter."""
    more = parts[PARTS:]
    aggregate = more.pop() if more and more[-1] in AGGREGATES else ""
    return (more[0] if more else ""), aggregate


def _open_reason(raw: str, *, nested: bool) -> str:
    if nested:
        return _("“%(raw)s” is not closed before the next “【”; figures do not nest.") % {"raw": _short(raw)}
    return _("“%(raw)s” has no closing “】” on this line.") % {"raw": _short(raw)}


def _parts_reason(raw: str, parts: list[str]) -> str:
    shape = {"raw": _short(raw)}
    if len(parts) > PARTS and not all(parts[PARTS:]):
        return _("“%(raw)s” has nothing behind its last “|”; take the “|” out, or name a village, 全区, 月均 or 最高月.") % shape
    if len(parts) > PARTS + 2 or len(parts) == PARTS + 2 and (parts[-1] not in AGGREGATES or parts[-2] in AGGREGATES):
        return _("“%(raw)s” has too many “|”; write 【name|period|format】, then whose figure, then 月均 or 最高月.") % shape
    if not parts[0]:
        return _("“%(raw)s” names no figure; write 【name|period|format】.") % shape
    if len(parts) == 1 or not parts[1]:
        return _("“%(raw)s” names no period; write 【name|period|format】, for example “今年以来”.") % shape
    return ""


def _short(raw: str, limit: int = 24) -> str:
    return raw if len(raw) <= limit else raw[:limit] + "…"


def _skip_words(text: str, position: int) -> int:
    while position < len(text) and text[position] not in (OPEN, CLOSE, FIXED_OPEN, FIXED_CLOSE):
        position += 1
    return position


def _skip(text: str, position: int, characters: str) -> int:
    while position < len(text) and text[position] in characters:
        position += 1
    return position


def _pairs(text: str) -> dict[int, int]:
    """Return where each bracket or quote that opens is closed on its line; one that never is, is left out."""
    closed_at: dict[int, int] = {}
    opened: dict[str, list[int]] = {closer: [] for closer in PAIRS.values()}
    for position, char in enumerate(text):
        if char == "\n":
            opened = {closer: [] for closer in opened}
        elif char in PAIRS:
            opened[PAIRS[char]].append(position)
        elif opened.get(char):
            closed_at[opened[char].pop()] = position
    return closed_at


def _mark(sentence: str) -> str:
    """Return the sentence's closing mark, or "" when it has none."""
    last = sentence.rstrip()[-1:]
    return last if last and last in SENTENCE_ENDS else ""


def _closed(sentence: str) -> str:
    """Return the sentence ended by 。 if it ended by ；, else as it is."""
    return sentence.rstrip().rstrip(SENTENCE_ENDS) + "。" if _mark(sentence) in LINKS else sentence
