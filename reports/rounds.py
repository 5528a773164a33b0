"""Submissions and versions of a report as read models: the lists, and what one changed against another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.differences import Differences, FigureChange, compare_documents
from reports.document import ReportDocument
from reports.figure_runs import KEPT
from reports.models import Report, ReportVersion
from reports.queries import returns_behind
from workflow.choices import Subject
from workflow.models import Event, Round


def load_rounds(report: Report) -> list[Round]:
    """Return all submissions, newest first, without their snapshots."""
    rows = Round.objects.about(Subject.REPORT, report.pk).defer("snapshot")
    return list(rows.select_related("submitted_by", "signed_off_by", "decided_by").order_by("-number"))


@dataclass(frozen=True)
class KeptRow:
    """A number of a document that was kept with a note: what prints, what its source said, why, by whom."""

    name: str
    shown: str
    instead_of: str
    note: str
    by: str
    at: str


def kept_in(document: ReportDocument) -> list[KeptRow]:
    """Return the numbers of a submission or version that were kept with a note, in reading order."""
    found = [(run, source) for block in document.blocks for run in block.figures for source in run.sources if KEPT in source]
    return [
        KeptRow(f"{run.scope}·{run.indicator}" if run.scope else run.indicator, run.text, source["instead_of"], source[KEPT],
                source["kept_by"], source["kept_at"])
        for run, source in found
    ]  # fmt: skip


def round_differences(report: Report, before: Round, after: Round) -> Differences:
    """Return what the later submission changed, with why months behind its numbers moved."""
    old, new = (ReportDocument.from_json(row.snapshot["document"]) for row in (before, after))
    return _with_reasons(report, compare_documents(old, new), until=after.submitted_at)


def version_differences(report: Report, before: ReportVersion, after: ReportVersion) -> Differences:
    """Return what the later version changed."""
    old, new = (ReportDocument.from_json(row.document) for row in (before, after))
    return _with_reasons(report, compare_documents(old, new), until=after.approved_at)


def reopenings(report: Report, before: ReportVersion, after: ReportVersion) -> list[Event]:
    """Return who reopened the report between two versions, when and why, oldest first."""
    rows = Event.objects.about(Subject.REPORT, report.pk).filter(deed="reopen")
    return list(rows.filter(at__gt=before.approved_at, at__lt=after.approved_at).order_by("at"))


def _with_reasons(report: Report, found: Differences, *, until) -> Differences:
    """Add to each month that moved why its return was last reopened; behind the district's report stand all townships' returns.

    Two queries, none when no month moved.
    """
    periods = {month.period for figure in found.figures for month in figure.months if month.period}
    if not periods:
        return found
    years = {int(period[:4]) for period in periods}
    returns = {row.pk: row for row in returns_behind(report.unit).filter(year__in=years).select_related("unit")}
    events = Event.objects.filter(subject_kind=Subject.RETURN, subject_id__in=returns, deed="reopen", at__lt=until).order_by("at")
    newest = {returns[event.subject_id]: event.reason for event in events}
    reasons: dict[str, str] = {}
    for row, reason in newest.items():
        told = f"{row.unit.name}：{reason}" if report.unit.is_district else reason
        period = f"{row.year}-{row.month:02d}"
        reasons[period] = "；".join(filter(None, (reasons.get(period), told)))
    return replace(found, figures=tuple(_with_reason(row, reasons) for row in found.figures))


def _with_reason(figure: FigureChange, reasons: dict[str, str]) -> FigureChange:
    return replace(figure, months=tuple(replace(month, reason=reasons.get(month.period, "")) for month in figure.months))
