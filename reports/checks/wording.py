"""Checks of words alone: punctuation, digits, doubled phrases, claims of a whole year, characters that no font has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _

from metrics.periods import LAST_MONTH
from reports.checks.findings import Finding, Fix, Level, check, edits, named
from reports.checks.manuscript import MASK, Manuscript, is_above_figures, masked, read_text
from reports.choices import BlockKind
from reports.models import Block
from reports.render.fonts import FontsMissing, missing_characters
from reports.tokens import sentences

WIDE = f"[\u3400-\u9fff“”《》〈〉（）〔〕、，。；：！？%％{MASK}]"
NARROW = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）", ".": "。"}
_NARROW = re.compile(rf"(?<={WIDE})[,;:?!()]|[,;:?!()](?={WIDE})|(?<={WIDE})\.(?![0-9A-Za-z])")
_WIDE_DIGITS = re.compile("[０-９]+(?:．[０-９]+)?")
RANKED_MARKS = "、，：；。！？"
_DOUBLED = re.compile("([、，：；。])[、，：；。]+|！{2,}|？{2,}|[！？][、，：；。]+|[、，：；。]+[！？]")
THIS_YEAR = "今年以来"
_TWICE = re.compile(f"{THIS_YEAR}，?")
_CLAUSE = re.compile("[^，。；！？\n]+")
_EARLY = re.compile(
    "(?<!去年)(?<!上年)(?<!往年)(?:全年(?!龄|目标|任务|计划|度)|圆满完成|(?<!到)(?<!力争)(?<!年)年底(?!前)|(?<!去)(?<!上)年年底(?!前))"
)
EARLY_INSTEAD = {"全年": THIS_YEAR, "年底": "目前"}


def _parts(block: Block, *, fixed_too: bool = True) -> tuple[str, str]:
    """Return run-in title and text, masked."""
    return block.lead, masked(block.text, fixed_too=fixed_too)


def _replaced(block: Block, pattern: re.Pattern, new, *, fixed_too: bool = True) -> tuple[list[str], Fix | None]:
    """Return what a pattern finds in a block with what stands around it, and the fix that replaces it all."""
    lead, text = _parts(block, fixed_too=fixed_too)
    found = [(part, match) for part in (lead, text) for match in pattern.finditer(part)]
    if not found:
        return [], None
    around = [_around(part, match) for part, match in found]
    changed = [edits(raw, [(match.start(), match.end(), new(match[0])) for match in pattern.finditer(part)])
               for raw, part in ((block.lead, lead), (block.text, text))]  # fmt: skip
    return around, Fix(_("Put right"), text=changed[1], lead=changed[0])


def _around(part: str, match: re.Match) -> str:
    return part[max(match.start() - 3, 0) : match.end() + 3].replace(MASK, "").replace("\n", " ") or match[0]


def _quoted(found: list[str]) -> str:
    return named(f"“{words}”" for words in found)


@check
def half_width(script: Manuscript) -> Iterator[Finding]:
    """Half-width punctuation beside Chinese words (GB/T 15834-2011)."""
    for block in script.written:
        found, fix = _replaced(block, _NARROW, NARROW.__getitem__)
        if found:
            words = _("Half-width punctuation in Chinese text: %(found)s.") % {"found": _quoted(found)}
            yield Finding("half_width", Level.CONFIRM, block.key, words, _("Write ，。：；（） in full width."), fix)


@check
def wide_digits(script: Manuscript) -> Iterator[Finding]:
    """Full-width digits (GB/T 15835-2011 writes them in half width)."""
    for block in script.written:
        found, fix = _replaced(block, _WIDE_DIGITS, lambda digits: unicodedata.normalize("NFKC", digits), fixed_too=False)
        if found:
            words = _("Full-width digits: %(found)s.") % {"found": _quoted(found)}
            yield Finding("wide_digits", Level.CONFIRM, block.key, words, _("Write digits in half width."), fix)


@check
def doubled_marks(script: Manuscript) -> Iterator[Finding]:
    """Two punctuation marks where one belongs; …… and —— are one."""
    for block in script.written:
        found, fix = _replaced(block, _DOUBLED, _strongest)
        if found:
            words = _("Doubled punctuation: %(found)s.") % {"found": _quoted(found)}
            yield Finding("doubled_marks", Level.CONFIRM, block.key, words, _("Keep one mark."), fix)


def _strongest(marks: str) -> str:
    return max(marks, key=RANKED_MARKS.index)


@check
def this_year_twice(script: Manuscript) -> Iterator[Finding]:
    """今年以来 twice in one sentence."""
    for block in script.written:
        place, later = 0, []
        for line in masked(block.text).splitlines(keepends=True):
            for sentence in sentences(line):
                found = list(_TWICE.finditer(sentence))
                later += [(place + match.start(), place + match.end(), "") for match in found[1:]]
                place += len(sentence)
        if later:
            fix = Fix(_("Take out the later one"), text=edits(block.text, later), lead=block.lead)
            words = _("“%(words)s” stands twice in one sentence.") % {"words": THIS_YEAR}
            yield Finding("this_year_twice", Level.CONFIRM, block.key, words, _("Once is enough."), fix)


@check
def too_early(script: Manuscript) -> Iterator[Finding]:
    """Words of a finished year before December's figures are in; with a figure beside them they are a false claim."""
    cutoff = script.report.cutoff_month
    if cutoff >= LAST_MONTH:
        return
    for block in script.written:
        if block.key not in script.planning:
            yield from _early_claims(block, cutoff)


def _early_claims(block: Block, cutoff: int) -> Iterator[Finding]:
    clauses = list(_CLAUSE.finditer(masked(read_text(block))))
    hits = [(clause, match) for clause in clauses for match in _EARLY.finditer(clause[0])]
    if not hits:
        return
    has_figure = is_above_figures(block) or any(MASK in clause[0][match.end() :] for clause, match in hits)
    level = Level.BLOCKING if has_figure else Level.CONFIRM
    changes = [
        (clause.start() + match.end() - 2, clause.start() + match.end(), EARLY_INSTEAD[match[0][-2:]])
        for clause, match in hits if match[0][-2:] in EARLY_INSTEAD and match[0] != "圆满完成"
    ]  # fmt: skip
    fix = Fix(_("Write 今年以来 or 目前"), text=edits(block.text, changes), lead=block.lead) if changes else None
    values = {"found": _quoted([match[0] for _clause, match in hits]), "cutoff": cutoff}
    words = _("%(found)s claims a whole year, but the figures end with month %(cutoff)d.") % values
    yield Finding("too_early", level, block.key, words, _("Write 今年以来 or 目前, or wait for December."), fix, seen=str(cutoff))


ROLES = {1: "hei", 2: "kai"}


@check
def no_font(script: Manuscript) -> Iterator[Finding]:
    """缺字: characters that no font has; they would print as 〓. Often they come of a wrong character set."""
    for block in script.written:
        shown = block.lead + block.text + "".join(row.shown for row in script.figures_of(block).values())
        rare = "".join(char for char in dict.fromkeys(shown) if not _is_common(char))
        if rare and (lost := _missing(rare, block)):
            words = _("No font has %(chars)s; it prints as 〓.") % {
                "chars": named(f"“{char}”（U+{ord(char):04X}）" for char in lost)
            }
            yield Finding("no_font", Level.CONFIRM, block.key, words, _("Write the character otherwise, or describe it."))


def _is_common(char: str) -> bool:
    """Whether GB 2312 has it: every face shows those."""
    return bool(char.isspace() or char.encode("gb2312", "ignore"))


def _missing(chars: str, block: Block) -> list[str]:
    role = ROLES.get(block.level, "body") if block.kind == BlockKind.HEADING else "body"
    try:
        return missing_characters(chars, role)
    except FontsMissing:
        return []  # the export says it, and script/setup mends it
