"""Bringing the catalogue tables in line with the catalogue files."""

from django.db import transaction

from metrics.catalogue_files import read_catalogue
from metrics.choices import Level, Source
from metrics.models import Area, Indicator, NamedList


@transaction.atomic
def sync_catalogue() -> tuple[int, int]:
    """Bring areas, lists and indicators in line with the catalogue files; idempotent. Returns how many of each exist.

    Raises CatalogueError. Indicators that left the files keep their rows, for old years need them.
    """
    files = read_catalogue()
    for file in files:
        area, _made = Area.objects.update_or_create(
            code=file.area["code"], defaults={"name": file.area["name"], "order": file.area["order"]}
        )
        for order, row in enumerate(file.lists):
            values = {
                "area": area,
                "name": row["name"],
                "fields": row.get("fields", []),
                "hint": row.get("hint", ""),
                "order": order,
            }
            NamedList.objects.update_or_create(code=row["code"], defaults=values)
        for order, row in enumerate(file.indicators):
            Indicator.objects.update_or_create(code=row["code"], defaults=_indicator_values(area, order, row))
    _link_parents(files)
    return Indicator.objects.count(), NamedList.objects.count()


def _indicator_values(area: Area, order: int, row: dict) -> dict:
    formula = {key: row[key] for key in ("numerator", "denominator", "sum_of", "rank_of", "list") if row.get(key)}
    return {
        "area": area, "order": order, "name": row["name"], "name_en": row.get("name_en", ""),
        "measure": row.get("measure", ""), "aggregation": row["aggregation"], "source": row.get("source", Source.ENTERED),
        "level": row.get("level", Level.TOWNSHIP), "decimals": row.get("decimals", 0), "scope_note": row.get("scope", ""),
        "parts": row.get("parts", ""), "formula": formula, "not_above": row.get("not_above", ""),
        "warn_ratio": str(row.get("warn_ratio", "0.5")), "is_required": row.get("required", True),
        "valid_from": row.get("valid_from", 2000), "valid_to": row.get("valid_to"),
    }  # fmt: skip


def _link_parents(files) -> None:
    by_code = {row.code: row for row in Indicator.objects.all()}
    for file in files:
        for row in file.indicators:
            by_code[row["code"]].parent = by_code.get(row.get("parent", ""))
    Indicator.objects.bulk_update(by_code.values(), ["parent"])
