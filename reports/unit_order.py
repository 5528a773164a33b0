"""Which villages of a township, or townships of a district, lead or come last by an indicator: only once all have a figure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from metrics.periods import Period
from metrics.queries import Status, Total
from reports.bound import (
    EMPTY,
    REFUSED,
    UNFINISHED,
    Bound,
    digest_of,
    missing,
    partial,
    span,
    unit_facts,
)
from reports.figure_kinds import kind_of
from reports.formats import Material, format_fault, show
from reports.grounds import Units, units_as_sources
from reports.scopes import counted_by_village
from reports.tokens import Token


def bind_order(book, token: Token, indicator, period: Period) -> Bound:
    """Return 前列名单 or 后列名单 of an indicator settled; a rank among those who happen to be in would be without ground."""
    kind = kind_of(indicator.aggregation, indicator.measure)
    if reason := format_fault(token.format, kind, indicator.measure):
        return Bound(token, REFUSED, reason=reason, name=indicator.name)
    if not counted_by_village(book, indicator):
        reason = _("“%(name)s” is counted for the whole township, so no village comes before another.")
        return Bound(token, REFUSED, reason=reason % {"name": indicator.name}, name=indicator.name)
    at_end = book.villages_of(period.year, period.last_month)
    rows = tuple((unit, row) for unit, row in book.village_totals(indicator.code, period).items() if unit in at_end)
    if late := [row for _unit, row in rows if row.status in UNFINISHED]:
        return _absent(token, indicator, period, rows, late)
    values = tuple((unit.name, row.value) for unit, row in rows if row.value is not None)
    facts = [indicator.code, span(period), token.format, unit_facts(rows)]
    if len(values) < len(rows) or not rows:
        reason = _("Not every unit has a value of %(name)s; the sentence drops out.") % {"name": indicator.name}
        return Bound(token, EMPTY, "", None, reason, digest_of(facts), units_as_sources(rows), indicator.name)
    shown = show(token.format, Material(kind, indicator.measure, indicator.decimals, period, rates=values))
    return Bound(
        token, shown.status, shown.text, None, shown.reason, digest_of(facts), units_as_sources(rows), indicator.name
    )  # fmt: skip


def _absent(token: Token, indicator, period: Period, rows: Units, late: list[Total]) -> Bound:
    parts = tuple(part for row in late for part in row.parts)
    is_missing = any(row.status == Status.MISSING for row in late)
    total = Total(indicator, period, None, Status.MISSING if is_missing else Status.PARTIAL, parts)
    if is_missing:
        return missing(token, indicator, total, total, has_year=True, units=rows)
    return partial(token, indicator, total, rows)
