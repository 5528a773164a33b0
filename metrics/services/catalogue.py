"""Bringing the catalogue tables in line with the catalogue files."""

from django.db import transaction

from metrics.catalogue_files import FORMULA_KEYS, checks_of, read_catalogue
from metrics.choices import Level, Source
from metrics.models import Area, Indicator, NamedList


@transaction.atomic
def sync_catalogue() -> tuple[int, int]:
    """Bring areas, lists and indicators in line with the catalogue files; idempotent. Returns how many of each exist.

    Raises CatalogueError. Indicators that left the files keep their rows, for old years need them.
    """
    files = read_catalogue()
    areas = _upsert(Area, [Area(**{key: file.area[key] for key in ("code", "name", "order")}) for file in files])
    _upsert(NamedList, [_named_list(areas, file, order, row) for file in files for order, row in enumerate(file.lists)])
    rows = [(file, order, row) for file in files for order, row in enumerate(file.indicators)]
    indicators = [_indicator(areas[file.area["code"]], order, row) for file, order, row in rows]
    _link_parents(_upsert(Indicator, indicators), [row for _file, _order, row in rows])
    return Indicator.objects.count(), NamedList.objects.count()


def _upsert(model, rows) -> dict:
    """Write rows by their code in one statement; returns code -> stored row."""
    fields = [field.name for field in model._meta.concrete_fields if field.name not in ("id", "code", "parent")]
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return {row.code: row for row in model.objects.filter(code__in=[row.code for row in rows])}


def _named_list(areas: dict, file, order: int, row: dict) -> NamedList:
    values = {"name": row["name"], "fields": row.get("fields", []), "hint": row.get("hint", ""), "order": order}
    return NamedList(code=row["code"], area=areas[file.area["code"]], **values)


def _indicator(area: Area, order: int, row: dict) -> Indicator:
    formula = {key: row[key] for key in FORMULA_KEYS if row.get(key)}
    values = {
        "code": row["code"], "area": area, "order": order, "name": row["name"], "name_en": row.get("name_en", ""),
        "measure": row.get("measure", ""), "aggregation": row["aggregation"], "source": row.get("source", Source.ENTERED),
        "level": row.get("level", Level.TOWNSHIP), "decimals": row.get("decimals", 0), "scope_note": row.get("scope", ""),
        "parts": row.get("parts", ""), "formula": formula, "checks": checks_of(row),
        "is_required": row.get("required", True),
        "valid_from": row.get("valid_from", 2000), "valid_to": row.get("valid_to"),
    }  # fmt: skip
    return Indicator(**values)


def _link_parents(indicators: dict[str, Indicator], rows: list[dict]) -> None:
    """Set the parents that differ from the files."""
    moved = []
    for row in rows:
        indicator, parent = indicators[row["code"]], indicators.get(row.get("parent", ""))
        if indicator.parent_id != (parent.pk if parent else None):
            indicator.parent = parent
            moved.append(indicator)
    Indicator.objects.bulk_update(moved, ["parent"])
