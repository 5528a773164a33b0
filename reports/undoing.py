"""Which deed of a person can be taken back: their newest one on a report, where it is of a kind that can be; from its Events."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.models import Report
from workflow.choices import Subject
from workflow.models import Event

UNDO = "undo_deed"
FAR = 200  # events looked back upon
UNDOABLE = {
    "save_block": gettext_lazy("edited text"),
    "insert_block": gettext_lazy("inserted paragraph"),
    "delete_block": gettext_lazy("deleted paragraph"),
    "move_block": gettext_lazy("moved paragraph"),
    "drop_block": gettext_lazy("left out paragraph"),
    "restore_block": gettext_lazy("taken in paragraph"),
    "move_plan_item": gettext_lazy("moved plan item"),
    "rebind_figure": gettext_lazy("other figure quoted"),
}
PASSED_OVER = ("comment", "resolve_comment", "confirm_finding", "export")  # they change nothing that a report says


@dataclass(frozen=True)
class Undo:
    """The button: the Event that would be taken back, and the words."""

    pk: int
    label: str


def load_undo(report: Report, user) -> Undo | None:
    """Return what the button would take back, None for nothing."""
    event = newest_undoable(report, user)
    return Undo(event.pk, _("Undo: %(deed)s") % {"deed": UNDOABLE[event.deed]}) if event else None


def newest_undoable(report: Report, user) -> Event | None:
    """Return the person's newest deed since the report was last handed on that is not taken back yet. One query.

    None where that deed is of no kind that can be taken back: what came before it is not offered in its place.
    """
    if not report.is_editable:
        return None
    taken_back = set()
    for event in Event.objects.about(Subject.REPORT, report.pk).order_by("-chain_number")[:FAR]:
        if event.to_state:
            return None
        if event.actor_login != user.login or event.deed in PASSED_OVER:
            continue
        if event.deed == UNDO:
            taken_back.add(event.changes[0]["undoes"])
        elif event.pk not in taken_back:
            return event if _can_be_undone(event) else None
    return None


def _can_be_undone(event: Event) -> bool:
    """Whether a deed is of a kind that can be; a figure quoted instead of another one only if its Event kept both texts."""
    return event.deed in UNDOABLE and (event.deed != "rebind_figure" or "old_text" in event.changes[0])
