"""Numbers typed by hand into a report: digits that are neither a token, nor fixed text 〖…〗, nor the template's own."""

import unicodedata
from collections import Counter

from accounts.models import Unit
from reports.assembly import CONTENT_KINDS
from reports.choices import BlockKind
from reports.models import Block, Report
from reports.queries import template_for
from reports.template_files import block_values, fill
from reports.tokens import typed_digits


def typed_numbers(report: Report, blocks: list[Block], unit: Unit | None = None) -> dict[str, tuple[str, ...]]:
    """Return block key -> numbers typed by hand, in reading order; blocks without any, or left out, are not in it.

    A number that the block's template text holds once its parameters are filled in may stand as often as it does there.
    `unit` is the report's, for a caller that has it with its district.
    """
    found = {}
    allowed = _template_numbers(report, unit or report.unit)
    for block in blocks:
        typed = () if block.is_dropped else _beyond(_numbers(_words(block.kind, block.lead, block.text)), allowed.get(block.key))
        if typed:
            found[block.key] = typed
    return found


def _template_numbers(report: Report, unit: Unit) -> dict[str, Counter]:
    template = template_for(unit, report.year)
    if template is None:
        return {}
    values = block_values(report, unit, template.content)
    return {
        row["key"]: Counter(_numbers(fill(_words(row["kind"], row.get("lead", ""), row.get("text", "")), values)))
        for row in template.content["blocks"]
    }


def _words(kind: str, lead: str, text: str) -> str:
    """Return what a reader sees of a block; the lead of an annex names its kind of table."""
    return f"{lead}\n{text}" if kind in (*CONTENT_KINDS, BlockKind.HEADING) else text


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFKC", text[start:end]) for start, end in typed_digits(text))


def _beyond(numbers: tuple[str, ...], allowed: Counter | None) -> tuple[str, ...]:
    """Return the numbers that stand more often than they may."""
    left, beyond = Counter(allowed), []
    for number in numbers:
        if left[number]:
            left[number] -= 1
        else:
            beyond.append(number)
    return tuple(beyond)
