"""Rules that compare an indicator with others of the same return: parts and whole, both sides of a rate, a usual ceiling."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.check_rules.base import CheckContext, Parameter, Problem, Rule, Subject, register
from metrics.choices import Aggregation, CheckLevel, Parts
from metrics.models import Indicator
from metrics.models.returns import cell_name
from metrics.numbers import format_grid, plain
from metrics.queries import Status, Total

UNKNOWN = (Status.MISSING, Status.PARTIAL, Status.NOT_COLLECTED)
ADDED = frozenset({Aggregation.SUM, Aggregation.LAST, Aggregation.DISTINCT_YTD})


def parts(context: CheckContext, subject: Subject, options: dict):
    """A typed whole that its exact parts do not make. While a part is unknown only too much can be told."""
    children = _typed_parts(context, subject.indicator, Parts.EXACT)
    if not children:
        return
    whole = context.book.total(subject.indicator.code, context.month)
    totals = [context.book.total(child.code, context.month) for child in children]
    if whole.value is None or any(total.status == Status.MISSING for total in totals):
        return
    added = sum((total.value or Decimal(0) for total in totals), Decimal(0))
    is_open = any(total.status in UNKNOWN for total in totals)
    if added == whole.value or (is_open and added < whole.value):
        return
    fact = _("The parts of %(name)s (%(parts)s) add up to %(sum)s, but the whole is %(whole)s.") % {
        "name": subject.name, "parts": "、".join(child.name for child in children), "sum": subject.shown(added),
        "whole": subject.shown(whole.value),
    }  # fmt: skip
    yield Problem(fact, fix="" if is_open else plain(added), way_out=_("Correct the part or the whole."))


def subset(context: CheckContext, subject: Subject, options: dict):
    """A part (其中) that is larger than the whole it lies within."""
    children = _typed_parts(context, subject.indicator, Parts.SUBSET)
    whole = context.book.total(subject.indicator.code, context.month) if children else None
    if whole is None or whole.value is None or whole.status in UNKNOWN:
        return
    for child in children:
        value = context.book.total(child.code, context.month).value
        if value is not None and value > whole.value:
            fact = _("%(part)s (%(value)s) is a part of %(name)s (%(whole)s) and cannot be larger.") % {
                "part": child.name, "value": format_grid(value, child.decimals), "name": subject.name,
                "whole": subject.shown(whole.value),
            }  # fmt: skip
            yield Problem(fact, cell=child.code, way_out=_("Correct one of the two."))


def _typed_parts(context: CheckContext, indicator: Indicator, relation: str) -> list[Indicator]:
    if indicator.parts != relation or not indicator.has_cell:
        return []
    children = context.book.children.get(indicator.pk, ())
    return [row for row in children if row.has_cell and row.counts_in(context.month.year, context.month.last_month)]


def rate(context: CheckContext, subject: Subject, options: dict):
    """A rate above 100 %, where its numerator lies within its denominator; of villages each by itself."""
    above, below = (context.book.indicators[subject.indicator.formula[side]] for side in ("numerator", "denominator"))
    if above.is_by_village and below.is_by_village:
        rates = [_village_sides(context, above, below, unit) for unit in context.villages]
    else:
        totals = [context.book.total(row.code, context.month) for row in (above, below)]
        rates = [(above.code, "", *(total.value if total.status == Status.OK else None for total in totals))]
    for cell, village, value, limit in rates:
        if value is not None and limit and value > limit:
            yield Problem(_over_hundred(subject.indicator.name + village, above, below, value, limit), cell=cell,
                          way_out=_("A rate cannot exceed 100%; check both figures."))  # fmt: skip


def _village_sides(context: CheckContext, above: Indicator, below: Indicator, unit) -> tuple:
    month = context.month
    values = [context.value(context.subject(row, unit), month.year, month.first_month) for row in (above, below)]
    return cell_name(above.code, unit.code), f"（{unit.name}）", *values


def _over_hundred(name: str, above: Indicator, below: Indicator, value: Decimal, limit: Decimal) -> str:
    fact = _("%(name)s comes to %(rate)s%%: %(above)s (%(value)s) is larger than %(below)s (%(limit)s).")
    return fact % {
        "name": name, "rate": f"{value * 100 / limit:.1f}", "above": above.name, "below": below.name,
        "value": format_grid(value, above.decimals), "limit": format_grid(limit, below.decimals),
    }  # fmt: skip


def above(context: CheckContext, subject: Subject, options: dict):
    """A figure larger than another that it usually stays within. Never an error: there may be a reason.

    Where one of the two runs through the year both are taken from January on: firms of the year are not visits of the month.
    """
    other = context.book.indicators.get(options["other"])
    if other is None or other.is_by_village != subject.indicator.is_by_village:
        return
    runs = {subject.indicator.aggregation, other.aggregation} & {Aggregation.DISTINCT_YTD}
    value, limit = _both(context, subject, other, is_running=bool(runs))
    if value is None or limit is None or value <= limit:
        return
    if runs:
        fact = _("From January to now, %(name)s (%(value)s) is larger than %(other)s (%(limit)s).")
    else:
        fact = _("%(name)s (%(value)s) is larger than %(other)s (%(limit)s).")
    shown = {"name": subject.name, "value": subject.shown(value), "other": other.name}
    yield Problem(fact % {**shown, "limit": format_grid(limit, other.decimals)})


def _both(context: CheckContext, subject: Subject, other: Indicator, *, is_running: bool) -> tuple:
    if other.is_by_village:
        month = context.month
        return subject.figure.value, context.value(context.subject(other, subject.unit), month.year, month.first_month)
    period = context.year_to_date if is_running else context.month
    return tuple(_known(context.book.total(row.code, period)) for row in (subject.indicator, other))


def _known(total: Total) -> Decimal | None:
    """Return a total only when it is whole: a sum that misses a month is no measure for another figure."""
    return total.value if total.status == Status.OK else None


register(Rule(
    "parts", gettext_lazy("Parts and whole"), gettext_lazy("The parts do not add up to the whole that was typed."),
    parts, ADDED, (CheckLevel.ERROR,), is_per_cell=False, has_fix=True, is_built_in=True,
))  # fmt: skip
register(Rule(
    "subset", gettext_lazy("Part within the whole"), gettext_lazy("A part is larger than the whole it lies within."),
    subset, ADDED, (CheckLevel.ERROR,), is_per_cell=False, is_built_in=True,
))  # fmt: skip
register(Rule(
    "rate", gettext_lazy("Rate above 100 %"),
    gettext_lazy("The rate comes to more than 100 %. Only for rates whose numerator lies within the denominator; reports adopted "
                 "may exceed those submitted in the month."),
    rate, frozenset({Aggregation.RATIO}), (CheckLevel.ERROR, CheckLevel.HINT), is_per_cell=False,
    is_for_cells=False,
))  # fmt: skip
register(Rule(
    "above", gettext_lazy("Larger than another figure"),
    gettext_lazy("The figure is larger than another that it usually stays within. Leave it out where more is right."),
    above, ADDED, parameters=(Parameter("other", "indicator", gettext_lazy("Figure it usually stays within")),),
))  # fmt: skip
