"""Reads report template files: a district's wording of a year as data. services.sync_templates writes them to the database."""

import tomllib
from pathlib import Path

from django.utils.translation import gettext as _

from accounts.choices import UnitKind
from metrics.population import population_words
from reports.choices import BlockKind

FOLDER = Path(__file__).parent / "report_templates"
ANNEX_KINDS = ("monthly_figures", "village_volunteers", "media_matrix")
SHORT_SUFFIXES = ("街道", "镇", "乡")
UNIT_WORDS = {UnitKind.SUBDISTRICT: "街道", UnitKind.TOWNSHIP: "乡"}


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
    for block in data["blocks"]:
        if block["kind"] not in BlockKind.values:
            raise TemplateError(_unknown(path, block, _("kind of block"), block["kind"]))
        if block["kind"] == BlockKind.ANNEX and block.get("annex") not in ANNEX_KINDS:
            raise TemplateError(_unknown(path, block, _("annex"), block.get("annex", "")))
    return data


def _unknown(path: Path, block: dict, what: str, value: str) -> str:
    values = {"file": path.name, "block": block["key"], "what": what, "value": value}
    return _("%(file)s: block %(block)s: there is no %(what)s “%(value)s”.") % values


def fill(text: str, values: dict[str, str]) -> str:
    """Replace {name} parameters. Plain replacement: a template holds no code. Raises TemplateError for an unknown one."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    if "{" in text:
        raise TemplateError(_("There is no parameter of this name: %(text)s") % {"text": text[text.index("{") :][:30]})
    return text


def block_values(report, unit, content: dict) -> dict[str, str]:
    """Return what the {parameters} of a report's blocks stand for; some follow from what the report keeps."""
    population = population_words("户籍人口", report.settings_copy["population_kind"])
    own = {"cutoff_month": str(report.cutoff_month), "population": population}
    return template_values(unit, report.year, content) | own


def template_values(unit, year: int, content: dict) -> dict[str, str]:
    """Return what the template's {parameters} stand for, in its head too, before there is a report."""
    short = next((unit.name.removesuffix(suffix) for suffix in SHORT_SUFFIXES if unit.name.endswith(suffix)), unit.name)
    word = UNIT_WORDS.get(unit.kind, "镇")
    return {
        **content.get("params", {}), "unit_name": unit.name, "unit_short": short, "unit_word": word, "whole_unit": f"全{word}",
        "superior_name": f"{unit.parent.name}委宣传部", "office_name": f"{unit.name}宣传办公室",
        "report_year": str(year), "plan_year": str(year + 1),
    }  # fmt: skip
