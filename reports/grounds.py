"""What a number rests on, as plain data that is kept with it: months, townships, the sides of a ratio, named items.

A source says by which key it is told: "period" (a month), "unit" with "by": "unit" (a township's whole share, its months inside
"by_month"), "item" (a named thing). "part" tells numerator and denominator of a ratio. What is hashed: reports.bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Unit
from metrics.choices import Aggregation
from metrics.numbers import plain, round_half_up
from metrics.periods import month_range
from metrics.queries import Total

Units = Sequence[tuple[Unit, Total]]  # the townships behind a district's figure, each with its own total
PARTS = ("numerator", "denominator")
DIVIDED = (Aggregation.RATIO, Aggregation.AVG)
DIVIDED_PLACES = 4  # a quotient never ends: what is kept of it is enough to print it with any format


def month_runs(months: Iterable[int]) -> str:
    """Return months as runs: 1, 2, 3, 12 are 1—3月、12月."""
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and month == runs[-1][1] + 1:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    return "、".join(month_range(first, last) for first, last in runs)


def as_text(value: Decimal | None) -> str:
    """Return an exact value as text, "" for none."""
    return "" if value is None else plain(value)


def total_as_text(total: Total) -> str:
    """Return a total as text: exact, a quotient to DIVIDED_PLACES decimals or as many as its indicator has; "" for none."""
    if total.value is None or total.indicator.aggregation not in DIVIDED:
        return as_text(total.value)
    return plain(round_half_up(total.value, max(DIVIDED_PLACES, total.indicator.decimals)))


def months_as_sources(total: Total, part: str = "") -> tuple[dict, ...]:
    """Return the months behind a figure, oldest first; `part`: the side of a ratio that they are of."""
    parts = sorted(total.parts, key=lambda row: (row.year, row.month))
    return tuple(
        {
            **_side(total, part), "period": _key(row), "value": as_text(row.value), "kind": str(row.kind),
            "approved_by": row.approved_by, "approved_at": _minute(row.approved_at),
        }
        for row in parts
    )  # fmt: skip


def units_as_sources(units: Units, part: str = "") -> tuple[dict, ...]:
    """Return the townships behind a district's figure: value, its months, by whom and when the last was approved."""
    return tuple(_unit_source(unit, total, part) for unit, total in units)


def _unit_source(unit: Unit, total: Total, part: str) -> dict:
    counted = [row for row in total.parts if row.value is not None]
    last = max((row for row in total.parts if row.approved_at), key=lambda row: row.approved_at, default=None)
    return {
        **_side(total, part), "by": "unit", "unit": unit.name, "months": month_runs(row.month for row in counted),
        "value": total_as_text(total), "approved_by": last.approved_by if last else "",
        "approved_at": _minute(last.approved_at if last else None),
        "by_month": {} if not part and total.indicator.aggregation == Aggregation.RATIO else _by_month(counted),
    }  # fmt: skip


def _by_month(rows) -> dict[str, str]:
    """Return "2026-03" -> value; months that stand twice, as those of a sum of flows, are added."""
    values: dict[str, Decimal] = {}
    for row in sorted(rows, key=lambda row: (row.year, row.month)):
        values[_key(row)] = values.get(_key(row), Decimal(0)) + row.value
    return {month: as_text(value) for month, value in values.items()}


def _side(total: Total, part: str) -> dict[str, str]:
    return {"part": part, "indicator": total.indicator.name} if part else {}


def _key(row) -> str:
    return f"{row.year}-{row.month:02d}"


def _minute(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def items_as_sources(rows, units: Mapping[int, str] | None = None) -> tuple[dict, ...]:
    """Return every named item with its own id and evidence, in a district's report with its township (`units`: id -> name)."""
    owner = {} if not units else {row.pk: {"unit": units[row.unit_id]} for row in rows}
    return tuple({"item": row.name, "id": row.pk, "evidence": row.evidence_ref, **owner.get(row.pk, {})} for row in rows)


def owned_sources(groups, units: Mapping[int, str]) -> tuple[dict, ...]:
    """Return a district's named things: every item of each name, the townships in the district's order."""
    place = {pk: number for number, pk in enumerate(units)}
    rows = [row for group in groups for row in sorted(group, key=lambda row: place[row.unit_id])]
    return items_as_sources(rows, units)


def things_of(sources: Iterable[dict]) -> list[list[dict]]:
    """Return the items of a list's sources as its text names them: what several townships call by one name is one thing."""
    things: dict[object, list[dict]] = {}
    for place, source in enumerate(row for row in sources if "item" in row):
        things.setdefault(source["item"].strip() if source.get("unit") else place, []).append(source)
    return list(things.values())


def owners_of(thing: list[dict]) -> tuple[str, ...]:
    """Return the townships that have a thing, none in a township's report."""
    return tuple(dict.fromkeys(source["unit"] for source in thing if source.get("unit")))


class ShareKey(NamedTuple):
    """Which share of a figure: the side of a ratio ("" for the first), the township ("" for the own unit), the month."""

    part: str
    unit: str
    month: str


class Share(NamedTuple):
    """What a share was and who approved it when, all as text."""

    value: str
    approved_by: str = ""
    approved_at: str = ""


NO_SHARE = Share("")


def shares_of(sources: Iterable[dict]) -> dict[ShareKey, Share]:
    """Return the months behind a figure by what they are; of a township without months its whole share.

    Who approved each month of a township is not kept.
    """
    found = {}
    for row in sources:
        part = "" if row.get("part") == PARTS[0] else row.get("part", "")
        if row.get("by") == "unit":
            months = row.get("by_month") or {"": row.get("value", "")}
            found |= {ShareKey(part, row["unit"], month): Share(value) for month, value in months.items()}
        elif "period" in row:
            who = (row.get("approved_by", ""), row.get("approved_at", ""))
            found[ShareKey(part, "", row["period"])] = Share(row.get("value", ""), *who)
    return found


def is_told_in(shares: Mapping[ShareKey, Share], key: ShareKey) -> bool:
    """Whether shares of such a kind are told at all: what was kept before they were is no change."""
    return any((other.part, bool(other.unit)) == (key.part, bool(key.unit)) for other in shares)


def unit_values(sources: Iterable[dict]) -> dict[str, str]:
    """Return township -> its whole value, as kept; nothing of the sides of a ratio."""
    return {row["unit"]: row.get("value", "") for row in sources if "unit" in row and not {"item", "part"} & row.keys()}
