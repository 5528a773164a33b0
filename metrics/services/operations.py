"""Operations on cells that were carried out: found again by their id, kept with their result, pruned by age."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from metrics.models import CellOperation, Editor

KEPT_DAYS = 60  # longer than a return stays open; a browser that waits longer has its typing judged by the cell's version
DONE = ("saved", "unchanged")


@dataclass
class Earlier:
    """What this person's earlier operations on a return came to: op_id -> the fields of its CellResult."""

    results: dict[str, dict] = field(default_factory=dict)
    unanswered: dict[str, dict] = field(default_factory=dict)

    def version_after(self, typed) -> int:
        """Return the version that the cell got by an unanswered operation which `typed` followed, 0 if none was carried out."""
        found = [self.unanswered[op_id] for op_id in typed.after if op_id in self.unanswered]
        return max((row["version"] for row in found if row["cell"] == typed.cell), default=0)


def load_earlier(by, monthly_return, inputs) -> Earlier:
    """Return what is known of the operations that `inputs` are, or say that they follow; at most one query."""
    own = {typed.op_id: typed.cell for typed in inputs if typed.op_id}
    before = {op_id for typed in inputs for op_id in typed.after}
    if not own and not before:
        return Earlier()
    rows = CellOperation.objects.filter(monthly_return=monthly_return, user=by, op_id__in={*own, *before})
    found = {op_id: _read(result) for op_id, result in rows.values_list("op_id", "result")}
    results = {op_id: found[op_id] for op_id, cell in own.items() if op_id in found and found[op_id]["cell"] == cell}
    return Earlier(results, {op_id: found[op_id] for op_id in before & set(found)})


def _read(result: dict) -> dict:
    return {**result, "value": Decimal(result["value"]) if result["value"] is not None else None}


def keep_operations(by, monthly_return, pairs) -> None:
    """Keep pairs of (CellInput, CellResult) that were carried out. Call it in the transaction that carried them out."""
    now = timezone.now()
    rows = [
        CellOperation(
            monthly_return=monthly_return, user=by, op_id=typed.op_id, cell=typed.cell, applied_at=now,
            result={**asdict(result), "value": None if result.value is None else str(result.value)},
        )
        for typed, result in pairs if result.status in DONE
    ]  # fmt: skip
    if rows:
        CellOperation.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def prune_operations(*, now=None, dry_run: bool = False) -> int:
    """Forget operations, and editors, of more than KEPT_DAYS ago; returns how many operations. Bookkeeping: no Event."""
    oldest = (now or timezone.now()) - timedelta(days=KEPT_DAYS)
    old = CellOperation.objects.filter(applied_at__lt=oldest)
    if dry_run:
        return old.count()
    Editor.objects.filter(seen_at__lt=oldest).delete()
    return old.delete()[0]
