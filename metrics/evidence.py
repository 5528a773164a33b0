"""Evidence, read: the thing that files prove, where the files lie, which cells are proven. No HTTP, no HTML, no rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from accounts.models import Unit
from metrics.ledger_sums import up_to
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kind
from metrics.models import EvidenceFile, EvidenceLink, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.queries import villages_of_month


@dataclass(frozen=True)
class Proved:
    """What files prove: a cell of a return, or an entry of a ledger.

    `place` is the unit whose people may see the files: the village of a village's cell, else the township. `year` and
    `month` say whose space they take.
    """

    township: Unit
    place: Unit
    year: int
    month: int
    monthly_return: MonthlyReturn | None = None
    cell: str = ""
    kind: LedgerKind | None = None
    entry: models.Model | None = None

    @property
    def keys(self) -> dict:
        """The values of a link to it."""
        if self.kind:
            return {"ledger": self.kind.code, "entry_id": self.entry.pk}
        return {"monthly_return": self.monthly_return, "cell": self.cell}

    @property
    def village_code(self) -> str:
        """The village of a village's cell, or ""."""
        return self.cell.partition("@")[2]

    def links(self) -> models.QuerySet:
        """Return the links to it, in the order of adding, each with its file."""
        return EvidenceLink.objects.filter(**self.keys).select_related("file", "linked_by")

    def closed_return(self) -> MonthlyReturn | None:
        """Return the month's return when the township may not change it now."""
        if self.monthly_return:
            return None if self.monthly_return.is_editable else self.monthly_return
        rows = MonthlyReturn.objects.filter(unit=self.township, year=self.year, month=self.month)
        return next((row for row in rows if not row.is_editable), None)


def cell_proved(monthly_return: MonthlyReturn, cell: str) -> Proved | None:
    """Return a cell of a return as a thing to prove; None when the return has no such cell, or it is calculated."""
    code, _at, village_code = cell.partition("@")
    year, month = monthly_return.year, monthly_return.month
    counted = Indicator.objects.of_year(monthly_return.unit.parent_id, year).counted_in(year, month)
    indicator = counted.filter(code=code).first()
    if indicator is None or not indicator.has_cell or indicator.is_by_village != bool(village_code):
        return None
    villages = villages_of_month(monthly_return.unit.children.all(), year, month)
    place = next((unit for unit in villages if unit.code == village_code), None) if village_code else monthly_return.unit
    return _of_cell(monthly_return, cell, place) if place else None


def _of_cell(monthly_return: MonthlyReturn, cell: str, place: Unit) -> Proved:
    return Proved(monthly_return.unit, place, monthly_return.year, monthly_return.month, monthly_return, cell)


def entry_proved(kind: LedgerKind, entry) -> Proved:
    """Return a stored ledger entry as a thing to prove; one without a date takes space of the present month."""
    day = getattr(entry, kind.date_field) or timezone.localdate()
    return Proved(entry.unit, entry.unit, day.year, day.month, kind=kind, entry=entry)


def proved_by(link: EvidenceLink) -> Proved | None:
    """Return what a link is about; None when the entry is gone."""
    if link.monthly_return_id:
        return _of_cell(link.monthly_return, link.cell, link.unit)
    kind = ledger_kind(link.ledger)
    entry = kind.model.objects.filter(pk=link.entry_id).select_related("unit").first() if kind else None
    return entry_proved(kind, entry) if entry else None


# --- counts -----------------------------------------------------------------------------------------------------------


def file_counts(monthly_return: MonthlyReturn) -> dict[str, int]:
    """Return cell -> number of its files, for cells that have any."""
    rows = EvidenceLink.objects.filter(monthly_return=monthly_return).order_by().values_list("cell")
    return dict(rows.annotate(Count("pk")))


def proven_cells(monthly_return: MonthlyReturn, indicators: Iterable[Indicator]) -> set[str]:
    """Return the cells of these indicators that a file proves: beside the figure, or beside an entry that is counted in it.

    One query, and one more for each ledger whose entries have files.
    """
    of_township = Q(unit=monthly_return.unit_id, entry_id__isnull=False)
    rows = EvidenceLink.objects.filter(Q(monthly_return=monthly_return) | of_township).order_by()
    found = set(rows.values_list("cell", "ledger").distinct())
    proven, bound = {cell for cell, _ledger in found if cell}, defaultdict(list)
    for indicator in indicators:
        if rule := LedgerRule.of(indicator):
            bound[rule.kind].append((indicator, rule))
    for code in {ledger for _cell, ledger in found} & set(bound):
        proven |= _proven_by_entries(monthly_return, ledger_kind(code), bound[code])
    return proven


def proven_months(unit: Unit, year: int, indicators: Iterable[Indicator]) -> set[tuple[int, str]]:
    """Return (month, cell) of a year for the cells of these indicators that a file proves, as proven_cells does for a month.

    One query, and one more for each ledger whose entries have files.
    """
    of_year = Q(monthly_return__unit=unit, monthly_return__year=year)
    rows = EvidenceLink.objects.filter(of_year | Q(unit=unit, entry_id__isnull=False)).order_by()
    found = set(rows.values_list("monthly_return__month", "cell", "ledger").distinct())
    proven, bound = {(month, cell) for month, cell, _ledger in found if cell}, defaultdict(list)
    for indicator in indicators:
        if rule := LedgerRule.of(indicator):
            bound[rule.kind].append((indicator, rule))
    for code in {ledger for _month, _cell, ledger in found} & set(bound):
        for month, cell, is_running in _counted_entries(unit, year, 12, ledger_kind(code), bound[code]):
            proven |= {(later, cell) for later in range(month, 13 if is_running else month + 1)}
    return proven


def _proven_by_entries(monthly_return, kind: LedgerKind, rules: list[tuple[Indicator, LedgerRule]]) -> set[str]:
    """Return the cells in which an entry with a file is counted."""
    month = monthly_return.month
    found = _counted_entries(monthly_return.unit, monthly_return.year, month, kind, rules)
    return {cell for of_month, cell, is_running in found if is_running or of_month == month}


def _counted_entries(unit, year: int, last_month: int, kind: LedgerKind, rules):
    """Yield (month, cell, whether it counts in later months too) of entries with a file, up to a month of the year."""
    files = EvidenceLink.objects.filter(ledger=kind.code, entry_id=OuterRef("pk"))
    names = {name for _indicator, rule in rules for name, _values in rule.where}
    village = {"of_village": F(f"{kind.village_field}__code")} if kind.village_field else {}
    entries = kind.entries(unit).filter(up_to(kind, year, last_month), Exists(files)).order_by()
    for entry in entries.values(*names, day=F(kind.date_field), **village):
        for indicator, rule in rules:
            if all(entry[name] in values for name, values in rule.where):
                code = entry.get("of_village") or "" if indicator.is_by_village else ""
                yield entry["day"].month, cell_name(indicator.code, code), rule.is_running


def is_needed(proved: Proved) -> bool:
    """Whether a cell's figure is one that needs evidence."""
    rows = Indicator.objects.of_year(proved.township.parent_id, proved.year)
    indicator = rows.filter(code=proved.cell.partition("@")[0]).first()
    return bool(indicator and indicator.needs_evidence)


def entry_files(kind: LedgerKind, entries: Iterable[int]) -> dict[int, list[EvidenceLink]]:
    """Return entry id -> its files, for a page of a ledger. One query."""
    found: dict[int, list[EvidenceLink]] = {}
    for link in EvidenceLink.objects.filter(ledger=kind.code, entry_id__in=list(entries)).select_related("file"):
        found.setdefault(link.entry_id, []).append(link)
    return found


def month_bytes(township: Unit, year: int, month: int) -> int:
    """Return what a township's files of a month take, its villages' included; thumbnails do not count."""
    return EvidenceFile.objects.of_township_month(township, year, month).aggregate(sum=Sum("size"))["sum"] or 0


def evidence_snapshot(monthly_return: MonthlyReturn) -> dict[str, list[dict]]:
    """Return cell -> its files as plain data: what a round keeps for ever."""
    links = EvidenceLink.objects.filter(monthly_return=monthly_return).select_related("file")
    found: dict[str, list[dict]] = {}
    for link in links:
        file = link.file
        found.setdefault(link.cell, []).append(
            {"file": str(file.public_id), "name": file.name, "sha256": file.sha256, "caption": link.caption}
        )
    return found


# --- where files lie ----------------------------------------------------------------------------------------------------


def path_of(file: EvidenceFile) -> Path:
    """Return where a file's bytes lie."""
    return Path(settings.EVIDENCE_DIR) / file.stored_as


def small_path_of(file: EvidenceFile) -> Path:
    """Return where a picture's thumbnail lies."""
    return small_beside(path_of(file))


def small_beside(path: Path) -> Path:
    """Return the thumbnail's place beside a picture's."""
    return path.with_suffix(".small.jpg")
