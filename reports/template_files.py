"""Reads report template files: a district's wording of a year as data. services.sync_templates writes them to the database."""

import tomllib
from pathlib import Path

from django.utils.translation import gettext as _

from metrics.population import population_words
from reports.choices import ANNEX_LABELS, TEMPLATE_KINDS, BlockKind, UnitClass
from reports.tokens import drop_empty, sentences
from reports.unit_words import (
    district_level,
    district_word,
    higher_committees,
    office_name,
    short_name,
    superior_name,
    unit_word,
)

FOLDER = Path(__file__).parent / "report_templates"
PARTY_FOUNDED, ARMY_FOUNDED = 1921, 1927


class TemplateError(ValueError):
    """A template file that cannot be used; the message names file, block and fault."""


def read_templates() -> list[dict]:
    """Return all template files as dicts with name, year, title, addressee, signature, params, blocks. Raises TemplateError."""
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _read(path: Path) -> dict:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(_("%(file)s cannot be read: %(reason)s.") % {"file": path.name, "reason": error}) from error
    if class_of(data) not in UnitClass.values:
        raise TemplateError(_unknown(path, {"key": "—"}, _("class of units"), class_of(data)))
    for block in data["blocks"]:
        if block["kind"] not in dict(TEMPLATE_KINDS):
            raise TemplateError(_unknown(path, block, _("kind of block"), block["kind"]))
        if block["kind"] == BlockKind.ANNEX and block.get("annex") not in ANNEX_LABELS:
            raise TemplateError(_unknown(path, block, _("annex"), block.get("annex", "")))
    return data


def class_of(data: dict) -> str:
    """Return which units a template file is for, a value of UnitClass: all townships unless it says otherwise."""
    return data.get("unit_class", UnitClass.ALL)


def _unknown(path: Path, block: dict, what: str, value: str) -> str:
    values = {"file": path.name, "block": block["key"], "what": what, "value": value}
    return _("%(file)s: block %(block)s: there is no %(what)s “%(value)s”.") % values


def fill(text: str, values: dict[str, str]) -> str:
    """Replace {name} parameters. Plain replacement: a template holds no code. Raises TemplateError for an unknown one.

    A parameter without a value leaves with its 、 where it is an item of a list; elsewhere its sentence drops out, as one with
    an empty list does.
    """
    empty = ["{" + name + "}" for name, value in values.items() if not value and "{" + name + "}" in text]
    if empty:
        text = _without(text, empty)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    if "{" in text:
        raise TemplateError(_("There is no parameter of this name: %(text)s") % {"text": text[text.index("{") :][:30]})
    return text


def _without(text: str, empty: list[str]) -> str:
    for name in empty:
        text = text.replace(f"{name}、", "").replace(f"、{name}", "")

    def left_of(sentence: str) -> str:
        return "" if any(name in sentence for name in empty) else sentence

    return "\n".join(drop_empty(sentences(line), left_of) for line in text.split("\n"))


def empty_entries(content: dict) -> tuple[str, ...]:
    """Return what only the district can say and its template does not, by their labels in the template's order."""
    values = _own_values(content)
    return tuple(label for name, label in content.get("local", {}).items() if not values[name])


def _own_values(content: dict) -> dict[str, str]:
    """Return the template's parameters: the shipped ones, and what the district has entered over them or for itself."""
    return dict.fromkeys(content.get("local", {}), "") | content.get("params", {}) | content.get("local_values", {})


def block_values(report, unit, content: dict) -> dict[str, str]:
    """Return what the {parameters} of a report's blocks stand for; some follow from what the report keeps."""
    population = population_words("户籍人口", report.settings_copy["population_kind"])
    own = {"cutoff_month": str(report.cutoff_month), "population": population}
    return template_values(unit, report.year, content) | own


def template_values(unit, year: int, content: dict) -> dict[str, str]:
    """Return what the template's {parameters} stand for, in its head too, before there is a report."""
    word, district, own = unit_word(unit), unit.district, _own_values(content)
    return {
        **own, "unit_name": unit.name, "unit_short": short_name(unit), "unit_word": word,
        "whole_unit": f"全{word}", "superior_name": superior_name(unit), "office_name": office_name(unit),
        "district_word": district_word(district), "district_level": district_level(district),
        "higher_committees": higher_committees(district), "report_year": str(year), "plan_year": str(year + 1),
        "party_anniversary": str(year + 1 - PARTY_FOUNDED), "army_anniversary": str(year + 1 - ARMY_FOUNDED),
        "district_anniversary": _anniversary(own.get("district_founded", ""), year + 1),
    }  # fmt: skip


def _anniversary(founded: str, year: int) -> str:
    return str(year - int(founded)) if founded.isdecimal() else ""
