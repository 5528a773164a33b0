"""The order of a report's blocks: where one may stand and whether it may go. The one rule for services and buttons."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.choices import BlockKind
from reports.models import Block
from workflow.transitions import Refused

MOST_BLOCKS = 400


@dataclass(frozen=True)
class Places:
    """What the buttons of a block do: the keys of the blocks it would pass ("": none), and why a button is refused."""

    up: str
    down: str
    why_not_up: str
    why_not_down: str
    why_not_delete: str


def places_of(blocks: list[Block], index: int, open_threads: int) -> Places:
    """Return where the block at `index` can go."""
    block = blocks[index]
    above = blocks[index - 1] if index else None
    below = blocks[index + 1] if index + 1 < len(blocks) else None
    return Places(
        above.key if above else "", below.key if below else "", passing_fault(block, above), passing_fault(block, below),
        deletion_fault(block, open_threads),
    )  # fmt: skip


def passing_fault(block: Block, other: Block | None) -> str:
    """Return why a block cannot change places with a neighbour, "" when it can. Blocks of the template may be moved too."""
    if other is None:
        return _("There is nothing beyond: this is the report's end on that side.")
    if (block.kind == BlockKind.ANNEX) != (other.kind == BlockKind.ANNEX):
        return _("Annexes stand behind the text; within it, and among themselves, blocks can be moved.")
    return ""


def deletion_fault(block: Block, open_threads: int) -> str:
    """Return why a block cannot be deleted, "" when it can: what the template put in is left out or emptied instead."""
    if not block.is_added and block.is_optional:
        return _("This paragraph comes from the template; leave it out instead, then it can be taken in again.")
    if not block.is_added:
        return _("This paragraph belongs to every report; empty its text instead of leaving it out.")
    if open_threads:
        return _("This paragraph has open comments; answer them and have them closed first.")
    return ""


def place_after(blocks: list[Block], key: str, kind: str) -> int:
    """Return the index at which a new block of a kind goes in behind the block `key` ("": first); annexes go to the annexes.

    Raises Refused when that block is gone.
    """
    index = next((place for place, row in enumerate(blocks, start=1) if row.key == key), 0 if not key else None)
    if index is None:
        raise Refused(_("The paragraph before this place is gone by now; choose the place again."))
    first_annex = next((place for place, row in enumerate(blocks) if row.kind == BlockKind.ANNEX), len(blocks))
    return max(index, first_annex) if kind == BlockKind.ANNEX else min(index, first_annex)
