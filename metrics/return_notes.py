"""What a township says of figures that a check asked about, as numbered notes under the printed return."""

from __future__ import annotations

from typing import NamedTuple

from metrics.grid import Grid


class Note(NamedTuple):
    """One explanation: the indicator by name, with the village's in brackets, and the text."""

    name: str
    text: str


def explanation_notes(grid: Grid) -> list[Note]:
    """Return one note a cell whose queries are explained, in the order of the form. One query where villages have any."""
    explained = [(row, found) for section in grid.sections for row in section.rows for found in row.explained]
    villages = {}
    if any("@" in found.cell for _row, found in explained):
        villages = dict(grid.monthly_return.unit.children.values_list("code", "name"))
    notes: dict[str, Note] = {}
    for row, found in explained:
        _code, _at, village = found.cell.partition("@")
        name = f"{row.name}（{villages.get(village, village)}）" if village else row.name
        notes.setdefault(found.cell, Note(name, found.explanation))
    return list(notes.values())
