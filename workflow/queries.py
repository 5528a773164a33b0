"""Reads over the history: is the chain whole, and what stands in the worker's way."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from workflow.models import Event, EventChain, WorkerBeat

SILENCE_LIMIT = timedelta(seconds=45)


@dataclass(frozen=True)
class ChainFault:
    """Where a chain of events breaks, and how."""

    unit_code: str
    chain_number: int
    fault: str


def chain_faults(unit_code: str) -> list[ChainFault]:
    """Walk one unit's chain and return every break: an altered row, a gap, a cut tail."""
    faults, previous, expected = [], "", 1
    for event in Event.objects.filter(unit__code=unit_code).order_by("chain_number").iterator():
        if event.chain_number != expected or event.previous_hash != previous:
            faults.append(ChainFault(unit_code, event.chain_number, "gap"))
        if event.computed_hash() != event.hash:
            faults.append(ChainFault(unit_code, event.chain_number, "altered"))
        previous, expected = event.hash, event.chain_number + 1
    chain = EventChain.objects.filter(unit_code=unit_code).first()
    if chain and (chain.length != expected - 1 or chain.head != previous):
        faults.append(ChainFault(unit_code, expected - 1, "tail"))
    return faults


def is_worker_alive() -> bool:
    """Whether any worker was heard within the silence limit."""
    return WorkerBeat.objects.filter(seen_at__gte=timezone.now() - SILENCE_LIMIT).exists()
