"""Tables on their way to HTML: column headings, which side words stand on, widths. For tables of the text and of annexes."""

from __future__ import annotations

import re

from reports.document import Cell, Table
from reports.render.plain_text import clean_text, width_of

DENSE_COLUMNS = 9  # a table with more columns is set smaller (print.css .dense)
MEASURE = re.compile("(.+?)(（[^（）]{1,8}）)")


def table_view(key: str, table: Table, *, width: float) -> dict:
    """Return what the template prints of a table that is `width` mm wide; `key` is its class in the document's own rules."""
    sides = [_side(index, table) for index in range(len(table.columns))]
    return {
        "key": key,
        "caption": clean_text(table.caption),
        "unit": clean_text(table.unit),
        "headings": _headings(table, width),
        "rows": [_row_view(row, sides) for row in table.rows],
        "note": clean_text(table.note),
        "is_dense": len(table.columns) > DENSE_COLUMNS,
    }


def _headings(table: Table, table_width: float) -> list[dict]:
    """Return the column headings, "服务时长（小时）" as words and a measure that is not broken if the column holds it."""
    total = sum(relative_widths(table)) or 1
    size = 3.2 if len(table.columns) > DENSE_COLUMNS else 3.75  # mm a character
    headings = []
    for column, width in zip(table.columns, relative_widths(table), strict=True):
        text = clean_text(column.heading)
        match = MEASURE.fullmatch(text)
        if match and width_of(match[2]) * size <= width / total * table_width - 2.5:
            headings.append({"words": match[1], "measure": match[2]})
        else:
            headings.append({"words": text})
    return headings


def relative_widths(table: Table) -> list[float]:
    """Return the widths of the columns, none of them nothing."""
    return [max(column.width, 0.1) for column in table.columns]


def _side(index: int, table: Table) -> str:
    """Return how a column's words stand: short ones centred, longer ones from the left."""
    words = [row[index].text for row in table.rows if index < len(row) and not row[index].numeric]
    longest = max((width_of(word) for word in words), default=0)
    return "left" if longest > 6 or (index == 0 and longest > 4) else ""


def _row_view(row: tuple[Cell, ...], sides: list[str]) -> dict:
    texts = [clean_text(cell.text) for cell in row]
    if len(sides) > 1 and texts and texts[0] and not any(texts[1:]):
        return {"group": texts[0]}
    cells = [
        {"text": text, "side": "number" if cell.numeric else side} for text, cell, side in zip(texts, row, sides, strict=False)
    ]
    cells += [{"text": "", "side": ""}] * (len(sides) - len(cells))
    return {"cells": cells}


def column_rules(key: str, table: Table) -> list[str]:
    """Return the CSS rules that give a table's columns their widths."""
    relative = relative_widths(table)
    widths = [width / sum(relative) * 100 for width in relative]
    return [f".{key} col:nth-child({place}){{width:{width:.3f}%}}" for place, width in enumerate(widths, 1)]
