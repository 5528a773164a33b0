"""A settled token as the run of a document: in a sentence, a cell or a chart it states the same, with the same origin."""

from django.utils import timezone

from metrics.numbers import plain
from reports import document as doc
from reports.binding import MISSING, REFUSED, Bound
from reports.models import BoundFigure
from reports.tokens import Token

LACKING = "〔待补〕"
KEPT = "kept_note"  # the key by which a source says that its number was kept


def is_lacking(bound: BoundFigure | Bound | None) -> bool:
    """Whether there is no number to print: not settled, missing, or refused."""
    return bound is None or bound.status in (MISSING, REFUSED)


def figure_run(token: Token, bound: BoundFigure | Bound | None) -> doc.FigureRun:
    """Return the run of a token; of one that is lacking, the mark that stands in its place."""
    part = {"scope": token.scope, "aggregate": token.aggregate}
    if is_lacking(bound):
        return doc.FigureRun(LACKING, token.name, token.period, token.format, **part)
    value = None if bound.value is None else plain(bound.value)
    sources = (*bound.sources, *_kept_source(bound))
    return doc.FigureRun(bound.shown, token.name, token.period, token.format, value, bound.source_hash, sources, **part)


def _kept_source(bound: BoundFigure | Bound) -> tuple[dict, ...]:
    """Return as a source that a number was kept with a note: every version, round and export says so."""
    if not getattr(bound, "is_kept", False):
        return ()
    at = timezone.localtime(bound.kept_at).strftime("%Y-%m-%d %H:%M")
    return ({KEPT: bound.kept_note, "kept_by": str(bound.kept_by or ""), "kept_at": at, "instead_of": bound.kept_shown},)
