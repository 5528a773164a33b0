"""Paragraphs copied from last year's report: what people wrote themselves, for the template's sentences repeat on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from reports.alternatives import wordings
from reports.checks.findings import Finding, Level, check
from reports.checks.manuscript import Manuscript
from reports.choices import BlockKind
from reports.drafting import fitted
from reports.models import Block
from reports.template_files import block_values, fill
from reports.tokens import parse, printed_words, sentences

ALIKE = 0.9
LEAST_CHARACTERS = 20
TITLES = (BlockKind.HEADING, BlockKind.TABLE, BlockKind.CHART)


@check
def copied_text(script: Manuscript) -> Iterator[Finding]:
    """A paragraph of which nine tenths of the own words stood in last year's report; headings and titles may stay."""
    if script.before is None:
        return
    last_year, blocks = script.before
    shipped = _template_sentences(script)
    old = {row.key: _own_words(row, shipped) for row in blocks if not row.is_dropped and row.kind != BlockKind.ANNEX}
    for block in script.written:
        words = _own_words(block, shipped)
        if block.kind not in TITLES and len(words) >= LEAST_CHARACTERS and _is_copied(words, block.key, old):
            text = _("Nine tenths or more of what was written here stand in the report of %(year)d.") % {"year": last_year.year}
            yield Finding("copied_text", Level.CONFIRM, block.key, text, _("Write what is new this year, or say why it stands."))


def _is_copied(words: str, key: str, old: dict[str, str]) -> bool:
    candidates = [old[key]] if key in old else []
    candidates += [text for other, text in old.items() if other != key]
    return any(_is_alike(words, text) for text in candidates)


def _is_alike(words: str, text: str) -> bool:
    if len(text) < LEAST_CHARACTERS:
        return False
    matcher = SequenceMatcher(None, words, text, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _own_words(block: Block, shipped: set[str]) -> str:
    """Return run-in title and sentences that no template holds; a number counts by its name, so other values are no news."""
    own = [words for line in block.text.split("\n") for sentence in sentences(line)
           if (words := _by_name(sentence)) and words not in shipped]  # fmt: skip
    return "".join(own)


def _by_name(sentence: str) -> str:
    pieces = parse(sentence, strict=False)
    return "".join(printed_words(piece) if isinstance(piece, str) else f"【{piece.name}】" for piece in pieces).strip()


def _template_sentences(script: Manuscript) -> set[str]:
    if script.template is None:
        return set()
    content = script.template.content
    values = block_values(script.report, script.binder.book.unit, content)
    texts = [fill(wording["text"], values) for row in content["blocks"] for wording in wordings(row)]
    texts += [fitted(text, script.binder) for text in texts]
    return {_by_name(sentence) for text in texts for line in text.split("\n") for sentence in sentences(line)}
