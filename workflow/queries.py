"""Reads over the history: is the chain whole, what a form made before, and what stands in the worker's way."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Unit
from workflow.models import Event, EventChain, IdempotencyKey, Round, WorkerBeat

SILENCE_LIMIT = timedelta(seconds=45)


@dataclass(frozen=True)
class ChainFault:
    """Where a chain of events breaks, and how."""

    unit_code: str
    chain_number: int
    fault: str


def chain_faults(unit_code: str) -> list[ChainFault]:
    """Walk one unit's chain and return every break: an altered row, a gap, a cut tail, a head that is gone."""
    faults, previous, expected = [], "", 1
    for event in Event.objects.filter(unit__code=unit_code).select_related("unit").order_by("chain_number").iterator():
        if event.chain_number != expected or event.previous_hash != previous:
            faults.append(ChainFault(unit_code, event.chain_number, "gap"))
        if event.computed_hash() != event.hash:
            faults.append(ChainFault(unit_code, event.chain_number, "altered"))
        previous, expected = event.hash, event.chain_number + 1
    chain = EventChain.objects.filter(unit_code=unit_code).first()
    if chain is None and (previous or _has_history(unit_code)):
        faults.append(ChainFault(unit_code, expected - 1, "no head"))
    if chain and (chain.length != expected - 1 or chain.head != previous):
        faults.append(ChainFault(unit_code, expected - 1, "tail"))
    return faults


def _has_history(unit_code: str) -> bool:
    """Whether the unit has what only comes about with an event: a round, or a monthly return."""
    has_rounds = Round.objects.filter(unit__code=unit_code).exists()
    return has_rounds or Unit.objects.filter(code=unit_code, returns__isnull=False).exists()


def chained_codes() -> list[str]:
    """Return the codes of every unit that has a chain, or should have one."""
    codes = set(EventChain.objects.values_list("unit_code", flat=True))
    for rows in (Event.objects.order_by(), Round.objects.order_by(), Unit.objects.filter(returns__isnull=False).order_by()):
        codes.update(rows.values_list("code" if rows.model is Unit else "unit__code", flat=True).distinct())
    return sorted(codes)


def is_worker_alive() -> bool:
    """Whether any worker was heard within the silence limit."""
    return WorkerBeat.objects.filter(seen_at__gte=timezone.now() - SILENCE_LIMIT).exists()


def made_before(user, form_key, rows):
    """Return what an earlier sending of the same form made, None for a first one: for forms that refuse what is there already.

    `rows` is where it is looked for, as in workflow.services.once.
    """
    claims = IdempotencyKey.objects.filter(user=user, key=form_key, subject_kind=rows.model._meta.model_name)
    return rows.filter(pk__in=claims.values("subject_id")).first() if form_key else None
