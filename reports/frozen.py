"""How a ReportDocument is written down and read back: plain data for its canonical JSON, in the lowest format that holds it.

What a format has added is written only where it is used, so a document without it has the same JSON, and the same hash, as
before: versions that were frozen under format 1 read back, and verify, for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from reports import document as doc

FORMATS = (
    1,
    2,
)  # 2: fixed text; tables and charts in the text; a table's unit; a cell's figure; a figure's scope and aggregate; a red head


def to_data(document: doc.ReportDocument) -> dict:
    """Return a document as dicts, lists and strings, its format among them."""
    data = _plain(document)
    added = [_drop_unused(data, ("letterhead",))]
    added += [_drop_unused(row, ("table", "chart", "fixed")) for row in data["blocks"]]
    added += [_drop_unused(row, ("fixed",)) for row in data["annexes"]]
    added += [set(run) == {"fixed"} for row in data["blocks"] for run in row["runs"]]
    tables = [row["table"] for row in data["blocks"] if row.get("table")]
    tables += [table for annex in data["annexes"] for table in annex["tables"]]
    added += [_drop_unused(table, ("unit",)) for table in tables]
    added += [_drop_unused(cell, ("figure",)) for table in tables for row in table["rows"] for cell in row]
    added += [_drop_unused(figure, ("scope", "aggregate")) for figure in _figures(data["blocks"], tables)]
    return {"format": 2 if any(added) else 1, **data}


def _plain(value):
    """Return dataclasses as dicts and tuples as lists all the way down: asdict, without its copy of every single string."""
    if isinstance(value, str):
        return value
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _names_of(type(value))}
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple | list) else value


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(row.name for row in fields(kind))


def _figures(blocks: list[dict], tables: list[dict]) -> Iterator[dict]:
    yield from (run for row in blocks for run in row["runs"] if "indicator" in run)
    yield from (cell["figure"] for table in tables for row in table["rows"] for cell in row if cell.get("figure"))
    series = (line for row in blocks if row.get("chart") for line in row["chart"]["series"])
    yield from (figure for line in series for figure in line["figures"] if figure)


def _drop_unused(data: dict, names: tuple[str, ...]) -> bool:
    """Take out what is not used; return whether anything is."""
    unused = [name for name in names if not data[name]]
    for name in unused:
        del data[name]
    return len(unused) < len(names)


def from_data(data: dict) -> doc.ReportDocument:
    """Return the document of to_data's dict. Raises ValueError on another format version."""
    if data.pop("format", None) not in FORMATS:
        raise ValueError("unknown ReportDocument format")
    data["title_lines"] = tuple(data["title_lines"])
    data["blocks"] = tuple(_block(row) for row in data["blocks"])
    data["annexes"] = tuple(_annex(row) for row in data["annexes"])
    data["letterhead"] = doc.Letterhead(**data["letterhead"]) if "letterhead" in data else None
    return doc.ReportDocument(**data)


def _block(row: dict) -> doc.Block:
    table, chart = row.get("table"), row.get("chart")
    return doc.Block(
        **{
            **row,
            "runs": tuple(_run(run) for run in row["runs"]),
            "table": _table(table) if table else None,
            "chart": _chart(chart) if chart else None,
            "fixed": tuple(row.get("fixed", ())),
        }
    )


def _run(row: dict) -> doc.Run:
    if set(row) == {"text"}:
        return doc.Text(**row)
    return doc.Fixed(**row) if set(row) == {"fixed"} else _figure(row)


def _figure(row: dict | None) -> doc.FigureRun | None:
    return doc.FigureRun(**{**row, "sources": tuple(row["sources"])}) if row else None


def _annex(row: dict) -> doc.Annex:
    tables = tuple(_table(table) for table in row["tables"])
    return doc.Annex(**{**row, "tables": tables, "fixed": tuple(row.get("fixed", ()))})


def _table(row: dict) -> doc.Table:
    columns = tuple(doc.Column(**column) for column in row["columns"])
    rows = tuple(tuple(_cell(cell) for cell in cells) for cells in row["rows"])
    return doc.Table(**{**row, "columns": columns, "rows": rows})


def _cell(row: dict) -> doc.Cell:
    return doc.Cell(row["text"], row["numeric"], _figure(row.get("figure")))


def _chart(row: dict) -> doc.Chart:
    series = tuple(
        doc.Series(line["name"], tuple(line["values"]), tuple(_figure(figure) for figure in line["figures"]))
        for line in row["series"]
    )
    return doc.Chart(**{**row, "categories": tuple(row["categories"]), "series": series})
