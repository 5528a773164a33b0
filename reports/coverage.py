"""Is everything that the yearly report has to hold there? Checks docs/coverage.toml against catalogue, template, formats."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.catalogue_files import read_catalogue
from metrics.periods import PeriodError, parse_period
from reports.choices import UnitClass
from reports.formats import FORMATS
from reports.template_files import class_of, read_templates
from reports.tokens import tokens_of

REPORT_PARAMETERS = ("unit_name", "unit_short", "superior_name", "office_name", "report_year", "plan_year", "cutoff_month",
                     "party_anniversary", "army_anniversary", "district_anniversary")  # fmt: skip
ENTRY_KEYS = {"id", "section", "text", "held_by"}
WHOLE_YEAR_CUTOFF = 12
ANNEX_SOURCES = ("entered", "ledger", "derived")
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
        raise CoverageError(_("%(file)s cannot be read: %(reason)s.") % {"file": path.name, "reason": error}) from error
    known = known_holders()
    return [_entry(path, row, known) for row in rows]


def _entry(path: Path, row: dict, known: dict[str, set[str]]) -> Entry:
    if missing := ENTRY_KEYS - set(row):
        values = {"file": path.name, "entry": row.get("id", "?"), "keys": ", ".join(sorted(missing))}
        raise CoverageError(_("%(file)s: entry %(entry)s lacks %(keys)s.") % values)
    held_by = tuple(row["held_by"])
    lacking = tuple(holder for holder in held_by if not _exists(holder, known))
    return Entry(row["id"], row["section"], row["text"], held_by, lacking)


def _exists(holder: str, known: dict[str, set[str]]) -> bool:
    kind, _colon, name = holder.partition(":")
    return _is_period(name) if kind == "period" else name in known.get(kind, ())


def known_holders() -> dict[str, set[str]]:
    """Return the names that hold something, by kind of holder.

    Of the templates of townships: a block counts when every one has it; an indicator or list when every one quotes it, or the
    annex tables print it (entered and derived figures).
    """
    files, templates = read_catalogue(), [row for row in read_templates() if class_of(row) == UnitClass.ALL]
    template = next(row for row in templates if row["year"] == TEMPLATE_YEAR)
    indicators = [row for file in files for row in file.indicators]
    quoted = set.intersection(*(quoted_names(row) for row in templates))
    return {
        "indicator": {row["code"] for row in indicators if _is_in_annex(row) or _is_quoted(row, quoted)},
        "list": {row["code"] for file in files for row in file.lists if _is_quoted(row, quoted)},
        "block": set.intersection(*({block["key"] for block in row["blocks"]} for row in templates)),
        "format": set(FORMATS),
        "param": {*template.get("params", {}), *template.get("local", {}), *REPORT_PARAMETERS},
    }


def quoted_names(template: dict) -> set[str]:
    """Return the names or codes that the tokens of a template's text stand for."""
    return {token.name for block in template["blocks"] for token in tokens_of(block.get("text", ""))}


def _is_in_annex(row: dict) -> bool:
    return row.get("source", "entered") in ANNEX_SOURCES


def _is_quoted(row: dict, quoted: set[str]) -> bool:
    return bool({row["code"], row["name"]} & quoted)


def _is_period(word: str) -> bool:
    try:
        parse_period(word, year=TEMPLATE_YEAR, cutoff_month=WHOLE_YEAR_CUTOFF)
    except PeriodError:
        return False
    return True
