"""The order of a report's blocks: putting one in, moving, deleting. What each did is in its Event, so it can be undone."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assembly import load_binder
from reports.choices import ANNEX_LABELS, BlockKind
from reports.models import Block, PlanItem, Report
from reports.permissions import check_can_edit
from reports.services.settling import settle_blocks
from reports.services.writing import EditConflict, locked, record, touch
from reports.structure import MOST_BLOCKS, deletion_fault, passing_fault, place_after
from workflow.choices import Subject
from workflow.models import Comment
from workflow.services import once
from workflow.transitions import Refused

STEP = 10  # between the orders of two blocks
LEVELS = (1, 2)
# What a deleted block is put back from.
KEPT = ("key", "kind", "level", "lead", "text", "is_optional", "is_dropped", "watch", "choice", "spec", "is_added")


@transaction.atomic
def insert_block(*, by, report: Report, kind: str, after: str = "", level: int = 0, annex: str = "", form_key=None) -> Block:
    """Put an empty block in behind the block `after` ("": first), once for one `form_key`; its text is edited then.

    `level` is that of a heading, `annex` the kind of an annex table. Raises Refused where `after` is gone, PermissionDenied.
    """
    return once(
        by=by, form_key=form_key, rows=Block.objects, make=lambda: _insert(by, report, kind, after, level, annex)
    )  # fmt: skip


def _insert(by, report: Report, kind: str, after: str, level: int, annex: str) -> Block:
    report = locked(report)
    check_can_edit(by, report)
    _check_kind(kind, level, annex)
    rows = list(report.blocks.all())
    if len(rows) >= MOST_BLOCKS:
        raise Refused(_("A report holds at most %(most)d paragraphs; put some together.") % {"most": MOST_BLOCKS})
    block = Block(
        report=report, key=f"add.{uuid.uuid4().hex[:10]}", order=0, kind=kind, is_added=True, is_optional=True, updated_by=by,
        level=level if kind == BlockKind.HEADING else 0, lead=annex, text=str(ANNEX_LABELS[annex]) if annex else "",
    )  # fmt: skip
    put_in(rows, place_after(rows, after, kind), block)
    touch(report)
    record(by, report, "insert_block", changes=[{"block": block.key, "after": after, "new": facts_of(block)}])
    return block


def _check_kind(kind: str, level: int, annex: str) -> None:
    fits = (kind != BlockKind.HEADING or level in LEVELS) and (kind == BlockKind.ANNEX) == bool(annex)
    if kind not in BlockKind.values or not fits or (annex and annex not in ANNEX_LABELS):
        raise Refused(_("Choose what to insert from the list."))


@transaction.atomic
def move_block(*, by, block: Block, past: str) -> Block:
    """Let a block change places with its neighbour `past`, as the page showed it.

    Raises EditConflict when another block stands beside it by now, Refused where it may not pass.
    """
    report = locked(block.report)
    check_can_edit(by, report)
    change_places(report, block.key, past)
    touch(report)
    record(by, report, "move_block", changes=[{"block": block.key, "past": past}])
    return Block.objects.get(pk=block.pk)


def change_places(report: Report, key: str, past: str) -> None:
    """Swap two neighbours. Raises EditConflict, Refused."""
    rows = list(report.blocks.all())
    keys = [row.key for row in rows]
    if key not in keys or past not in keys or abs(keys.index(key) - keys.index(past)) != 1:
        raise EditConflict(_("Somebody else changed the order meanwhile. The paragraphs stand as they are now; move it again."))
    here, there = keys.index(key), keys.index(past)
    if reason := passing_fault(rows[here], rows[there]):
        raise Refused(reason)
    rows[here], rows[there] = rows[there], rows[here]
    _renumber(rows)


@transaction.atomic
def delete_block(*, by, block: Block, base_version: int) -> None:
    """Delete a block that was put in by hand; gone already, nothing happens. Its Event keeps it for undoing.

    Raises EditConflict when somebody else changed it meanwhile, Refused for a block of the template and open comments.
    """
    report = locked(block.report)
    check_can_edit(by, report)
    stored = Block.objects.filter(pk=block.pk).first()
    if stored is None:
        return
    if stored.version != base_version:
        raise EditConflict(_("Somebody else changed this paragraph meanwhile. Look at it, then delete it."))
    take_out(by, report, stored, "delete_block")


def take_out(by, report: Report, block: Block, deed: str, **more) -> None:
    """Delete a block, its figures with it; plan items under it stay, without a place. Raises Refused."""
    threads = Comment.objects.about(Subject.REPORT, report.pk).filter(anchor=block.key, parent=None, resolved_at=None).count()
    if reason := deletion_fault(block, threads):
        raise Refused(reason)
    keys = list(report.blocks.values_list("key", flat=True))
    before = keys[keys.index(block.key) - 1] if keys.index(block.key) else ""
    items = list(block.plan_items.values_list("pk", flat=True))
    change = {"block": block.key, "after": before, "old": facts_of(block), "items": items, **more}
    block.delete()
    touch(report)
    record(by, report, deed, changes=[change])


def put_back(by, report: Report, facts: dict, after: str, items: list[int]) -> Block:
    """Make a deleted block anew where it stood (at the text's end, where what stood before it is gone), with its plan items."""
    rows = list(report.blocks.all())
    known = after if not after or any(row.key == after for row in rows) else rows[-1].key
    block = Block(report=report, order=0, updated_by=by, **facts)
    put_in(rows, place_after(rows, known, block.kind), block)
    PlanItem.objects.filter(report=report, block=None, pk__in=items).update(block=block)
    settle_blocks([block], load_binder(report))
    return block


def put_in(rows: list[Block], place: int, block: Block) -> None:
    """Save a new block at a place among the rows."""
    rows.insert(place, block)
    block.order = (place + 1) * STEP
    block.save(force_insert=True)
    _renumber(rows)


def facts_of(block: Block) -> dict:
    """Return what a block is, as its Event keeps it."""
    return {name: getattr(block, name) for name in KEPT}


def _renumber(rows: list[Block]) -> None:
    changed = []
    for place, row in enumerate(rows, start=1):
        if row.order != place * STEP:
            row.order = place * STEP
            changed.append(row)
    Block.objects.bulk_update(changed, ["order"])
