"""Is everything that the yearly report has to hold there? Checks docs/coverage.toml against catalogue, template, formats."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from metrics.catalogue_files import read_catalogue
from metrics.periods import PeriodError, parse_period
from reports.formats import FORMATS
from reports.template_files import read_templates

REPORT_PARAMETERS = ("unit_name", "unit_short", "superior_name", "office_name", "report_year", "plan_year", "cutoff_month")
ENTRY_KEYS = {"id", "section", "text", "held_by"}
WHOLE_YEAR_CUTOFF = 12
TEMPLATE_YEAR = 2025  # the year whose source document the list follows


class CoverageError(ValueError):
    """The list of what is needed cannot be read; the message names file, entry and fault."""


@dataclass(frozen=True)
class Entry:
    """One thing the report has to hold, what holds it, and the holders that do not exist."""

    id: str
    section: str
    text: str
    held_by: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def is_held(self) -> bool:
        """Whether at least one holder is named and every named one exists."""
        return bool(self.held_by) and not self.lacking


def check_coverage(path: Path) -> list[Entry]:
    """Return every entry of the list, checked. Raises CoverageError."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["entries"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CoverageError(f"{path.name}: {error}") from error
    known = known_holders()
    return [_entry(path, row, known) for row in rows]


def _entry(path: Path, row: dict, known: dict[str, set[str]]) -> Entry:
    if missing := ENTRY_KEYS - set(row):
        raise CoverageError(f"{path.name}: {row.get('id', '?')}: {', '.join(sorted(missing))} is missing")
    held_by = tuple(row["held_by"])
    lacking = tuple(holder for holder in held_by if not _exists(holder, known))
    return Entry(row["id"], row["section"], row["text"], held_by, lacking)


def _exists(holder: str, known: dict[str, set[str]]) -> bool:
    kind, _colon, name = holder.partition(":")
    return _is_period(name) if kind == "period" else name in known.get(kind, ())


def known_holders() -> dict[str, set[str]]:
    """Return the names that exist, by kind of holder."""
    files = read_catalogue()
    template = next(row for row in read_templates() if row["year"] == TEMPLATE_YEAR)
    return {
        "indicator": {row["code"] for file in files for row in file.indicators},
        "list": {row["code"] for file in files for row in file.lists},
        "block": {row["key"] for row in template["blocks"]},
        "format": set(FORMATS),
        "param": {*template.get("params", {}), *REPORT_PARAMETERS},
    }


def _is_period(word: str) -> bool:
    try:
        parse_period(word, year=TEMPLATE_YEAR, cutoff_month=WHOLE_YEAR_CUTOFF)
    except PeriodError:
        return False
    return True
