"""Tokens of plan and targets: 【name|计划|format】 for next year, 目标, 完成率, 完成情况 for this one, 年度目标 for all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.numbers import plain
from metrics.periods import Period, PeriodError, parse_period
from metrics.progress import can_have_target
from metrics.queries import Total
from reports.binding import EMPTY, MISSING, OK, REFUSED, Binder, Bound
from reports.figure_kinds import kind_of
from reports.formats import Material, show
from reports.outcomes import ItemOutcome, load_outcomes, outcome_sentence
from reports.plan_book import PlanBook
from reports.tokens import Token
from workflow.services import canonical_json

PLAN_WORDS = ("计划", "下年", "下一年", "明年")
ALL_TARGETS = "年度目标"
OUTCOME_FORMAT = "完成情况"


@dataclass(frozen=True)
class PlanBinding:
    """What a Binder asks about plan and targets of its report."""

    book: PlanBook

    @staticmethod
    def is_of_plan(token: Token) -> bool:
        """Whether a token speaks of the plan as such, not of a figure."""
        return token.period in PLAN_WORDS or token.name == ALL_TARGETS

    def bind(self, binder: Binder, token: Token) -> Bound | None:
        """Return the token settled when it speaks of the plan as such; None leaves it to the figures."""
        if token.period in PLAN_WORDS:
            return self._bind_planned(token)
        if token.name == ALL_TARGETS:
            return self._bind_outcomes(binder, token)
        return None

    def _bind_planned(self, token: Token) -> Bound:
        indicator = self.book.indicator_of(token.name)
        if indicator is None:
            words = {"name": token.name, "year": self.book.report.plan_year}
            return Bound(token, REFUSED, reason=_("There is no indicator called “%(name)s” in %(year)d.") % words)
        item = self.book.item_of(indicator.code)
        if item is None or item.amount is None:
            return _unplanned(token, indicator, item)
        kind = kind_of(indicator.aggregation, indicator.measure)
        shown = show(token.format, Material(kind, indicator.measure, indicator.decimals, None, item.amount))
        facts = [indicator.code, "plan", self.book.report.plan_year, plain(item.amount)]
        source = {"plan_item": item.measure, "plan_year": self.book.report.plan_year, "value": plain(item.amount)}
        return Bound(token, shown.status, shown.text, item.amount, shown.reason, _digest(facts), (source,), indicator.name)

    def _bind_outcomes(self, binder: Binder, token: Token) -> Bound:
        if "".join(token.format.split()) not in ("", OUTCOME_FORMAT):
            return Bound(token, REFUSED, reason=whole_plan_reason())
        try:
            period = to_date(parse_period(token.period, year=binder.book.year, cutoff_month=binder.cutoff_month), binder)
        except PeriodError as error:
            return Bound(token, REFUSED, reason=str(error))
        rows = load_outcomes(binder.book, self.book, period)
        facts = ["plan_outcomes", _span(period), [_row_facts(row) for row in rows]]
        if not rows:
            reason = _("No plan of the year before is on record; the sentence drops out.")
            return Bound(token, EMPTY, "", None, reason, _digest(facts), (), ALL_TARGETS)
        if reason := open_reason(rows):
            return Bound(token, MISSING, "", None, reason, _digest(facts), (), ALL_TARGETS)
        sources = tuple(self._row_source(row) for row in rows)
        return Bound(token, OK, outcome_sentence(rows), None, "", _digest(facts), sources, ALL_TARGETS)

    def bind_target(self, binder: Binder, token: Token, indicator: Indicator, period: Period) -> Bound:
        """Return 目标, 完成率 or 完成情况 of an indicator; without a target of the year the sentence drops out.

        It rests on the figure itself, exact, and is as missing as that is.
        """
        try:
            period = to_date(period, binder)
        except PeriodError as error:
            return Bound(token, REFUSED, reason=str(error))
        target, total = self.book.target_of(indicator.code), binder.book.total(indicator.code, period)
        kind = kind_of(indicator.aggregation, indicator.measure)
        shown = show(token.format, Material(kind, indicator.measure, indicator.decimals, period, total.value, target=target))
        if not can_have_target(indicator):
            return Bound(token, REFUSED, reason=shown.reason, name=indicator.name)
        if target is None:
            words = {"name": indicator.name, "year": binder.book.year}
            reason = _("%(name)s has no target of %(year)d; the sentence drops out.") % words
            return Bound(
                token, EMPTY, "", None, reason, _digest([indicator.code, "no target", words["year"]]), (), indicator.name
            )
        figure = binder.bind(replace(token, format=""))
        hashed = _digest([figure.source_hash, plain(target)])
        if figure.status == MISSING:
            return replace(figure, token=token)
        sources = (self._target_source(indicator.code), *figure.sources)
        return Bound(token, shown.status, shown.text, total.value, shown.reason, hashed, sources, indicator.name)

    def _target_source(self, code: str) -> dict:
        """Return where a target comes from as plain data: the plan that set it, or the district."""
        if code not in self.book.targets:
            return self._planned_source(code)
        target, origin = self.book.targets[code], self.book.origins.get(code)
        source = {"target": plain(target.value), "year": target.year, "set_by": str(target.updated_by or "")}
        if origin is not None:
            source |= {"report": origin.report.year, "version": origin.version_number, "plan_item": origin.measure}
        return source

    def _planned_source(self, code: str) -> dict:
        """Return likewise what a district's report of the year before planned: no target is kept of it."""
        item, version = self.book.accepted_item_of(code), self.book.version
        year, number = version.report.year, version.number
        return {"target": plain(item.value), "year": year + 1, "report": year, "version": number, "plan_item": item.measure}

    def _row_source(self, row: ItemOutcome) -> dict:
        version = self.book.version
        return {
            "plan_item": row.item.measure, "outcome": row.shown, "target": plain(row.target), "value": plain(row.value),
            "report": version.report.year, "version": version.number, "approved_by": str(version.approved_by),
        }  # fmt: skip


def whole_plan_reason() -> str:
    """Return why 年度目标 takes no other format."""
    return _("“年度目标” stands for the plan as a whole; its one format is “完成情况”.")


def to_date(period: Period, binder: Binder) -> Period:
    """Return the period if a year's target can be held against it. Raises PeriodError for part of a year or another year."""
    if period.year == binder.book.year and period.first_month == 1:
        return period
    reason = _("A target is of the whole year %(year)d: write “今年以来”, “全年” or “目前”.")
    raise PeriodError(reason % {"year": binder.book.year})


def open_reason(rows: tuple[ItemOutcome, ...]) -> str:
    """Return what keeps the outcomes from being told, with the way out; "" when all are there."""
    unmeasured = [row for row in rows if not row.outcome and row.is_measured]
    if unmeasured:
        words = {"names": "、".join(row.indicator.name for row in unmeasured),
                 "months": "、".join(_months(row.total) for row in unmeasured)}  # fmt: skip
        return _("The outcome of %(names)s is open: %(months)s not approved. Have these months approved.") % words
    unchosen = [row.item.measure for row in rows if not row.outcome]
    if unchosen:
        words = {"count": len(unchosen), "measures": "；".join(unchosen[:3])}
        return _("%(count)d planned items have no outcome yet: %(measures)s. Choose 完成, 推进 or 未启动 for each.") % words
    return ""


def _months(total: Total) -> str:
    return "、".join(f"{month}月" for month in sorted(total.missing_months or total.uncollected_months))


def _unplanned(token: Token, indicator: Indicator, item) -> Bound:
    if item is None:
        reason = _("No plan item names “%(name)s”. Add one under a paragraph of the plan, with an amount, or take this out.")
    else:
        reason = _("The plan item of “%(name)s” has no amount yet. Fill it in, or take the sentence out.")
    return Bound(token, MISSING, "", None, reason % {"name": indicator.name}, _digest([indicator.code, "unplanned"]), (),
                 indicator.name)  # fmt: skip


def _row_facts(row: ItemOutcome) -> list:
    return [row.item.id, row.item.code, plain(row.target), plain(row.value), row.outcome, row.words]


def _span(period: Period) -> list:
    return [period.year, period.first_month, period.last_month, period.as_of]


def _digest(facts) -> str:
    return hashlib.sha256(canonical_json(facts).encode()).hexdigest()
