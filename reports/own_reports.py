"""The reports of a person's own unit, year by year: which there are, and what keeps one from being created."""

from __future__ import annotations

from dataclasses import dataclass

from reports.models import Report
from reports.permissions import check_can_create, may_write
from reports.queries import returns_moved_since
from reports.report_deeds import refusal_of


@dataclass(frozen=True)
class OwnReport:
    """A year's report of the own unit or None; `refusal`: why it cannot be created, "" when it can or when it is there.

    `moved`: how many months under an approved one were reopened or approved anew since.
    """

    year: int
    report: Report | None
    refusal: str
    may_write: bool
    moved: int


def load_own_reports(user, years: tuple[int, ...]) -> tuple[OwnReport, ...]:
    """Return a line for each year, in that order, for writers and readers alike. The cost grows with the years alone."""
    rows = Report.objects.visible_to(user).filter(unit=user.unit_id, year__in=years)
    found = {row.year: row for row in rows.select_related("unit", "submitted_by", "approved_by")}
    moved = returns_moved_since(user.unit, found.values())
    return tuple(_line(user, year, found.get(year), moved) for year in years)


def _line(user, year: int, report: Report | None, moved: dict[int, int]) -> OwnReport:
    writes = may_write(user, user.unit)
    asks = report is None and writes
    refusal = refusal_of(lambda: check_can_create(user, user.unit, year)) if asks else ""
    return OwnReport(year, report, refusal, writes, moved.get(report.pk, 0) if report else 0)
