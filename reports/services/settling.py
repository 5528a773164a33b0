"""Settling numbers: what each token of a block shows is kept as a row, so that later changes of its sources are noticed."""

from django.utils import timezone

from reports.binding import MISSING, REFUSED, Binder, Bound
from reports.built import wanted_tokens
from reports.models import Block, BoundFigure

TOKEN_LENGTH = 200
SETTLED_FIELDS = ["status", "shown", "value", "reason", "source_hash", "sources", "settled_at"]


def settle_blocks(blocks: list[Block], binder: Binder, *, renew: bool = False) -> list[dict]:
    """Settle the tokens of blocks in three queries; returns what shows otherwise than before (block, token, old, new).

    What was settled before stays unless `renew`; what is kept with a note always does; missing and refused ones are always
    tried anew. Call it in a transaction.
    """
    standing = _standing(blocks)
    quoted = [(block, wanted_tokens(block, binder)) for block in blocks]
    binder.expect(token for _block, tokens in quoted for token in tokens.values())
    gone, rows, changes = [], [], []
    for block, tokens in quoted:
        stood = standing.get(block.pk, {})
        wanted = {raw[:TOKEN_LENGTH]: token for raw, token in tokens.items()}
        gone += [row.pk for raw, row in stood.items() if raw not in wanted]
        for raw, token in wanted.items():
            old = stood.get(raw)
            if old and (old.is_kept or (not renew and old.status not in (MISSING, REFUSED))):
                continue
            rows.append(bound_row(block, binder.bind(token)))
            if old and old.shown != rows[-1].shown:
                changes.append({"block": block.key, "token": raw, "old": old.shown, "new": rows[-1].shown})
    if gone:
        BoundFigure.objects.filter(pk__in=gone).delete()
    BoundFigure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["block", "token"], update_fields=SETTLED_FIELDS
    )  # fmt: skip
    return changes


def bound_row(block: Block, bound: Bound) -> BoundFigure:
    """Return the row that keeps a settled token."""
    return BoundFigure(
        report_id=block.report_id, block=block, token=bound.token.raw[:TOKEN_LENGTH], status=bound.status, shown=bound.shown,
        value=bound.value, reason=bound.reason, source_hash=bound.source_hash, sources=list(bound.sources),
        settled_at=timezone.now(),
    )  # fmt: skip


def _standing(blocks: list[Block]) -> dict[int, dict[str, BoundFigure]]:
    found: dict[int, dict[str, BoundFigure]] = {}
    for row in BoundFigure.objects.filter(block__in=[block.pk for block in blocks]):
        found.setdefault(row.block_id, {})[row.token] = row
    return found
