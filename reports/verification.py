"""The verification code of an approved version: twelve signs that stand on every export of it and lead back to it.

The code is the first 60 bits of the frozen document's sha256 in letters and digits that cannot be taken for one another
(no I, L, O, U), in three groups of four.
"""

from __future__ import annotations

import re

from reports.document import ReportDocument

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, BITS = 12, 5
HEX_DIGITS = LENGTH * BITS // 4
READ_AS = str.maketrans("OIL", "011")


def code_of(sha256: str) -> str:
    """Return the code of a hash: "3FQ0-X7KM-20PD"."""
    number = int(sha256[:HEX_DIGITS], 16)
    signs = "".join(SIGNS[number >> BITS * place & 31] for place in reversed(range(LENGTH)))
    return "-".join(signs[start : start + 4] for start in range(0, LENGTH, 4))


def hash_start(code: str) -> str | None:
    """Return the first 15 hex digits of the hash that a code stands for, None for what is no code.

    Small letters, spaces and missing dashes do not matter; O reads as 0, I and L as 1.
    """
    signs = re.sub(r"[\s\-—－]", "", code).upper().translate(READ_AS)
    if len(signs) != LENGTH or not set(signs) <= set(SIGNS):
        return None
    number = 0
    for sign in signs:
        number = number << BITS | SIGNS.index(sign)
    return f"{number:0{HEX_DIGITS}x}"


def mark_of(document: ReportDocument) -> str:
    """Return the line that an approved version carries in print, an empty one for a draft. Its words are the document's."""
    return f"第{document.version}版　校验码 {code_of(document.sha256)}" if document.is_approved else ""
