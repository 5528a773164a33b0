"""Units and named things in a row: who leads, who comes last, whose a thing is. The words are the document's, so Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.wording import Item, Shown, empty, join_list

DEFAULT_MOST = 3
MOST_OWNERS = 3
QUOTES = ("“", "《", "‘", "「")


def leaders(values: Sequence[tuple[str, Decimal]], *, most: int, is_last: bool = False) -> Shown:
    """Return the names of the `most` highest values, highest first; `is_last`: of the lowest, lowest first.

    All that share the last of these places are named with it. Where that would be everybody nothing is said, and nobody leads
    with 0: empty, so the sentence drops out. Equal values keep the order given.
    """
    ordered = sorted(values, key=lambda pair: pair[1], reverse=not is_last)
    if len(ordered) <= most:
        return empty(_("A list of all units is no order; the sentence drops out."))
    limit = ordered[most - 1][1]
    named = [pair for pair in ordered if (pair[1] <= limit if is_last else pair[1] >= limit)]
    if len(named) == len(ordered):
        return empty(_("All units have the same value; the sentence drops out."))
    return join_list(name for name, value in named if is_last or value > 0)


def join_owned(items: Iterable[Item], *, maximum: int | None = None) -> Shown:
    """Return things with the units they are of: 青云镇“晚霞读报班”、“河长志愿岗”（白石镇、云溪镇）."""
    return join_list((_owned(item) for item in items), maximum=maximum)


def _owned(item: Item) -> str:
    name = item.name.strip()
    if not name or not item.owners:
        return name
    quoted = name if name.startswith(QUOTES) else f"“{name}”"
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
    return tuple(_item(group, tuple(dict.fromkeys(units[row.unit_id] for row in group))) for group in by_name(rows))


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
    recipients = {row.recipient for row in group}
    return Item(
        first.name, sum(amounts, Decimal(0)) if is_whole else None, first.quantity_measure if is_whole else "",
        first.recipient if len(recipients) == 1 else "", first.date_from, first.date_to, owners,
    )  # fmt: skip


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
