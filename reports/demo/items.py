"""Which named items a township has in a year: 青云镇's last year word by word from items.toml, all others dealt from its pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from reports.demo.plan import CONTENT_YEAR, TownshipPlan, content, in_year

FLOOD_ACTION = "“守堤护村”防汛志愿行动"
WHOLE_LISTS = ("list_apip_campaign", "list_audio_category", "list_team_backbone", "list_study_carrier", "list_series")
ONE_OF = ("list_vol_brand", "list_demo_site")
OPTIONAL_LISTS = ("list_salon", "list_honour", "list_demo_bid_material", "list_team_founded", "list_culture_output")
DATES = ("date_from", "date_to")


@dataclass(frozen=True)
class ItemPlan:
    """One named item: its list and the fields of Highlight that are filled."""

    list_code: str
    name: str
    fields: dict = field(default_factory=dict)

    @property
    def month(self) -> int | None:
        """The month it began in, None when it belongs to the whole year."""
        start = self.fields.get("date_from")
        return start.month if start else None

    @property
    def quantity(self) -> Decimal:
        """The stated quantity, 0 when there is none."""
        return self.fields.get("quantity", Decimal(0))

    @property
    def days(self) -> int:
        """Days from first to last, both counted; 0 without an end."""
        if "date_to" not in self.fields:
            return 0
        return (self.fields["date_to"] - self.fields["date_from"]).days + 1


def planned_items(township: TownshipPlan, year: int, last_year: int, last_month: int) -> list[ItemPlan]:
    """Return the items of a township's year that began up to `last_month` (1-12), in the order of the files."""
    if township.order == 0 and year == last_year:
        rows = [_written(row, year) for row in content("items")["items"]]
    else:
        rows = _dealt(township, year)
    return [row for row in rows if (row.month or 1) <= last_month]


def _written(row: dict, year: int) -> ItemPlan:
    fields = {key: value for key, value in row.items() if key not in ("list", "name")}
    for key, value in fields.items():
        if key in DATES:
            fields[key] = value.replace(year=value.year + year - CONTENT_YEAR)
        elif key == "quantity":
            fields[key] = Decimal(value)
        else:
            fields[key] = in_year(value, year)
    return ItemPlan(row["list"], in_year(row["name"], year), fields)


def _dealt(township: TownshipPlan, year: int) -> list[ItemPlan]:
    """Deal two or three items of every list, fewer where a list may be empty or holds one thing only."""
    by_list: dict[str, list[dict]] = {}
    for row in content("items")["pool"]:
        by_list.setdefault(row["list"], []).append(row)
    dealt = []
    for code, rows in by_list.items():
        rng = Random(f"items {township.login} {year} {code}")  # noqa: S311
        kept = set(rng.sample(range(len(rows)), _how_many(code, len(rows), rng)))
        kept |= {number for number, row in enumerate(rows) if row["name"] == FLOOD_ACTION}
        dealt += [_filled(row, township, year, rng) for number, row in enumerate(rows) if number in kept]
    return dealt


def _how_many(code: str, available: int, rng: Random) -> int:
    if code in WHOLE_LISTS:
        return available
    if code in ONE_OF:
        return 1
    return rng.randint(0 if code in OPTIONAL_LISTS else min(2, available), available)


def _filled(row: dict, township: TownshipPlan, year: int, rng: Random) -> ItemPlan:
    standing = [village for village in township.villages if village.valid_to is None]
    names = {"{unit}": township.name, "{village}": rng.choice(standing).name}
    fields = {}
    for key in set(row) - {"list", "name", "month"}:
        fields[key] = Decimal(row[key]) if key == "quantity" else _named(row[key], names)
    if month := row.get("month"):
        fields["date_from"] = date(year, month, rng.randint(4, 24))
    if row["name"] == FLOOD_ACTION:
        fields["date_to"] = fields["date_from"] + timedelta(days=min(rng.randint(6, 18), 31 - fields["date_from"].day))
        fields |= {"quantity": Decimal(round(180 * township.size * rng.uniform(0.7, 1.2))), "quantity_measure": "人"}
    return ItemPlan(row["list"], _named(row["name"], names), fields)


def _named(text: str, names: dict[str, str]) -> str:
    for mark, name in names.items():
        text = text.replace(mark, name)
    return text
