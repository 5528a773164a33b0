"""Numbers typed by hand into a report: neither a token, nor fixed text 〖…〗, nor the template's own. See reports.numerals."""

import re
import unicodedata
from collections import Counter
from functools import reduce
from operator import or_

from accounts.models import Unit
from metrics.queries import YearBook
from reports.alternatives import wordings
from reports.assembly import CONTENT_KINDS
from reports.choices import BlockKind
from reports.models import Block, Report
from reports.numerals import number_pattern
from reports.queries import template_behind
from reports.template_files import block_values, fill
from reports.tokens import typed_spans


def typed_numbers(report: Report, blocks: list[Block], book: YearBook) -> dict[str, tuple[str, ...]]:
    """Return block key -> numbers typed by hand, in reading order; blocks without any, or left out, are not in it.

    A number that the block's template text holds once its parameters are filled in may stand as often as it does there.
    `book` is the report's: its unit and the catalogue's measure words.
    """
    found = {}
    pattern = number_pattern(row.measure for row in book.indicators.values())
    allowed = _template_numbers(report, book.unit, pattern)
    for block in blocks:
        words = "" if block.is_dropped else _words(block.kind, block.lead, block.text)
        if typed := _beyond(_numbers(words, pattern), allowed.get(block.key)):
            found[block.key] = typed
    return found


def _template_numbers(report: Report, unit: Unit, pattern: re.Pattern) -> dict[str, Counter]:
    """Return how often a number stands in a block of the report's template; in one with several wordings the most of any."""
    template = template_behind(report)
    if template is None:
        return {}
    content = template.content
    values, found = block_values(report, unit, content), {}
    for row in content["blocks"]:
        texts = [fill(_words(row["kind"], row.get("lead", ""), wording["text"]), values) for wording in wordings(row)]
        found[row["key"]] = reduce(or_, (Counter(_numbers(text, pattern)) for text in texts))
    return found


def _words(kind: str, lead: str, text: str) -> str:
    """Return what a reader sees of a block; the lead of an annex names its kind of table."""
    return f"{lead}\n{text}" if kind in (*CONTENT_KINDS, BlockKind.HEADING) else text


def _numbers(text: str, pattern: re.Pattern) -> tuple[str, ...]:
    return tuple(number_at(text, start, end) for start, end in typed_spans(text, pattern))


def number_at(text: str, start: int, end: int) -> str:
    """Return a number as it is listed: in half width."""
    return unicodedata.normalize("NFKC", text[start:end])


def _beyond(numbers: tuple[str, ...], allowed: Counter | None) -> tuple[str, ...]:
    """Return the numbers that stand more often than they may."""
    left, beyond = Counter(allowed), []
    for number in numbers:
        if left[number]:
            left[number] -= 1
        else:
            beyond.append(number)
    return tuple(beyond)
