"""Units and named things in a row: who leads, who comes last, whose a thing is. The words are the document's, so Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.unit_words import SHORT_SUFFIXES
from reports.wording import Item, Shown, empty, join_list

DEFAULT_MOST = 3
MOST_OWNERS = 3
QUOTES = ("“", "《", "‘", "「")
INNER_QUOTES = str.maketrans("“”", "‘’")  # GB/T 15834-2011: within quotation marks single ones


def leaders(values: Sequence[tuple[str, Decimal]], *, most: int, is_last: bool = False) -> Shown:
    """Return the names of the highest values, highest first, at most `most`; `is_last`: of the lowest, lowest first.

    Who has the same value is named together or not at all. Nobody leads with 0, and where all have the same value, or there are
    no more than `most`, nothing is said: empty, so the sentence drops out.
    """
    groups: dict[Decimal, list[str]] = {}
    for name, value in sorted(values, key=lambda pair: pair[1], reverse=not is_last):
        groups.setdefault(value, []).append(name)
    named: list[str] = []
    for value, names in groups.items():
        if len(named) + len(names) > most or not (value > 0 or is_last):
            break
        named += names
    if not named or len(values) <= most:
        return empty(_("No order can be told: too few, or too many with the same value; the sentence drops out."))
    return join_list(named)


def join_owned(items: Iterable[Item], *, maximum: int | None = None) -> Shown:
    """Return things with the units they are of: 青云镇“晚霞读报班”、“河长志愿岗”（白石镇、云溪镇）."""
    return join_list((_owned(item) for item in items), maximum=maximum, closed=())


def _owned(item: Item) -> str:
    name = item.name.strip()
    if not name or not item.owners or name.startswith(item.owners[0]):
        return name
    quoted = name if name.startswith(QUOTES) else f"“{name.translate(INNER_QUOTES)}”"
    return item.owners[0] + quoted if len(item.owners) == 1 else f"{quoted}（{owners_in_words(item.owners)}）"


def owners_in_words(owners: Sequence[str]) -> str:
    """Return 青云镇、白石镇、云溪镇等5地."""
    named = "、".join(owners[:MOST_OWNERS])
    return f"{named}等{len(owners)}地" if len(owners) > MOST_OWNERS else named


def items_of(rows, units: dict[int, str]) -> tuple[Item, ...]:
    """Return named items as they print; `units`: id -> name of the townships of a district's report, else empty.

    What several townships call by one name is one thing with several owners: its quantities are added where all have one of
    the same measure.
    """
    if not units:
        return tuple(_item([row]) for row in rows)
    return tuple(_item(group, _owners(group, units)) for group in by_name(rows))


def _owners(group: list, units: dict[int, str]) -> tuple[str, ...]:
    """Return the townships that have a thing, in the district's order."""
    having = {row.unit_id for row in group}
    return tuple(name for pk, name in units.items() if pk in having)


def by_name(rows) -> list[list]:
    """Return items grouped by their name, in the order of each name's first."""
    groups: dict[str, list] = {}
    for row in rows:
        groups.setdefault(row.name.strip(), []).append(row)
    return list(groups.values())


def _item(group: list, owners: tuple[str, ...] = ()) -> Item:
    first = group[0]
    amounts, measures = [row.quantity for row in group], {row.quantity_measure for row in group}
    is_whole = None not in amounts and len(measures) == 1
    return Item(
        first.name, sum(amounts, Decimal(0)) if is_whole else None, first.quantity_measure if is_whole else "",
        _recipient(first.recipient, owners), first.date_from, first.date_to, owners,
    )  # fmt: skip


def _recipient(name: str, owners: tuple[str, ...]) -> str:
    """Return who got a thing; in a district's report with the township before it, 青云镇柳塘村, or all that share the thing."""
    if len(owners) != 1 or name.startswith(owners[0]):
        return "、".join(owners) or name
    kind = next((suffix for suffix in SHORT_SUFFIXES if owners[0].endswith(suffix)), "")
    return owners[0] + name.removeprefix(kind)


# Rows of formats.FORMATS: name, description, example, writer, argument, needs. The number after a name: how many are named.
ORDER_ROWS = (
    ("前列名单", gettext_lazy("The villages, of a district the townships, with the highest values; needs everybody's figure"),
     "青云镇、白石镇、云溪镇", lambda m, n: leaders(m.rates, most=n or DEFAULT_MOST), (1, 50), ("rates",)),
    ("后列名单", gettext_lazy("Those with the lowest values, lowest first"),
     "青云镇、白石镇、云溪镇", lambda m, n: leaders(m.rates, most=n or DEFAULT_MOST, is_last=True), (1, 50), ("rates",)),
)  # fmt: skip
ORDER_FORMATS = tuple(row[0] for row in ORDER_ROWS)
OWNED_ROW = ("属地列表", gettext_lazy("Names with their township before them, in a district's report"),
             "青云镇“晚霞读报班”", lambda m, n: join_owned(m.items, maximum=n), (1, 50), ("items",))  # fmt: skip
