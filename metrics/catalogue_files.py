"""Reads the catalogue files: what is counted is data, one file a work area. services.sync_catalogue writes them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.check_rules import CheckError, merged_checks, read_checks
from metrics.choices import Aggregation, Level, Parts, Source
from metrics.ledgers import LedgerRule, LedgerRuleError
from metrics.models import Highlight, Indicator

# The first year that the shipped set serves. A release that renames or redefines what earlier years printed raises it, so that
# those years keep the rows they were reported with (docs/adr/0010).
FIRST_YEAR = 2000
FOLDER = Path(__file__).parent / "catalogue"
_files: list[Path] = [FOLDER / f"{name}.toml" for name in ("ideology", "media", "practice", "inspections")]
FORMULA_KEYS = ("numerator", "denominator", "sum_of", "rank_of", "list", "ledger")
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
    codes = {row["code"] for file in files for row in file.indicators}
    list_codes = {row["code"] for file in files for row in file.lists}
    for file in files:
        for row in file.indicators:
            _check_indicator(file, row, codes, list_codes)
        for row in file.lists:
            _check_list(file, row)
    return files


def _read(path: Path) -> AreaFile:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(_("%(file)s cannot be read: %(reason)s.") % {"file": path.name, "reason": error}) from error
    return AreaFile(path, data["area"], tuple(data.get("indicators", ())), tuple(data.get("lists", ())))


def _check_indicator(file: AreaFile, row: dict, codes: set[str], list_codes: set[str]) -> None:
    where = f"{file.path.name}: {row.get('code', '?')}"
    if unknown := set(row) - KNOWN_KEYS:
        raise CatalogueError(_("%(where)s: unknown keys: %(names)s.") % {"where": where, "names": ", ".join(sorted(unknown))})
    for key, allowed in (
        ("aggregation", Aggregation),
        ("source", Source),
        ("level", Level),
        ("parts", Parts),
    ):
        if row.get(key) and row[key] not in allowed.values:
            values = {"where": where, "key": key, "value": row[key], "allowed": ", ".join(filter(None, allowed.values))}
            raise CatalogueError(_("%(where)s: %(key)s is “%(value)s”, but has to be one of: %(allowed)s.") % values)
    references = [row.get(key) for key in ("parent", "numerator", "denominator", "rank_of")]
    for code in [*filter(None, references), *row.get("sum_of", ())]:
        if code not in codes:
            raise CatalogueError(_("%(where)s: there is no indicator %(code)s.") % {"where": where, "code": code})
    if row.get("list") and row["list"] not in list_codes:
        raise CatalogueError(_("%(where)s: there is no list %(code)s.") % {"where": where, "code": row["list"]})
    if row.get("ledger"):
        _check_ledger(where, row["ledger"])
    try:
        read_checks(_counted(row), row.get("checks", []), codes=codes, list_codes=list_codes, allow_off=True)
    except CheckError as error:
        raise CatalogueError(f"{where}: {error}") from error


def checks_of(row: dict) -> list[dict]:
    """Return an entry's checks: the usual ones of its kind, and what the file says otherwise."""
    return merged_checks(_counted(row), row.get("checks", []))


def _counted(row: dict) -> Indicator:
    """Return what rules want to know of an entry: how it adds up and where it comes from."""
    formula = {key: row[key] for key in FORMULA_KEYS if row.get(key)}
    source, level = row.get("source", Source.ENTERED), row.get("level", Level.TOWNSHIP)
    return Indicator(code=row["code"], aggregation=row["aggregation"], source=source, level=level, formula=formula)


def _check_ledger(where: str, data: dict) -> None:
    try:
        LedgerRule.read(data)
    except LedgerRuleError as error:
        raise CatalogueError(f"{where}: {error}") from error


def _check_list(file: AreaFile, row: dict) -> None:
    known = {field.name for field in Highlight._meta.get_fields()}
    if unknown := set(row.get("fields", ())) - known:
        values = {"where": f"{file.path.name}: {row['code']}", "names": ", ".join(sorted(unknown))}
        raise CatalogueError(_("%(where)s: named items have no such fields: %(names)s.") % values)
