"""Named items of a township's year as data for their page. Three queries whatever the number of lists."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from accounts.models import Unit
from metrics.models import Highlight, NamedList
from metrics.models.highlights import ItemStatus

OPTIONAL_FIELDS = (
    "date_from", "date_to", "period_text", "place", "organiser", "partner", "level", "grade", "recipient", "quantity",
    "quantity_measure", "evidence_ref", "note",
)  # fmt: skip


@dataclass(frozen=True)
class ListEntry:
    """One list in the page's index, with the number of its items; `opens_area` on the first list of a work area."""

    named_list: NamedList
    count: int
    opens_area: bool


@dataclass(frozen=True)
class ItemLine:
    """One item as a row: the texts of its list's columns."""

    item: Highlight
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ItemPage:
    """The index of lists, and the chosen list's table."""

    index: tuple[ListEntry, ...]
    chosen: NamedList | None
    columns: tuple[str, ...]
    lines: tuple[ItemLine, ...]

    @property
    def undated(self) -> list[Highlight]:
        """Finished items of a counted list without a date: they count in no month until they have one."""
        if self.chosen is None or not self.chosen.is_counted:
            return []
        return [line.item for line in self.lines if line.item.date_from is None and line.item.status == ItemStatus.DONE]

    @property
    def total(self) -> int:
        """Items of all lists."""
        return sum(entry.count for entry in self.index)


def load_item_page(unit: Unit, year: int, list_code: str) -> ItemPage:
    """Return the page of one list; the first list with items, or the first of all, when the code is unknown."""
    lists = list(NamedList.objects.of_year(unit.parent_id, year))
    items = list(Highlight.objects.filter(unit=unit, year=year))
    counts = Counter(item.named_list_id for item in items)
    chosen = _choose(lists, counts, list_code)
    columns = column_fields(chosen) if chosen else ()
    own = [item for item in items if chosen and item.named_list_id == chosen.pk]
    lines = tuple(ItemLine(item, tuple((label_of(name), shown(item, name)) for name in columns)) for item in own)
    return ItemPage(_index(lists, counts), chosen, tuple(label_of(name) for name in columns), lines)


def _choose(lists, counts, list_code: str) -> NamedList | None:
    by_code = {row.code: row for row in lists}
    filled = (row for row in lists if counts[row.pk])
    return by_code.get(list_code) or next(filled, None) or next(iter(lists), None)


def _index(lists, counts) -> tuple[ListEntry, ...]:
    areas, entries = set(), []
    for row in lists:
        entries.append(ListEntry(row, counts[row.pk], row.area_id not in areas))
        areas.add(row.area_id)
    return tuple(entries)


def column_fields(named_list: NamedList) -> tuple[str, ...]:
    """Return the fields a list's table shows: dates and quantities take one column each."""
    names = [name for name in OPTIONAL_FIELDS if name in named_list.fields]
    return tuple(name for name in names if name not in ("date_to", "quantity_measure"))


def label_of(name: str) -> str:
    """Return a field's label."""
    return str(Highlight._meta.get_field(name).verbose_name)


def shown(item: Highlight, name: str) -> str:
    """Return a field's text: dates as a span, quantities with their measure word."""
    value = getattr(item, name)
    if value is None or value == "":
        return ""
    if name == "date_from":
        return f"{value:%Y-%m-%d}" + (f" — {item.date_to:%Y-%m-%d}" if item.date_to else "")
    if name == "quantity":
        return f"{value.normalize():f}{item.quantity_measure}"
    return str(value)


@dataclass(frozen=True)
class Difference:
    """One field of an item that somebody else changed meanwhile: what is stored, and what was typed."""

    label: str
    stored: str
    typed: str


def differences(stored: Highlight, typed: Highlight) -> list[Difference]:
    """Return the fields in which two versions of an item differ."""
    names = ("name", *(name for name in OPTIONAL_FIELDS if name in stored.named_list.fields))
    pairs = [(label_of(name), _text(stored, name), _text(typed, name)) for name in names]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _text(item: Highlight, name: str) -> str:
    value = getattr(item, name)
    if value is None:
        return ""
    return f"{value.normalize():f}" if name == "quantity" else str(value)
