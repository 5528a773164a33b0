"""Bringing the shipped catalogue in line with the catalogue files. What districts decide is written in services.sets."""

from typing import NamedTuple

from django.db import transaction

from metrics.catalogue_files import FIRST_YEAR, checks_of, read_catalogue
from metrics.catalogue_rules import FORMULA_KEYS
from metrics.choices import Level, Source
from metrics.models import Area, Catalogue, CatalogueState, Indicator, MonthlyReturn, NamedList

# What an approved return and its report print of an indicator or list: settled once there is one.
PRINTED = ("name", "name_en", "measure", "aggregation", "source", "level", "decimals", "parts", "valid_from", "valid_to")


class Synced(NamedTuple):
    """How many of each the shipped catalogue holds, and the codes whose printed part the files would have changed."""

    indicators: int
    lists: int
    kept: tuple[str, ...]


@transaction.atomic
def sync_catalogue() -> Synced:
    """Bring areas and the shipped catalogue in line with the catalogue files; idempotent. Raises CatalogueError.

    Indicators that left the files keep their rows. Once a return that rests on the shipped catalogue is approved, rows keep
    what reports print of them (docs/adr/0010): a release that renames something begins a new catalogue by FIRST_YEAR.
    """
    files = read_catalogue()
    catalogue, _made = Catalogue.objects.get_or_create(
        district=None, first_year=FIRST_YEAR, defaults={"state": CatalogueState.PUBLISHED}
    )
    areas = _upsert(Area, ["code"], [Area(**{key: file.area[key] for key in ("code", "name", "order")}) for file in files])
    lists = [_named_list(catalogue, areas, file, order, row) for file in files for order, row in enumerate(file.lists)]
    rows = [(file, order, row) for file in files for order, row in enumerate(file.indicators)]
    indicators = [_indicator(catalogue, areas[file.area["code"]], order, row) for file, order, row in rows]
    kept = _keep_printed(catalogue, indicators) + _keep_printed(catalogue, lists)
    _upsert(NamedList, ["catalogue", "code"], lists)
    _link_parents(_upsert(Indicator, ["catalogue", "code"], indicators), [row for _file, _order, row in rows], kept)
    return Synced(catalogue.indicators.count(), catalogue.named_lists.count(), tuple(kept))


def _upsert(model, unique: list[str], rows) -> dict:
    """Write rows by their unique fields in one statement; returns code -> stored row."""
    untouched = {"id", "parent", "former_names", "version", *unique}
    fields = [field.name for field in model._meta.concrete_fields if field.name not in untouched]
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=fields)
    stored = model.objects.filter(code__in=[row.code for row in rows])
    if "catalogue" in unique:
        stored = stored.filter(catalogue__in={row.catalogue_id for row in rows})
    return {row.code: row for row in stored}


def _keep_printed(catalogue: Catalogue, rows: list) -> list[str]:
    """Put what is stored back into the rows to write, where approved returns rest on it; returns the codes that differed."""
    rests = MonthlyReturn.objects.approved().filter(figures__indicator__catalogue=catalogue)
    if not rows or not rests.exists():
        return []
    stored = {row.code: row for row in type(rows[0]).objects.filter(catalogue=catalogue)}
    return [row.code for row in rows if row.code in stored and _takes_over(row, stored[row.code])]


def _takes_over(row, stored) -> bool:
    names = [name for name in PRINTED if hasattr(row, name)]
    differs = any(getattr(row, name) != getattr(stored, name) for name in names)
    for name in names:
        setattr(row, name, getattr(stored, name))
    if isinstance(row, Indicator):
        ledger = {"ledger": row.formula["ledger"]} if "ledger" in row.formula else {}
        calculation = {key: value for key, value in stored.formula.items() if key != "ledger"}
        differs |= calculation != {key: value for key, value in row.formula.items() if key != "ledger"}
        row.formula = calculation | ledger
    return differs


def _named_list(catalogue: Catalogue, areas: dict, file, order: int, row: dict) -> NamedList:
    values = {"name": row["name"], "fields": row.get("fields", []), "hint": row.get("hint", ""), "order": order}
    return NamedList(catalogue=catalogue, code=row["code"], area=areas[file.area["code"]], **values)


def _indicator(catalogue: Catalogue, area: Area, order: int, row: dict) -> Indicator:
    formula = {key: row[key] for key in FORMULA_KEYS if row.get(key)}
    values = {
        "code": row["code"], "area": area, "order": order, "name": row["name"], "name_en": row.get("name_en", ""),
        "measure": row.get("measure", ""), "aggregation": row["aggregation"], "source": row.get("source", Source.ENTERED),
        "level": row.get("level", Level.TOWNSHIP), "decimals": row.get("decimals", 0), "scope_note": row.get("scope", ""),
        "parts": row.get("parts", ""), "formula": formula, "checks": checks_of(row),
        "is_required": row.get("required", True),
        "valid_from": row.get("valid_from", 2000), "valid_to": row.get("valid_to"),
    }  # fmt: skip
    return Indicator(catalogue=catalogue, **values)


def _link_parents(indicators: dict[str, Indicator], rows: list[dict], kept: list[str]) -> None:
    """Set the parents that differ from the files; a row that keeps what it prints keeps its whole."""
    moved = []
    for row in rows:
        indicator, parent = indicators[row["code"]], indicators.get(row.get("parent", ""))
        if indicator.parent_id != (parent.pk if parent else None) and row["code"] not in kept:
            indicator.parent = parent
            moved.append(indicator)
    Indicator.objects.bulk_update(moved, ["parent"])
