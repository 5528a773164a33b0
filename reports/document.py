"""ReportDocument: what a report says, as frozen data. Renderers read only this; it knows no HTTP, HTML or database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Text:
    """A stretch of ordinary words."""

    text: str


@dataclass(frozen=True)
class Fixed:
    """Fixed text 〖…〗: words whose digits were typed on purpose, such as a document's name. Prints like ordinary words."""

    fixed: str

    @property
    def text(self) -> str:
        """Return the words as they print, without the marks."""
        return self.fixed


@dataclass(frozen=True)
class FigureRun:
    """A bound number or list as it prints, with where it came from.

    `value` is the exact decimal as a string (None for lists); `sources` names months and their state, e.g.
    ({"period": "2025-03", "value": "4", "approved_by": "...", "approved_at": "..."},). `scope` names whose figure it is where
    it is not the report's own unit: a village, the district; `aggregate` how its months are taken together: 月均, 最高月.
    """

    text: str
    indicator: str
    period: str
    format: str
    value: str | None = None
    source_hash: str = ""
    sources: tuple[dict, ...] = ()
    scope: str = ""
    aggregate: str = ""


Run = Text | Fixed | FigureRun


@dataclass(frozen=True)
class Cell:
    """A table cell; `numeric` cells are set flush right. `text` is final: no renderer formats numbers.

    `figure` is the bound number that the text shows, where the table was built from tokens.
    """

    text: str
    numeric: bool = False
    figure: FigureRun | None = None


@dataclass(frozen=True)
class Column:
    """A table column: heading and relative width (the renderer scales the sum to the table's width)."""

    heading: str
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table with a caption; a row whose first cell alone is filled is a group heading spanning all columns.

    `unit` stands above the table at the right ("单位：篇"), `note` below it.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Series:
    """One row of bars, one line, or the slices of a pie: decimals as strings, None where there is no value.

    `figures` are the bound numbers behind the values, one each or none at all.
    """

    name: str
    values: tuple[str | None, ...]
    figures: tuple[FigureRun | None, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart as data: kind bar | line | pie (one series), a value of each series for every category. `unit`: "篇"."""

    kind: str
    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""


@dataclass(frozen=True)
class Block:
    """One typed row of the report.

    kind: heading | paragraph | item | plan | list | table | chart. `level` is 1 or 2 for headings, else 0. `number` is the
    printed numbering ("一、", "（一）", "1.", "一是"; "1." or "（1）" for an entry of a named list, which is a block each; "表1",
    "图1") and `lead` the run-in title that follows it. `runs` make up the text; a table or a chart stands in a field of its own.
    `fixed` is the fixed text in run-in title and caption, in reading order: what may hold digits there.
    """

    key: str
    kind: str
    level: int = 0
    number: str = ""
    lead: str = ""
    runs: tuple[Run, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    fixed: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the block as it prints, numbering and run-in title included; tables and charts a row a line."""
        return "\n".join([self.number + self.lead + "".join(run.text for run in self.runs), *self._lines()]).strip("\n")

    def _lines(self) -> Iterator[str]:
        if self.table:
            yield f"{self.table.caption} {self.table.unit}".strip()
            yield " ".join(column.heading for column in self.table.columns)
            yield from (" ".join(cell.text for cell in row) for row in self.table.rows)
            yield self.table.note
        if self.chart:
            yield f"{self.chart.title} {self.chart.unit}".strip()
            for row in self.chart.series:
                pairs = zip(self.chart.categories, row.values, strict=False)
                yield " ".join([row.name, *(f"{name} {value or '—'}" for name, value in pairs)])
            yield self.chart.note

    @property
    def plain_runs(self) -> tuple[Run, ...]:
        """Return the runs with fixed text as ordinary words, neighbours joined: equal for blocks that print the same figures."""
        joined: list[Run] = []
        for run in self.runs:
            words = not isinstance(run, FigureRun)
            if words and joined and isinstance(joined[-1], Text):
                joined[-1] = Text(joined[-1].text + run.text)
            else:
                joined.append(Text(run.text) if words else run)
        return tuple(joined)

    @property
    def figures(self) -> tuple[FigureRun, ...]:
        """Return every bound number of the block in reading order, those of tables and charts included."""
        cells = [cell.figure for row in self.table.rows for cell in row] if self.table else []
        points = [figure for row in self.chart.series for figure in row.figures] if self.chart else []
        return tuple(run for run in (*self.runs, *cells, *points) if isinstance(run, FigureRun))


@dataclass(frozen=True)
class Annex:
    """An annex on pages of its own: "附件1" and its title, then tables. `landscape` turns its pages (GB/T 9704-2012).

    `fixed` is the fixed text in its title, as a block has it.
    """

    number: int
    title: str
    tables: tuple[Table, ...]
    landscape: bool = True
    fixed: tuple[str, ...] = ()


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

    @property
    def is_approved(self) -> bool:
        """Whether this is a frozen version: drafts carry a status mark, or have no number yet."""
        return self.version > 0 and not self.status_mark

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no spaces, real characters."""
        from reports import frozen

        return json.dumps(frozen.to_data(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Return the hash of the canonical JSON: the identity of this content."""
        return hashlib.sha256(self.to_json().encode(errors="surrogatepass")).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> ReportDocument:
        """Read back what to_json wrote; the result equals the original. Raises ValueError on another format version."""
        from reports import frozen

        return frozen.from_data(json.loads(text))


def with_text(run: Run, text: str) -> Run:
    """Return the run saying something else."""
    return replace(run, fixed=text) if isinstance(run, Fixed) else replace(run, text=text)
