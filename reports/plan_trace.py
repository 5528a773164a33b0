"""Where a number of the plan comes from: target and who set it, value and share; the item; or each item of last year's plan."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.binding import Binder
from reports.formats import FormatError, find_format
from reports.models import PlanItem, ReportVersion
from reports.outcomes import TARGET_FORMATS, ItemOutcome, load_outcomes
from reports.plan_binding import ALL_TARGETS, PLAN_WORDS
from reports.plan_book import PlanBook
from reports.plan_items import AcceptedItem
from reports.tokens import Token


@dataclass(frozen=True)
class PlanTrace:
    """What the trace of such a number adds: an outcome or several, the version that planned it, or the report's own item."""

    outcomes: tuple[ItemOutcome, ...] = ()
    version: ReportVersion | None = None
    origin: str = ""
    item: PlanItem | None = None
    formula: str = ""


def load_plan_trace(binder: Binder, token: Token, indicator, period) -> PlanTrace | None:
    """Return it, None for a number that has nothing to do with plan or targets; `period` as parsed, None where it was not."""
    plan: PlanBook = binder.plan.book
    if token.period in PLAN_WORDS:
        planned = plan.indicator_of(token.name)
        formula = _("The amount of the item in this report's own plan.")
        return PlanTrace(item=plan.item_of(planned.code) if planned else None, formula=formula)
    if token.name == ALL_TARGETS and period is not None:
        rows = load_outcomes(binder.book, plan, period)
        origin = _version_words(plan.version) if plan.version else ""
        formula = _("Items of last year's plan, each held against its target, or judged by the township where no figure tells.")
        return PlanTrace(rows, plan.version, origin, formula=formula)
    if indicator is None or period is None or _format_of(token, indicator) not in TARGET_FORMATS:
        return None
    return _target_trace(binder, plan, indicator, period)


def _target_trace(binder: Binder, plan: PlanBook, indicator, period) -> PlanTrace | None:
    target, origin = plan.targets.get(indicator.code), plan.origins.get(indicator.code)
    total = binder.book.total(indicator.code, period)
    if target is None:
        return _planned_trace(plan, indicator, total)
    measure = origin.measure if origin else ""
    row = ItemOutcome(AcceptedItem(0, measure), "", indicator, target.value, total)
    if origin is None:
        return PlanTrace((row,), None, _typed_words(target))
    versions = ReportVersion.objects.filter(report=origin.report, number=origin.version_number)
    version = versions.select_related("report", "approved_by").first()
    return PlanTrace((row,), version, _version_words(version) if version else "")


def _planned_trace(plan: PlanBook, indicator, total) -> PlanTrace | None:
    """Return the trace of what a district planned: its own report of the year before says it, no target beside it."""
    amount = plan.target_of(indicator.code)
    if amount is None:
        return None
    row = ItemOutcome(plan.accepted_item_of(indicator.code), "", indicator, amount, total)
    return PlanTrace((row,), plan.version, _version_words(plan.version))


def _version_words(version: ReportVersion) -> str:
    words = {
        "year": version.report.year,
        "number": version.number,
        "name": version.approved_by,
        "at": _moment(version.approved_at),
    }
    return _("Report of %(year)d, version %(number)d, approved by %(name)s at %(at)s") % words


def _typed_words(target) -> str:
    words = {"name": target.updated_by or "—", "at": _moment(target.updated_at), "note": target.note or "—"}
    return _("Set by the district: %(name)s at %(at)s (%(note)s)") % words


def _moment(at) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _format_of(token: Token, indicator) -> str:
    try:
        return find_format(token.format, measure=indicator.measure)[0].name
    except FormatError:
        return ""
