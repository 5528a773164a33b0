"""The check before submitting as one list: findings by level, with the lines that confirm them. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reports.checks import Finding, Level, run_checks
from reports.checks.findings import LEVELS
from reports.checks.manuscript import Manuscript
from reports.models import Confirmation, Report


@dataclass(frozen=True)
class Checked:
    """A finding, and the confirmation that holds for it as it is now."""

    finding: Finding
    confirmation: Confirmation | None = None

    @property
    def level(self) -> Level:
        """How serious it is now: what has to be confirmed blocks until it is."""
        return Level.BLOCKING if self.finding.must_confirm and self.confirmation is None else self.finding.level

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to do something about it."""
        return self.level == Level.BLOCKING or (self.level == Level.CONFIRM and self.confirmation is None)


@dataclass
class CheckList:
    """What the checks found in a report, the serious first."""

    rows: list[Checked]

    def of_level(self, level: Level) -> list[Checked]:
        """Return the findings of a level, those to be dealt with before the confirmed ones."""
        return sorted((row for row in self.rows if row.level == level), key=lambda row: not row.is_open)

    @property
    def groups(self) -> list[tuple[str, list[Checked]]]:
        """Levels that have findings, with them."""
        found = [(level.value, self.of_level(level)) for level in LEVELS]
        return [(level, rows) for level, rows in found if rows]

    @cached_property
    def blocking(self) -> list[Finding]:
        """What is in the way of a submission."""
        return [row.finding for row in self.rows if row.level == Level.BLOCKING]

    @property
    def blocking_export(self) -> list[Finding]:
        """What is in the way of an export and an approval: comments are not."""
        return [row for row in self.blocking if row.stops_export]

    @property
    def unconfirmed(self) -> int:
        """How many wait for a line that says why they stand."""
        return sum(row.is_open for row in self.of_level(Level.CONFIRM))

    @property
    def confirmed(self) -> list[Checked]:
        """Findings that somebody has answered for."""
        return [row for row in self.rows if row.confirmation]

    def open_in(self, key: str, level: Level, *, apart: tuple[str, ...] = ()) -> int:
        """Return how many findings of a level in a block have to be dealt with, some checks kept apart."""
        found = [row for row in self.rows if (row.finding.block_key, row.level) == (key, level)]
        return sum(row.is_open and row.finding.check not in apart for row in found)

    def finding(self, mark: str) -> Finding | None:
        """Return the finding of a mark."""
        return next((row.finding for row in self.rows if row.finding.mark == mark), None)


def load_check_list(report: Report, script: Manuscript) -> CheckList:
    """Run the checks over a manuscript. An approved report stands as it is: nothing is asked about it any more."""
    if report.is_approved:
        return CheckList([])
    found = run_checks(script)
    lines = {row.mark: row for row in Confirmation.objects.filter(report=report).select_related("confirmed_by")}
    return CheckList([Checked(row, lines.get(row.mark) if row.level == Level.CONFIRM else None) for row in found])


def confirmations_as_data(checks: CheckList) -> list[dict]:
    """Return confirmed findings as plain data: what a submission keeps."""
    return [
        {"check": row.finding.check, "block": row.finding.block_key, "words": row.finding.words,
         "reason": row.confirmation.reason, "by": row.confirmation.confirmed_by.display_name}
        for row in checks.confirmed
    ]  # fmt: skip
