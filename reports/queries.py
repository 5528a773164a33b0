"""Reads over reports: which numbers have changed since they were written, which slogans the figures contradict."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.periods import Period
from reports.assembly import load_binder
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder, Bound
from reports.choices import BlockKind
from reports.document import ReportDocument
from reports.models import Block, BoundFigure, Report, ReportVersion
from reports.tokens import Token, parse

WORDS = {OK: "", EMPTY: "（整句略去）", MISSING: "（数据缺）", REFUSED: "（不能这样写）"}


@dataclass(frozen=True)
class StaleFigure:
    """A number whose source has changed: where it stands, what it shows, what it would show now."""

    row: BoundFigure
    old: str
    new: str
    now: Bound


def stale_figures(report: Report, binder: Binder | None = None) -> list[StaleFigure]:
    """Return every bound figure whose sources differ from when it was settled, in reading order."""
    if report.is_approved:
        return []
    binder = binder or load_binder(report)
    rows = BoundFigure.objects.filter(report=report, block__is_dropped=False).select_related("block")
    found = []
    for row in rows.order_by("block__order", "pk"):
        token = next((piece for piece in parse(row.token, strict=False) if isinstance(piece, Token)), None)
        now = binder.bind(token) if token else None
        if now and (now.source_hash, now.status) != (row.source_hash, row.status):
            found.append(StaleFigure(row, row.shown or WORDS[row.status], now.shown or WORDS[now.status], now))
    return found


@dataclass(frozen=True)
class FallenSlogan:
    """A heading that praises what fell against last year."""

    block: Block
    names: tuple[str, ...]


def fallen_slogans(report: Report, binder: Binder) -> list[FallenSlogan]:
    """Return headings whose watched indicators are lower than in the same months of last year."""
    period = Period(report.year, 1, report.cutoff_month)
    found = []
    for block in report.blocks.filter(kind=BlockKind.HEADING, is_dropped=False):
        names = tuple(binder.book.indicators[code].name for code in block.watch if _fell(binder, code, period))
        found += [FallenSlogan(block, names)] if names else []
    return found


def _fell(binder: Binder, code: str, period: Period) -> bool:
    if code not in binder.book.indicators:
        return False
    now, before = binder.book.total(code, period).value, binder.book.total(code, period.previous_year()).value
    return now is not None and before is not None and now < before


def frozen_document(report: Report) -> ReportDocument | None:
    """Return the approved version's document as it was frozen, or None while the report is not approved."""
    version = ReportVersion.objects.filter(report=report, number=report.version_number).first()
    return ReportDocument.from_json(version.document) if version and report.is_approved else None
