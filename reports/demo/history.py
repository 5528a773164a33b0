"""Events in bulk: the one place besides workflow.services.record_event that appends to a chain, by the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from accounts.models import Unit, User
from workflow.models import Event, EventChain


@dataclass(frozen=True)
class Entry:
    """One thing that happened, as record_event takes it, with its own moment (UTC). `by` None is the system."""

    at: datetime
    by: User | None
    unit: Unit
    subject_kind: str
    subject_id: int
    deed: str
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    changes: tuple = ()


def write_history(entries: list[Entry]) -> int:
    """Append entries to their units' chains in order of time; returns how many. Call it inside a transaction."""
    ordered = sorted(entries, key=lambda entry: (entry.unit.code, entry.at))
    events: list[Event] = []
    for code, group in groupby(ordered, key=lambda entry: entry.unit.code):
        chain, _made = EventChain.objects.get_or_create(unit_code=code)
        for entry in group:
            event = _event(entry, chain)
            chain.length, chain.head = event.chain_number, event.hash
            events.append(event)
        chain.save(update_fields=["length", "head"])
    Event.objects.bulk_create(events, batch_size=500)
    return len(events)


def _event(entry: Entry, chain: EventChain) -> Event:
    by = entry.by
    event = Event(
        unit=entry.unit, chain_number=chain.length + 1, at=entry.at, actor_login=by.login if by else "system",
        actor_name=by.display_name if by else "", actor_role=by.role if by else "", subject_kind=entry.subject_kind,
        subject_id=entry.subject_id, deed=entry.deed, from_state=entry.from_state, to_state=entry.to_state,
        reason=entry.reason, changes=list(entry.changes), previous_hash=chain.head,
    )  # fmt: skip
    event.hash = event.computed_hash()
    return event
