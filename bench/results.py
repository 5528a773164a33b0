"""Measurements as data, and bench/results.md made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bench.timing import Timing

HEAD = "| what | this | against | ratio | CPU ratio | aim | |\n| --- | --- | --- | --- | --- | --- | --- |"
KEPT = {True: "kept", False: "**missed**", None: ""}


@dataclass(frozen=True)
class Line:
    """One comparison. `ratio` is ours to the other as the aim counts it; `is_kept` is None where there is no aim."""

    what: str
    ours: str
    other: str
    ratio: float
    cpu_ratio: float | None = None
    aim: str = ""
    is_kept: bool | None = None

    def as_row(self) -> str:
        """Return the line as a row of a Markdown table."""
        cpu = "" if self.cpu_ratio is None else f"{self.cpu_ratio:.2f}"
        return f"| {self.what} | {self.ours} | {self.other} | {self.ratio:.2f} | {cpu} | {self.aim} | {KEPT[self.is_kept]} |"


@dataclass
class Chapter:
    """What one bench measured: a title, what was compared and how, the lines, and remarks."""

    title: str
    method: str
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        """Return the chapter as Markdown."""
        notes = "".join(f"\n- {note}" for note in self.notes)
        table = "\n".join([HEAD, *(line.as_row() for line in self.lines)]) if self.lines else ""
        return f"## {self.title}\n\n{self.method}\n\n{table}\n{notes}\n"


def cost_line(what: str, ours: Timing, other: Timing, most: float | None = None) -> Line:
    """Compare costs: the ratio is our time to the other's, to be at most `most`."""
    ratio = ours.wall / other.wall
    return Line(
        what, ours.shown, other.shown, ratio, ours.cpu / other.cpu if other.cpu else None,
        f"≤ {most:.2f}" if most else "", None if most is None else ratio <= most,
    )  # fmt: skip


def rate_line(what: str, ours: Timing, other: Timing, least: float | None = None) -> Line:
    """Compare rates: the ratio is our rate to the other's, to be at least `least`."""
    ratio = other.wall / ours.wall
    return Line(
        what, f"{1 / ours.wall:.0f}/s ({ours.shown})", f"{1 / other.wall:.0f}/s ({other.shown})", ratio, other.cpu / ours.cpu,
        f"≥ {least:.2f}" if least else "", None if least is None else ratio >= least,
    )  # fmt: skip


def write_results(path: Path, facts: list[tuple[str, str]], chapters: list[Chapter]) -> None:
    """Write the whole file."""
    head = [
        "# Measurements",
        "",
        "Made by `script/bench`; every ratio compares two things inside one run, medians of interleaved rounds. "
        "Times of one machine say little; ratios travel. *CPU ratio* compares processor time, which other work on the "
        "machine disturbs less than the clock.",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in facts),
        "",
    ]
    path.write_text("\n".join(head) + "\n" + "\n".join(chapter.as_text() for chapter in chapters), encoding="utf-8")
