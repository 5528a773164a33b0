"""Reads what a browser sends into CellInput: the script's JSON batch, or the whole form where no script runs."""

import json

from django.utils.translation import gettext as _

from metrics.services import CellInput

FIELD = "f-"
MOST_CELLS = 500
MOST_CHARACTERS = 200


class BadInput(ValueError):
    """A request that no page of ours sends; str() says what is wrong."""


def read_json(body: bytes) -> list[CellInput]:
    """Read {"cells": [{"cell", "raw", "base_version", "explanation"?}]}. Raises BadInput."""
    try:
        rows = json.loads(body)["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(_("This is not a list of cells.")) from error
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_CELLS:
        raise BadInput(_("Between 1 and %(most)d cells can be saved at once.") % {"most": MOST_CELLS})
    return [_cell(row) for row in rows]


def _cell(row) -> CellInput:
    try:
        cell, raw, base, explanation = row["cell"], row["raw"], row.get("base_version", 0), row.get("explanation")
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(_("A cell needs a name and what was typed.")) from error
    fits = isinstance(cell, str) and isinstance(raw, str) and isinstance(base, int) and isinstance(explanation, str | None)
    if not fits or len(raw) > MOST_CHARACTERS:
        raise BadInput(_("A cell takes text of at most %(most)d characters.") % {"most": MOST_CHARACTERS})
    return CellInput(cell, raw, base, explanation)


def read_form(data) -> list[CellInput]:
    """Return the cells of a posted form that differ from what its page showed (hidden field `seen`), and its one-click fix."""
    seen = _seen(data.get("seen", ""))
    typed = {name.removeprefix(FIELD): value for name, value in data.items() if name.startswith(FIELD)}
    fixed, _equals, value = data.get("fix", "").partition("=")
    if fixed in typed or fixed in seen:
        typed[fixed] = value
    inputs = []
    for cell, raw in typed.items():
        version, shown = seen.get(cell, (0, ""))
        if raw.strip() != shown.strip():
            inputs.append(CellInput(cell, raw[:MOST_CHARACTERS], version))
    return inputs


def _seen(text: str) -> dict[str, tuple[int, str]]:
    try:
        return {cell: (int(version), str(shown)) for cell, (version, shown) in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}
