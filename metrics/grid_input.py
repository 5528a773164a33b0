"""Reads what a browser sends into CellInput: the script's JSON batch, or the whole form where no script runs."""

import json
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from metrics.services import CellInput

FIELD = "f-"
MOST_CELLS = 500
MOST_CHARACTERS = 200
MOST_UNANSWERED = 8
OP_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")


class BadInput(ValueError):
    """A request that no page of ours sends; str() says what is wrong."""


@dataclass(frozen=True)
class Batch:
    """What a page's script sends: cells, `since` when it last heard of others' changes, and whether somebody is at work.

    `by` is the id of the person whose page it is, None when it does not say.
    """

    inputs: list[CellInput]
    by: int | None = None
    since: str = ""
    is_active: bool = False


def read_json(body: bytes, *, needs_cells: bool = True) -> Batch:
    """Read {"cells": [{"cell", "raw", "base_version", "explanation"?, "op_id"?, "after"?}], "by"?, "since"?, "active"?}.

    Raises BadInput. Without `needs_cells` there are none: the page only asks for news.
    """
    try:
        sent = json.loads(body)
        rows = sent["cells"] if needs_cells else []
        by, since = sent.get("by"), sent.get("since", "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(_("This is not a list of cells.")) from error
    if needs_cells and (not isinstance(rows, list) or not 0 < len(rows) <= MOST_CELLS):
        raise BadInput(_("Between 1 and %(most)d cells can be saved at once.") % {"most": MOST_CELLS})
    if not isinstance(by, int | None) or not isinstance(since, str):
        raise BadInput(_("This is not a list of cells."))
    return Batch([_cell(row) for row in rows], by, since[:40], sent.get("active") is True)


def _cell(row) -> CellInput:
    try:
        cell, raw, base, explanation = row["cell"], row["raw"], row.get("base_version", 0), row.get("explanation")
        op_id, after = row.get("op_id", ""), row.get("after", [])
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(_("A cell needs a name and what was typed.")) from error
    fits = isinstance(cell, str) and isinstance(raw, str) and isinstance(base, int) and isinstance(explanation, str | None)
    if not fits or len(raw) > MOST_CHARACTERS:
        raise BadInput(_("A cell takes text of at most %(most)d characters.") % {"most": MOST_CHARACTERS})
    if not (op_id == "" or _is_op_id(op_id)) or not isinstance(after, list) or not all(map(_is_op_id, after)):
        raise BadInput(_("A change of a cell has an id of 8 to 40 letters and digits."))
    return CellInput(cell, raw, base, explanation, op_id, tuple(after[-MOST_UNANSWERED:]))


def _is_op_id(value) -> bool:
    return isinstance(value, str) and OP_ID.fullmatch(value) is not None


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
