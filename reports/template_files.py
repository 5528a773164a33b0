"""Reads report template files: a district's wording of a year as data. services.sync_templates writes them to the database."""

import tomllib
from pathlib import Path

from reports.choices import BlockKind

FOLDER = Path(__file__).parent / "report_templates"
ANNEX_KINDS = ("monthly_figures", "village_volunteers", "media_matrix")


class TemplateError(ValueError):
    """A template file that cannot be used; the message names file, block and fault."""


def read_templates() -> list[dict]:
    """Return all template files as dicts with name, year, title, addressee, signature, params, blocks. Raises TemplateError."""
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _read(path: Path) -> dict:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{path.name}: {error}") from error
    for block in data["blocks"]:
        if block["kind"] not in BlockKind.values:
            raise TemplateError(f"{path.name}: {block['key']}: unknown kind {block['kind']!r}")
        if block["kind"] == BlockKind.ANNEX and block.get("annex") not in ANNEX_KINDS:
            raise TemplateError(f"{path.name}: {block['key']}: unknown annex {block.get('annex')!r}")
    return data


def fill(text: str, values: dict[str, str]) -> str:
    """Replace {name} parameters. Plain replacement: a template holds no code. Raises TemplateError for an unknown one."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    if "{" in text:
        raise TemplateError(f"unknown parameter in: {text[text.index('{') :][:30]}")
    return text
