"""The papers behind a number: ledger entries of its months, evidence files beside its cells and entries. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import Q
from django.urls import reverse

from accounts.models import Unit
from metrics.evidence import entry_files
from metrics.ledger_filters import rule_address
from metrics.ledger_sums import in_month, up_to
from metrics.ledgers import LedgerRule, ledger_kind
from metrics.models import EvidenceFile, EvidenceLink
from metrics.queries import YearBook

MOST_PAPERS = 60
HIGHLIGHTS = "highlight"


@dataclass(frozen=True)
class Paper:
    """An evidence file: what it is beside, and the page of that."""

    file: EvidenceFile
    caption: str
    beside: str
    address: str


@dataclass(frozen=True)
class Papers:
    """The inputs of a trace with their ledgers and files; the files of its named items."""

    inputs: tuple
    of_items: tuple[Paper, ...] = ()


def load_papers(book: YearBook, inputs, items, user, village: Unit | None = None) -> Papers:
    """Return inputs with the addresses of their ledgers and the files the person may open.

    One query for cells, two a ledger kind that has entries in these months, one for named items: none a month or a file.
    """
    if user is None or user.unit.is_village:
        return Papers(tuple(inputs))
    beside_cells = _beside_cells(book, inputs, user, village)
    found = tuple(_with_papers(book, row, beside_cells, user, village) for row in inputs)
    return Papers(found, _of_items(items, user))


def _beside_cells(book: YearBook, inputs, user, village: Unit | None) -> dict[str, list[Paper]]:
    """Return indicator code -> files beside its cells, oldest month first."""
    returns = {month.return_pk: month.label for row in inputs for month in row.months if month.return_pk}
    codes = {row.code for row in inputs}
    if not returns:
        return {}
    cells = Q()
    for code in codes:
        cells |= Q(cell=f"{code}@{village.code}") if village else Q(cell=code) | Q(cell__startswith=f"{code}@")
    links = EvidenceLink.objects.visible_to(user).filter(cells, monthly_return__in=returns).select_related("file", "unit")
    found = defaultdict(list)
    for link in links.order_by("monthly_return__year", "monthly_return__month", "pk")[:MOST_PAPERS]:
        code, at, _village = link.cell.partition("@")
        beside = returns[link.monthly_return_id] + (f" {link.unit.name}" if at else "")
        address = f"{reverse('metrics:return_detail', args=[link.monthly_return_id])}?cell={link.cell}#inspector"
        found[code].append(Paper(link.file, link.caption, beside, address))
    return found


def _with_papers(book: YearBook, row, beside_cells, user, village: Unit | None):
    """Return an input with its ledger: an address for each month, and the files beside the entries that are counted."""
    rule = LedgerRule.of(book.indicators[row.code]) if any(month.return_pk for month in row.months) else None
    papers = tuple(beside_cells.get(row.code, ()))
    if rule is None:
        return replace(row, papers=papers)
    kind, of_village = ledger_kind(rule.kind), village if ledger_kind(rule.kind).village_field else None
    months = tuple(
        replace(month, ledger=rule_address(rule, book.unit, *_year_month(month.label), of_village)) if month.return_pk else month
        for month in row.months
    )
    papers += _beside_entries(book, rule, row, user, of_village)
    return replace(row, months=months, ledger_name=kind.name, papers=papers)


def _year_month(label: str) -> tuple[int, int]:
    year, _year, month = label.rstrip("月").partition("年")
    return int(year), int(month)


def _beside_entries(book: YearBook, rule: LedgerRule, row, user, village: Unit | None) -> tuple[Paper, ...]:
    kind = ledger_kind(rule.kind)
    span = up_to if rule.is_running else in_month
    wanted = Q()
    for month in row.months:
        if month.counts and month.return_pk:
            wanted |= Q(span(kind, *_year_month(month.label)))
    if not wanted:
        return ()
    entries = kind.model.objects.visible_to(user).filter(rule.condition(), wanted, unit=book.unit)
    if village:
        entries = entries.filter(**{kind.village_field: village})
    names = dict(entries.order_by(kind.date_field, "pk").values_list("pk", "name"))
    return _papers_of(kind, names)


def _of_items(items, user) -> tuple[Paper, ...]:
    return _papers_of(ledger_kind(HIGHLIGHTS), {item.pk: item.name for item in items}) if items else ()


def _papers_of(kind, names: dict[int, str]) -> tuple[Paper, ...]:
    """Return the files beside entries, in the order of `names` (entry id -> name), at most MOST_PAPERS."""
    files = entry_files(kind, names) if names else {}
    return tuple(
        Paper(link.file, link.caption, names[pk], _address(kind, pk))
        for pk in names for link in files.get(pk, ())
    )[:MOST_PAPERS]  # fmt: skip


def _address(kind, pk: int) -> str:
    return (
        reverse("metrics:item_detail", args=[pk])
        if kind.code == HIGHLIGHTS
        else reverse("metrics:ledger_entry", args=[kind.code, pk])
    )
