"""What the inspector tells of a cell's ledger: the sum, the first entries behind it, the page with all. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.grid import LedgerSum, ledger_sum
from metrics.grid_source import GridSource
from metrics.ledger_filters import rule_address
from metrics.ledger_pages import shown
from metrics.ledger_sums import in_month, up_to
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kind

MOST_ENTRIES = 10


@dataclass(frozen=True)
class EntryBrief:
    """One entry in a line; `amount` is what it adds, "" where entries themselves are counted."""

    date: str
    name: str
    amount: str


@dataclass(frozen=True)
class LedgerPart:
    """The ledger behind one cell; `address` is "" for people without ledgers."""

    name: str
    sum: LedgerSum
    entries: tuple[EntryBrief, ...]
    more: int
    address: str


def load_ledger_part(source: GridSource, indicator, village, user) -> LedgerPart | None:
    """Return the ledger part of a cell's inspector, None for a cell that no ledger counts."""
    told = ledger_sum(source, indicator, village) if indicator.has_cell and indicator.is_by_village == bool(village) else None
    if told is None:
        return None
    kind, about = ledger_kind(told.rule.kind), source.monthly_return
    entries = _entries(kind, told.rule, about, village, user)
    briefs = tuple(_brief(kind, told.rule, entry) for entry in entries[:MOST_ENTRIES])
    more = entries.count() - MOST_ENTRIES if len(briefs) == MOST_ENTRIES else 0
    address = "" if user.unit.is_village else rule_address(told.rule, about.unit, about.year, about.month, village)
    return LedgerPart(kind.name, told, briefs, more, address)


def _entries(kind: LedgerKind, rule: LedgerRule, about, village, user):
    """Return the entries that a rule counts, as far as the person may see them."""
    span = up_to if rule.is_running else in_month
    rows = kind.model.objects.visible_to(user).filter(rule.condition(), span(kind, about.year, about.month), unit=about.unit)
    if rule.measure in ("sum", "max"):
        rows = rows.filter(**{f"{rule.field}__isnull": False})
    if village:
        rows = rows.filter(**{kind.village_field: village})
    return rows.order_by(f"-{kind.date_field}", "-pk")


def _brief(kind: LedgerKind, rule: LedgerRule, entry) -> EntryBrief:
    amount = shown(kind, entry, rule.field) if rule.field in kind.columns and rule.field != "name" else ""
    return EntryBrief(shown(kind, entry, kind.date_field), entry.name, amount)
