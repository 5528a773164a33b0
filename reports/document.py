"""ReportDocument: what a report says, as frozen data. Renderers read only this; it knows no HTTP, HTML or database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Text:
    """A stretch of ordinary words."""

    text: str


@dataclass(frozen=True)
class FigureRun:
    """A bound number or list as it prints, with where it came from.

    `value` is the exact decimal as a string (None for lists); `sources` names months and their state, e.g.
    ({"period": "2025-03", "value": "4", "approved_by": "...", "approved_at": "..."},).
    """

    text: str
    indicator: str
    period: str
    format: str
    value: str | None = None
    source_hash: str = ""
    sources: tuple[dict, ...] = ()


Run = Text | FigureRun


@dataclass(frozen=True)
class Block:
    """One typed row of the report.

    kind: heading | paragraph | item | plan. `level` is 1 or 2 for headings, else 0. `number` is the printed numbering
    ("一、", "（一）", "1.", "一是") and `lead` the run-in title that follows it. `runs` make up the text.
    """

    key: str
    kind: str
    level: int = 0
    number: str = ""
    lead: str = ""
    runs: tuple[Run, ...] = ()

    @property
    def text(self) -> str:
        """Return the block as it prints, numbering and run-in title included."""
        return self.number + self.lead + "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Cell:
    """A table cell; `numeric` cells are set flush right. `text` is final: no renderer formats numbers."""

    text: str
    numeric: bool = False


@dataclass(frozen=True)
class Column:
    """A table column: heading and relative width (the renderer scales the sum to the table's width)."""

    heading: str
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table with a caption; a row whose first cell alone is filled is a group heading spanning all columns."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Annex:
    """An annex on pages of its own: "附件1" and its title, then tables. `landscape` turns its pages (GB/T 9704-2012)."""

    number: int
    title: str
    tables: tuple[Table, ...]
    landscape: bool = True


@dataclass(frozen=True)
class Letterhead:
    """The red head and the 版记 of an official document (GB/T 9704-2012 7.2, 7.4), as they print.

    mark: 发文机关标志; number: 发文字号; signatory: 签发人, of an upward document; copies: 抄送; issuer and issued: 印发机关 and
    印发日期. What is empty does not print.
    """

    mark: str
    number: str = ""
    signatory: str = ""
    copies: str = ""
    issuer: str = ""
    issued: str = ""


@dataclass(frozen=True)
class ReportDocument:
    """A whole report. `title_lines` are the centred lines of the title, broken on sense; without a red head no `letterhead`."""

    title_lines: tuple[str, ...]
    addressee: str
    blocks: tuple[Block, ...]
    signature: str
    issue_date: str
    annexes: tuple[Annex, ...] = ()
    unit_code: str = ""
    unit_name: str = ""
    report_year: int = 0
    version: int = 0
    status_mark: str = ""
    facts: dict = field(default_factory=dict)
    letterhead: Letterhead | None = None

    @property
    def title(self) -> str:
        """Return the title on one line, for metadata and file names."""
        return "".join(self.title_lines)

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no spaces, real characters."""
        data = {"format": FORMAT_VERSION, **asdict(self)}
        if self.letterhead is None:  # so that a document without one has the JSON, and the hash, that it always had
            del data["letterhead"]
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Return the hash of the canonical JSON: the identity of this content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> ReportDocument:
        """Read back what to_json wrote; the result equals the original. Raises ValueError on another format version."""
        data = json.loads(text)
        if data.pop("format", None) != FORMAT_VERSION:
            raise ValueError("unknown ReportDocument format")
        data["title_lines"] = tuple(data["title_lines"])
        data["blocks"] = tuple(_block(row) for row in data["blocks"])
        data["annexes"] = tuple(_annex(row) for row in data["annexes"])
        data["letterhead"] = Letterhead(**data["letterhead"]) if "letterhead" in data else None
        return cls(**data)


def _block(row: dict) -> Block:
    return Block(**{**row, "runs": tuple(_run(run) for run in row["runs"])})


def _run(row: dict) -> Run:
    if set(row) == {"text"}:
        return Text(**row)
    return FigureRun(**{**row, "sources": tuple(row["sources"])})


def _annex(row: dict) -> Annex:
    return Annex(**{**row, "tables": tuple(_table(table) for table in row["tables"])})


def _table(row: dict) -> Table:
    columns = tuple(Column(**column) for column in row["columns"])
    rows = tuple(tuple(Cell(**cell) for cell in cells) for cells in row["rows"])
    return Table(caption=row["caption"], columns=columns, rows=rows, note=row["note"])
