"""Entries of a ledger that are probably the same thing entered again."""

from __future__ import annotations

from metrics.ledger_forms import folded
from metrics.ledgers import LedgerKind

MOST_DUPLICATES = 5


def duplicates(kind: LedgerKind, entry) -> list:
    """Return entries of the township that agree with this one in the fields of the ledger's identity, newest first.

    Texts are compared without spaces, width and case. A blank place agrees with a blank place only.
    """
    exact = {name: getattr(entry, name) for name in kind.identity if not kind.is_text(name)}
    texts = [name for name in kind.identity if kind.is_text(name)]
    wanted = [folded(getattr(entry, name)) for name in texts]
    same = kind.entries(entry.unit).filter(**exact).exclude(pk=entry.pk).select_related(*kind.references)
    return [row for row in same if [folded(getattr(row, name)) for name in texts] == wanted][:MOST_DUPLICATES]
