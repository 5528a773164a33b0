"""What a comment on a report is about: a block, or one number of it, named by its token."""

from __future__ import annotations

from reports.tokens import OPEN, tokens_of

MOST = 120  # characters an anchor may have; a longer token is kept by its beginning
MARK = "#"


def anchor_of(block_key: str, token: str = "") -> str:
    """Return the anchor of a block, or of a token in it."""
    return f"{block_key}{MARK}{token}"[:MOST] if token else block_key


def block_of(anchor: str) -> str:
    """Return the block's key of an anchor."""
    return anchor.partition(MARK + OPEN)[0]


def token_of(anchor: str) -> str:
    """Return the token of an anchor, or its beginning; "" for a comment on the whole block."""
    _key, mark, rest = anchor.partition(MARK + OPEN)
    return OPEN + rest if mark else ""


def is_about(anchor: str, block_key: str, token: str) -> bool:
    """Whether a comment is about this token of this block."""
    return bool(token_of(anchor)) and anchor == anchor_of(block_key, token)


def stands_in(anchor: str, text: str) -> bool:
    """Whether the number that a comment is about still stands in the block's text."""
    key = block_of(anchor)
    return any(is_about(anchor, key, token.raw) for token in tokens_of(text))
