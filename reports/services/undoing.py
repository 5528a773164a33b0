"""Taking back one's last deeds on blocks and plan items. Nothing is erased: taking back is a deed with an Event of its own."""

from django.db import transaction
from django.utils.translation import gettext as _

from reports.assembly import load_binder
from reports.models import Block, Report
from reports.permissions import check_can_edit
from reports.services.plan import change_item_places
from reports.services.settling import settle_blocks
from reports.services.structure import change_places, put_back, take_out
from reports.services.writing import EditConflict, locked, record, touch
from reports.undoing import UNDO, newest_undoable
from workflow.models import Event
from workflow.transitions import Refused

TEXT_FIELDS = ("text", "lead", "spec")


@transaction.atomic
def undo_deed(*, by, report: Report, event: int) -> str:
    """Take back the person's newest deed, the Event `event` as the page showed it; returns the key of its block.

    Raises EditConflict when somebody else has changed the same meanwhile, Refused when there is nothing to take back.
    """
    report = locked(report)
    check_can_edit(by, report)
    newest = newest_undoable(report, by)
    if newest is None:
        raise Refused(_("There is nothing to undo."))
    if newest.pk != event:
        raise EditConflict(_("Another deed came after it; the button names what would be undone now."))
    change = newest.changes[0]
    _UNDOERS[newest.deed](by, report, newest, change)
    return change["block"]


def _undo_text(by, report: Report, event: Event, change: dict) -> None:
    block = _standing(report, change)
    new = {"text": change["new"], "lead": change["new_lead"], "spec": change.get("new_spec", block.spec)}
    old = {"text": change["old"], "lead": change["old_lead"], "spec": change.get("old_spec", block.spec)}
    if any(getattr(block, name) != new[name] for name in TEXT_FIELDS):
        raise _conflict()
    for name, value in old.items():
        setattr(block, name, value)
    _keep(by, block, [*TEXT_FIELDS])
    settle_blocks([block], load_binder(report))
    _recorded(by, report, event, change)


def _undo_rebinding(by, report: Report, event: Event, change: dict) -> None:
    block = _standing(report, change)
    if block.text != change["new_text"]:
        raise _conflict()
    block.text = change["old_text"]
    _keep(by, block, ["text"])
    settle_blocks([block], load_binder(report))
    _recorded(by, report, event, change)


def _undo_insertion(by, report: Report, event: Event, change: dict) -> None:
    block = _standing(report, change)
    if any(getattr(block, name) != change["new"][name] for name in TEXT_FIELDS):
        raise _conflict()
    take_out(by, report, block, UNDO, undoes=event.pk)


def _undo_deletion(by, report: Report, event: Event, change: dict) -> None:
    put_back(by, report, change["old"], change["after"], change["items"])
    _recorded(by, report, event, change)


def _undo_move(by, report: Report, event: Event, change: dict) -> None:
    change_places(report, change["block"], change["past"])
    _recorded(by, report, event, change)


def _undo_item_move(by, report: Report, event: Event, change: dict) -> None:
    change_item_places(report, change["item"], change["past"])
    _recorded(by, report, event, change)


def _undo_dropping(by, report: Report, event: Event, change: dict) -> None:
    block = _standing(report, change)
    block.is_dropped = event.deed != "drop_block"
    _keep(by, block, ["is_dropped"])
    _recorded(by, report, event, change)


_UNDOERS = {
    "save_block": _undo_text, "insert_block": _undo_insertion, "delete_block": _undo_deletion, "move_block": _undo_move,
    "drop_block": _undo_dropping, "restore_block": _undo_dropping, "move_plan_item": _undo_item_move,
    "rebind_figure": _undo_rebinding,
}  # fmt: skip


def _standing(report: Report, change: dict) -> Block:
    block = report.blocks.filter(key=change["block"]).first()
    if block is None:
        raise _conflict()
    return block


def _conflict() -> EditConflict:
    return EditConflict(_("Somebody else changed this paragraph meanwhile, so it cannot be undone; edit it instead."))


def _keep(by, block: Block, names: list[str]) -> None:
    block.version, block.updated_by = block.version + 1, by
    block.save(update_fields=[*names, "version", "updated_by", "updated_at"])


def _recorded(by, report: Report, event: Event, change: dict) -> None:
    touch(report)
    record(by, report, UNDO, changes=[{"undoes": event.pk, "deed": event.deed, "block": change["block"]}])
