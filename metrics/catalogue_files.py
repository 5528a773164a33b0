"""Reads the catalogue files: what is counted is data, one file a work area. services.sync_catalogue writes them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.catalogue_rules import FORMULA_KEYS, Surroundings, counted_as, indicator_faults, set_faults
from metrics.check_rules import merged_checks
from metrics.models import Highlight

# The first year that the shipped set serves. A release that renames or redefines what earlier years printed raises it, so that
# those years keep the rows they were reported with (docs/adr/0010).
FIRST_YEAR = 2000
FOLDER = Path(__file__).parent / "catalogue"
_files: list[Path] = [FOLDER / f"{name}.toml" for name in ("ideology", "media", "practice", "inspections")]
KNOWN_KEYS = {
    "code", "name", "name_en", "measure", "aggregation", "source", "level", "decimals", "scope", "parent", "parts",
    "checks", "required", "valid_from", "valid_to", *FORMULA_KEYS,
}  # fmt: skip


class CatalogueError(ValueError):
    """A catalogue file that cannot be used; the message names file, entry and fault."""


@dataclass(frozen=True)
class AreaFile:
    """One file's contents: the [area] table, [[indicators]] and [[lists]] as plain dicts."""

    path: Path
    area: dict
    indicators: tuple[dict, ...]
    lists: tuple[dict, ...]


def register_catalogue(path: Path) -> None:
    """Add another app's catalogue file to the ones that are read."""
    if path not in _files:
        _files.append(path)


def read_catalogue() -> tuple[AreaFile, ...]:
    """Return all files, checked. Raises CatalogueError."""
    files = tuple(_read(path) for path in _files)
    rows = {row["code"]: {"area": file.area["code"], **row} for file in files for row in file.indicators if "code" in row}
    around = Surroundings(rows, {row["code"]: row["name"] for file in files for row in file.lists})
    for file in files:
        for row in file.indicators:
            _check_indicator(file, row, around)
        for row in file.lists:
            _check_list(file, row)
    for code, fault in set_faults(around):
        raise CatalogueError(f"{code}: {fault.key}: {fault.message}")
    return files


def _read(path: Path) -> AreaFile:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(_("%(file)s cannot be read: %(reason)s.") % {"file": path.name, "reason": error}) from error
    return AreaFile(path, data["area"], tuple(data.get("indicators", ())), tuple(data.get("lists", ())))


def _check_indicator(file: AreaFile, row: dict, around: Surroundings) -> None:
    where = f"{file.path.name}: {row.get('code', '?')}"
    if unknown := set(row) - KNOWN_KEYS:
        raise CatalogueError(_("%(where)s: unknown keys: %(names)s.") % {"where": where, "names": ", ".join(sorted(unknown))})
    if lacking := {"code", "name", "aggregation"} - set(row):
        raise CatalogueError(_("%(where)s: missing keys: %(names)s.") % {"where": where, "names": ", ".join(sorted(lacking))})
    for fault in indicator_faults(around.rows[row["code"]], around):
        raise CatalogueError(f"{where}: {fault.key}: {fault.message}")


def checks_of(row: dict) -> list[dict]:
    """Return an entry's checks: the usual ones of its kind, and what the file says otherwise."""
    return merged_checks(counted_as(row), row.get("checks", []))


def _check_list(file: AreaFile, row: dict) -> None:
    known = {field.name for field in Highlight._meta.get_fields()}
    if unknown := set(row.get("fields", ())) - known:
        values = {"where": f"{file.path.name}: {row['code']}", "names": ", ".join(sorted(unknown))}
        raise CatalogueError(_("%(where)s: named items have no such fields: %(names)s.") % values)
