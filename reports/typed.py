"""Numbers typed by hand into a report: neither a token nor fixed text 〖…〗. What counts as a number says reports.numerals.

What a template brings is marked as fixed text when a report is drafted from it.
"""

import re
import unicodedata

from metrics.queries import YearBook
from reports.choices import BlockKind
from reports.models import Block
from reports.numerals import number_pattern
from reports.tokens import typed_spans, with_fixed


def pattern_of(book: YearBook) -> re.Pattern:
    """Return what finds numbers, by the measure words of the report's catalogue."""
    return number_pattern(row.measure for row in book.indicators.values())


def typed_numbers(blocks: list[Block], book: YearBook) -> dict[str, tuple[str, ...]]:
    """Return block key -> numbers typed by hand, in reading order; blocks without any, or left out, are not in it."""
    pattern = pattern_of(book)
    found = {block.key: numbers_in(printing_words(block), pattern) for block in blocks if not block.is_dropped}
    return {key: numbers for key, numbers in found.items() if numbers}


def printing_words(block: Block) -> str:
    """Return what a reader sees of a block's words; the lead of an annex names its kind of table."""
    return block.text if block.kind == BlockKind.ANNEX else f"{block.lead}\n{block.text}"


def numbers_in(text: str, pattern: re.Pattern) -> tuple[str, ...]:
    """Return the typed numbers of a text as they are listed: in half width."""
    return tuple(unicodedata.normalize("NFKC", text[start:end]) for start, end in typed_spans(text, pattern))


def with_numbers_fixed(text: str, pattern: re.Pattern, only: frozenset[str] | None = None) -> str:
    """Return the text with its typed numbers, or only those of these, as fixed text."""
    spans = typed_spans(text, pattern)
    numbers = zip(spans, numbers_in(text, pattern), strict=True)
    return with_fixed(text, [span for span, number in numbers if only is None or number in only])
