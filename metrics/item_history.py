"""What was done to named items, read from the Events: added, changed, removed, with every field's old and new value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.items import label_of
from metrics.models import Highlight, NamedList
from metrics.models.highlights import ItemStatus
from workflow.choices import Subject
from workflow.models import Event

SHOWN = 20
SAID_BY_THE_DEED = ("name", "year", "status")  # of an item that was added or removed
HIGHLIGHTS = "highlight"  # the code of their ledger, as imports record them


@dataclass(frozen=True)
class FieldChange:
    """One field: its label, what it said before and after ("" for nothing)."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ItemChange:
    """One deed on one item."""

    at: datetime
    by: str
    name: str
    deed: str
    fields: tuple[FieldChange, ...]


def item_history(item: Highlight) -> tuple[ItemChange, ...]:
    """Return the newest changes of one item, newest first."""
    return _changes(Event.objects.filter(unit=item.unit_id, subject_id=item.pk), lambda _change: True)


def list_history(unit: Unit, named_list: NamedList, year: int) -> tuple[ItemChange, ...]:
    """Return the newest changes of a list's items of a year, removed ones included, newest first. One query."""
    events = Event.objects.filter(unit=unit).annotate(text=Cast("changes", TextField()))
    own = events.filter(text__contains=f'"list": "{named_list.code}"')
    return _changes(own, lambda change: (change.get("list"), change.get("year")) == (named_list.code, year))


def _changes(events: QuerySet, is_wanted) -> tuple[ItemChange, ...]:
    kinds = Q(subject_kind=Subject.ITEM) | Q(subject_kind=Subject.LEDGER)
    found = []
    for event in events.filter(kinds).order_by("-chain_number")[: 2 * SHOWN]:
        for change in event.changes:
            if _is_of_item(event, change) and is_wanted(change):
                found.append(_change(event, change))
    return tuple(found[:SHOWN])


def _is_of_item(event: Event, change: dict) -> bool:
    return event.subject_kind == Subject.ITEM or change.get("ledger") == HIGHLIGHTS


def _change(event: Event, change: dict) -> ItemChange:
    old, new = change.get("old") or {}, change.get("new") or {}
    name = change.get("name") or (new or old).get("name", "")
    return ItemChange(event.at, event.actor_name, name, _deed(event, old, new), tuple(_fields(old, new)))


def _deed(event: Event, old: dict, new: dict) -> str:
    """Return what was done, in a word; Events of before the fields were kept say less."""
    if event.deed == "remove_item" or (old and not new):
        return _("removed the item")
    if not new:
        return _("saved the item")
    if event.deed == "restore_item":
        return _("brought the item back")
    return _("changed the item") if old else _("added the item")


def _fields(old: dict, new: dict) -> Iterator[FieldChange]:
    known = [field.name for field in Highlight._meta.concrete_fields if field.name != "named_list"]
    for name in known:  # the model's order: PostgreSQL keeps none of the keys
        before, after = (_text(name, data.get(name)) for data in (old, new))
        is_told_elsewhere = name in SAID_BY_THE_DEED and not (old and new)
        if before != after and not is_told_elsewhere:
            yield FieldChange(label_of(name), before, after)


def _text(name: str, value) -> str:
    if name == "status" and value in ItemStatus.values:
        return str(ItemStatus(value).label)
    return "" if value is None else str(value)
