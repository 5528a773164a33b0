"""Which entries of a ledger a page or file is about: year, month, kind, village, words. Read from an address, never trusted."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from metrics.ledgers import LedgerKind

SEARCHED = ("name", "place", "note", "outlet", "premises", "organiser")


@dataclass(frozen=True)
class EntryFilter:
    """Filters of a ledger's page; `month` None means the whole year, `kind` a value of the ledger's own kind field."""

    year: int
    month: int | None = None
    kind: str = ""
    village: int | None = None
    words: str = ""

    @classmethod
    def read(cls, data, kind: LedgerKind, today: date) -> EntryFilter:
        """Read ?year= &month= &kind= &village= &q=; what is no value is left out."""
        month, village = _number(data.get("month", ""), 1, 12), _number(data.get("village", ""), 1, 10**12)
        year = _number(data.get("year", ""), 2000, 2100) or today.year
        return cls(year, month, data.get("kind", "")[:40], village if kind.village_field else None, data.get("q", "")[:80])

    @property
    def period(self) -> str:
        """The time in words."""
        return f"{self.year}年{self.month}月" if self.month else f"{self.year}年"

    def apply(self, entries: QuerySet, kind: LedgerKind) -> QuerySet:
        """Return the chosen entries, oldest first, with their relations."""
        first = date(self.year, self.month or 1, 1)
        last = date(self.year, self.month or 12, monthrange(self.year, self.month or 12)[1])
        chosen = Q(**{f"{kind.date_field}__range": (first, last)})
        names = {field.name for field in kind.model._meta.concrete_fields}
        if "year" in names and not self.month:
            chosen |= Q(year=self.year, **{f"{kind.date_field}__isnull": True})
        if self.kind and "kind" in kind.columns:
            chosen &= Q(kind=self.kind)
        if self.village:
            chosen &= Q(**{kind.village_field: self.village})
        if self.words:
            found = [Q(**{f"{name}__icontains": self.words}) for name in SEARCHED if name in names]
            words = found[0]
            for more in found[1:]:
                words |= more
            chosen &= words
        related = [name for name in kind.columns if kind.field(name).is_relation]
        rows = entries.filter(chosen).order_by(kind.date_field, "pk")
        return rows.select_related(*related) if related else rows


def _number(typed: str, least: int, most: int) -> int | None:
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 14 else None
    return number if number is not None and least <= number <= most else None
