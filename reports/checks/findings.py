"""What a check says, and the register of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from reports.checks.manuscript import Manuscript

MOST_NAMED = 3


class Level(StrEnum):
    """blocking: neither submitted nor exported; confirm: take back or say why it stands; hint: for the reader to know."""

    BLOCKING = "blocking"
    CONFIRM = "confirm"
    HINT = "hint"


LEVELS = tuple(Level)


@dataclass(frozen=True)
class Fix:
    """One click that takes a finding away: the block's text and run-in title afterwards; or its numbers updated (`renews`)."""

    label: str
    text: str = ""
    lead: str = ""
    renews: bool = False


@dataclass(frozen=True)
class Finding:
    """Something found in a report: which check, how serious, in which block ("": none), in words, and what to do.

    `seen` are facts beside the block's text that it rests on: with other facts, or another text, it is another finding.
    `links` are (label, address) of places outside the report; `stops_export` False: in the way of submitting alone;
    `must_confirm`: of level confirm, and as long as nobody has said why it stands, in the way like one that blocks.
    """

    check: str
    level: Level
    block_key: str
    words: str
    way_out: str = ""
    fix: Fix | None = None
    seen: str = ""
    links: tuple[tuple[str, str], ...] = ()
    stops_export: bool = True
    must_confirm: bool = False
    basis: str = ""

    @property
    def mark(self) -> str:
        """Return what a confirmation of it is kept under: another text of the block, or other facts, give another mark."""
        return sha256("\0".join((self.check, self.block_key, self.seen, self.basis)).encode(errors="surrogatepass")).hexdigest()

    @property
    def anchor(self) -> str:
        """Return its place on the page."""
        return f"b-{self.block_key}" if self.block_key else "rp-head"


Check = Callable[[Manuscript], Iterable[Finding]]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Register a check under its name."""
    CHECKS[function.__name__] = function
    return function


def run_checks(script: Manuscript) -> list[Finding]:
    """Return everything that the checks find, the serious first, each level in the order of the report."""
    texts = {block.key: f"{block.lead}\n{block.text}" for block in script.blocks}
    order = {block.key: place for place, block in enumerate(script.blocks)}
    found = [_with_basis(row, texts) for run in CHECKS.values() for row in run(script)]
    return sorted(found, key=lambda row: (LEVELS.index(row.level), order.get(row.block_key, -1)))


def _with_basis(finding: Finding, texts: dict[str, str]) -> Finding:
    return Finding(**{**vars(finding), "basis": texts.get(finding.block_key, "")})


def named(words: Iterable[str]) -> str:
    """Return the first few of some words, joined by 、, with 等 where there are more."""
    rows = list(dict.fromkeys(words))
    return "、".join(rows[:MOST_NAMED]) + ("等" if len(rows) > MOST_NAMED else "")


def edits(text: str, changes: Iterator[tuple[int, int, str]] | list[tuple[int, int, str]]) -> str:
    """Return the text with stretches (start, end) replaced."""
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text
