"""A settled token, and the words and hashes of what it rests on or lacks. Binding decides which: reports.binding."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.periods import Period, month_range
from metrics.queries import Status, Total
from reports.grounds import Units, as_text, month_runs, months_as_sources
from reports.tokens import Token

OK, EMPTY, MISSING, REFUSED = "ok", "empty", "missing", "refused"
UNFINISHED = (Status.MISSING, Status.PARTIAL, Status.NOT_COLLECTED)
MOST_NAMED = 6


@dataclass(frozen=True)
class Bound:
    """A settled token. ok: `shown` prints; empty: its sentence drops out; zero: see reports.zeros; missing and refused block.

    `sources` are the months (state, approver, time) or items it rests on; `source_hash` changes when any of them does.
    """

    token: Token
    status: str
    shown: str = ""
    value: Decimal | None = None
    reason: str = ""
    source_hash: str = ""
    sources: tuple[dict, ...] = ()
    name: str = ""

    @property
    def mark(self) -> str:
        """What it rests on, in one word: another mark means that something behind it has changed."""
        return f"{self.status}:{self.source_hash}"


def missing(token: Token, indicator, total: Total, lacking: Total, *, has_year: bool, units: Units = ()) -> Bound:
    """Return the token of a figure whose months are not all approved; of a district's figure it names the townships."""
    if has_year:
        reason = _("%(name)s: no approved figure for %(year)d, %(months)s. Have these months approved, or take the sentence out.")
    else:
        reason = _("%(name)s: there are no data of %(year)d. Name another period, or take the sentence out.")
    months = _units_and_months(units) or month_runs(lacking.missing_months)
    values = {"name": indicator.name, "year": lacking.period.year, "months": months}
    facts = [indicator.code, "missing", span(lacking.period), sorted(lacking.missing_months)]
    hashed = digest_of(facts + ([months] if units else []))
    return Bound(token, MISSING, "", None, reason % values, hashed, months_as_sources(total), indicator.name)


def _units_and_months(units: Units) -> str:
    """Return 青云镇9—10月、白石镇10月: which townships hold a district's figure up; "" when it is none of them."""
    late = [(unit, row.missing_months or row.uncollected_months) for unit, row in units if row.status in UNFINISHED]
    named = "、".join(f"{unit.name}{month_runs(months)}" for unit, months in late[:MOST_NAMED])
    return f"{named}等{len(late)}个" if len(late) > MOST_NAMED else named


def first_lacking(*totals: Total | None) -> Total | None:
    """Return the first total whose months are not all approved."""
    return next((total for total in totals if total is not None and total.status == Status.MISSING), None)


def missing_in_district(token: Token, indicator, total: Total, lacking: Total) -> Bound:
    """A district's total is one only when every township's months are approved; which of them lag behind is not told here."""
    reason = _("%(scope)s, %(name)s: not every township's figures of %(year)d, %(months)s are approved yet. Wait for them, name "
               "an earlier period, or take the sentence out.")  # fmt: skip
    values = {"scope": token.scope, "name": indicator.name, "year": lacking.period.year}
    values["months"] = month_runs(lacking.missing_months)
    hashed = digest_of([indicator.code, token.scope, "missing", span(lacking.period), sorted(lacking.missing_months)])
    return Bound(token, MISSING, "", None, reason % values, hashed, months_as_sources(total), indicator.name)


def partial(token: Token, indicator, total: Total, units: Units = ()) -> Bound:
    """A sum over months that were not collected is no whole: it blocks, or drops out where the figure is optional."""
    months = _units_and_months(units) or "、".join(month_range(month, month) for month in total.uncollected_months)
    if not indicator.is_required:
        return without_value(token, indicator, total, _("was not collected in %(months)s") % {"months": months})
    reason = _("%(name)s was not collected in %(months)s, so the sum is not whole. Have these months entered later, "
               "name a period without them, or take the sentence out.")  # fmt: skip
    hashed = digest_of(
        [indicator.code, "partial", span(total.period), list(total.uncollected_months), *([months] if units else [])]
    )
    values = {"name": indicator.name, "months": months}
    return Bound(token, MISSING, "", None, reason % values, hashed, months_as_sources(total), indicator.name)


def without_value(token: Token, indicator, total: Total, word: str) -> Bound:
    """Return the token of a figure that there is none of: its sentence drops out."""
    reason = _("%(name)s %(why)s; the sentence drops out.") % {"name": indicator.name, "why": word}
    hashed = digest_of([indicator.code, total.status, span(total.period)])
    return Bound(token, EMPTY, "", None, reason, hashed, months_as_sources(total), indicator.name)


def span(period: Period) -> list:
    """Return a period as plain data."""
    return [period.year, period.first_month, period.last_month, period.as_of]


def part_facts(part) -> list:
    """Return what a month adds to a hash."""
    return [part.year, part.month, part.kind, as_text(part.value)]


def unit_facts(units: Units) -> list:
    """Return what the townships behind a district's figure add to its hash: each one's value and months."""
    return [[unit.code, as_text(row.value), [part_facts(part) for part in row.parts]] for unit, row in units]


def item_facts(row) -> list:
    """Return what a named item adds to a hash."""
    return [row.name, as_text(row.quantity), row.quantity_measure, row.recipient]


def digest_of(facts) -> str:
    """Return a hash of plain data: another one means that something has changed."""
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
