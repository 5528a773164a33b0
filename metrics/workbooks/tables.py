"""A table for a file: columns with label, kind and width, rows of plain values, what stands above and below. No format yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

TEXT, NUMBER, DAY = "text", "number", "day"
RECORD_SHEET = "系统记录"  # the hidden sheet in which a template notes what it was made from
Value = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True)
class Column:
    """One column. `choices` become a drop-down in a template, `note` an input message; `is_filled`: people type here.

    `decimals` None: each number shows as many as it has.
    """

    label: str
    kind: str = TEXT
    width: int = 12  # characters
    decimals: int | None = 0
    choices: tuple[str, ...] = ()
    note: str = ""
    is_filled: bool = False
    is_required: bool = False


@dataclass(frozen=True)
class Group:
    """A row that heads the rows below it."""

    title: str


@dataclass(frozen=True)
class Table:
    """One sheet. `above`: lines between title and head (unit, period); `below`: notes and the line for signatures.

    `marks` maps (row, column), both from 0, to what is wrong there: the cell turns red and says so. `spare_rows` are empty
    rows of a template that keep its drop-downs. `example`: the first row is one. `is_hidden`: for the system alone.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...] | Group, ...]
    above: tuple[str, ...] = ()
    totals: tuple[Value, ...] | None = None
    below: tuple[str, ...] = ()
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    spare_rows: int = 0
    has_example: bool = False
    is_wide: bool = True
    is_hidden: bool = False


def yes_no(value: bool) -> str:
    """Return the word for a truth."""
    return "是" if value else "否"


def file_name(*parts: str, extension: str) -> str:
    """Return 青云镇_2026年10月_媒体录用台账.xlsx: parts that are there, without what a file's name may not hold."""
    stem = "_".join("".join(char for char in part if char not in '\\/:*?"<>|' and char.isprintable()) for part in parts if part)
    return f"{stem[:120]}.{extension}"
