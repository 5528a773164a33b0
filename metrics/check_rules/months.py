"""Rules that compare a cell with the same cell of other months."""

from __future__ import annotations

from decimal import Decimal
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.check_rules.base import CheckContext, Parameter, Problem, Rule, Subject, register
from metrics.choices import Aggregation, CheckLevel, FigureKind
from metrics.models import Indicator
from metrics.queries import NO_CELL

FLOWS = frozenset({Aggregation.SUM, Aggregation.AVG})
MONTHLY = FLOWS | {Aggregation.LAST}
RUNNING = frozenset({Aggregation.DISTINCT_YTD, Aggregation.MAX})
UNUSUAL = "unusual"  # one doubt, whichever months raise it: asked once
FEWEST_MONTHS = 6  # with fewer there is no telling what is usual
SPREAD_OF_MAD = Decimal("1.4826")  # makes the median absolute deviation comparable to a standard deviation
LEAST_SPREAD = Decimal("0.1")  # of the median: twelve equal months do not make the next one odd


def jump(context: CheckContext, subject: Subject, options: dict):
    """A change against last month beyond the limit. January has no last month: the year's figures start again."""
    before = context.last_month(subject)
    if _has_jumped(subject.figure.value, before, options) and not _is_used_to_zero(context, subject):
        yield Problem(_since_last_month() % _shown(subject, subject.figure.value, before, options))


def jump_year(context: CheckContext, subject: Subject, options: dict):
    """A change against the same month of last year beyond the limit."""
    before = context.value(subject, context.month.year - 1, context.month.first_month)
    if _has_jumped(subject.figure.value, before, options) and not _is_used_to_zero(context, subject):
        yield Problem(_since_last_year() % _shown(subject, subject.figure.value, before, options))


def jump_villages(context: CheckContext, subject: Subject, options: dict):
    """The villages' sum far from last month's, else from last year's; asked in the village that has moved most.

    Only where every village has a figure in both months: a part is not the whole.
    """
    rows = context.subjects(subject.indicator) if subject.indicator.is_by_village else []
    if not rows or any(row.figure.kind != FigureKind.VALUE for row in rows):
        return
    month = context.month.first_month
    for words, then in (
        (_since_last_month, [context.last_month(row) for row in rows]),
        (_since_last_year, [context.value(row, context.month.year - 1, month) for row in rows]),
    ):
        if None in then:
            continue
        now, before = sum(row.figure.value for row in rows), sum(then)
        if _has_jumped(now, before, options):
            most = max(zip(rows, then, strict=True), key=lambda pair: abs(pair[0].figure.value - pair[1]))[0]
            whole = Subject(subject.indicator, context.book.unit, subject.indicator.code)
            fact = words() % _shown(whole, now, before, options)
            yield Problem(_("All villages together: %(fact)s %(village)s has moved most.") % {
                "fact": fact, "village": most.unit.name}, cell=most.cell)  # fmt: skip
            return


def _since_last_month() -> str:
    return _("%(name)s is %(now)s, last month %(before)s: a change of %(change)s%%, beyond the reminder line of +%(up)s%% and "
             "−%(down)s%%.")  # fmt: skip


def _since_last_year() -> str:
    return _("%(name)s is %(now)s, %(before)s in the same month last year: a change of %(change)s%%, beyond the reminder line of "
             "+%(up)s%% and −%(down)s%%.")  # fmt: skip


def _has_jumped(now: Decimal, before: Decimal | None, options: dict) -> bool:
    """Whether one figure is more than 1 + limit times the other, up or down, and not both are small.

    Measured in per cent of the month before, a figure can fall by 100 at most and a limit of 100 would never see it.
    Nothing can be said of 0 before.
    """
    if not before or max(before, now) < options["small"]:
        return False
    factor = 1 + options["limit"]
    return now > before * factor or now * factor < before


def _is_used_to_zero(context: CheckContext, subject: Subject) -> bool:
    """Whether the figure is 0 as in one of the twelve months before: what happens now and then may not happen."""
    return not subject.figure.value and Decimal(0) in context.history(subject)


def _shown(subject: Subject, now: Decimal, before: Decimal, options: dict) -> dict[str, str]:
    limit = options["limit"]
    return {
        "name": subject.name, "now": subject.shown(now), "before": subject.shown(before),
        "change": f"{(now - before) / before * 100:+.0f}", "up": f"{limit * 100:.0f}", "down": f"{limit / (1 + limit) * 100:.0f}",
    }  # fmt: skip


def outlier(context: CheckContext, subject: Subject, options: dict):
    """A figure far from the median of the last twelve months, measured in their usual spread (median absolute deviation)."""
    values, now = context.history(subject), subject.figure.value
    if len(values) < FEWEST_MONTHS:
        return
    middle = median(values)
    if not middle or max(middle, now) < options["small"]:
        return
    spread = max(SPREAD_OF_MAD * median(abs(value - middle) for value in values), LEAST_SPREAD * middle)
    reach = options["limit"] * spread
    if abs(now - middle) <= reach:
        return
    fact = _("%(name)s is %(now)s; the %(count)d months before lie around %(middle)s, and usually between %(low)s and %(high)s.")
    yield Problem(fact % {
        "name": subject.name, "now": subject.shown(now), "count": len(values), "middle": subject.shown(middle),
        "low": subject.shown(max(middle - reach, Decimal(0))), "high": subject.shown(middle + reach),
    })  # fmt: skip


def shrunk(context: CheckContext, subject: Subject, options: dict):
    """A figure that runs through the year and is below last month's: distinct counts and serial numbers do not shrink."""
    before, now = context.last_month(subject), subject.figure.value
    if before is None or now >= before:
        return
    fact = _("%(name)s is a running figure of the year: %(now)s is below last month's %(before)s.")
    way_out = _("Type the figure from January to now, or say why it fell.")
    yield Problem(fact % {"name": subject.name, "now": subject.shown(now), "before": subject.shown(before)}, way_out=way_out)


def same(context: CheckContext, subject: Subject, options: dict):
    """Exactly last year's figure of the month, and not a small one: it may have been copied."""
    now = subject.figure.value
    if now < options["small"] or now != context.value(subject, context.month.year - 1, context.month.first_month):
        return
    fact = _("%(name)s is %(now)s, exactly as in the same month last year; it may have been copied.")
    yield Problem(fact % {"name": subject.name, "now": subject.shown(now)})


def gap(context: CheckContext, subject: Subject, options: dict):
    """Blank months of an optional figure that other months of the year have: its year's total is not whole then.

    A 0 and a word of absence were typed by somebody; only a blank may have been forgotten.
    """
    year, book = context.month.year, context.book
    months = [month for month in context.year_to_date.months if subject.indicator.counts_in(year, month)]
    parts = {month: book.month_part(subject.indicator, year, month) for month in months if (year, month) in book.returns}
    blank = [month for month in parts if _has_blank(context, subject.indicator, month)]
    if not blank or all(part.value is None for part in parts.values()):
        return
    fact = _("%(name)s is blank in %(months)s and filled in other months of the year, so reports leave out sentences with its "
             "total. Blank is not 0: type 0 when there was none, 未统计 when nobody counted.")  # fmt: skip
    yield Problem(fact % {"name": subject.name, "months": "、".join(f"{month}月" for month in blank)})


def _has_blank(context: CheckContext, indicator: Indicator, month: int) -> bool:
    year, book = context.month.year, context.book
    places = book.villages_of(year, month) if indicator.is_by_village else [book.unit]
    return any(book.cells.get((indicator.code, year, month, unit.pk), NO_CELL)[0] == FigureKind.BLANK for unit in places)


def zero(context: CheckContext, subject: Subject, options: dict):
    """A stock that was there last month and is 0 now."""
    before = context.last_month(subject)
    if subject.figure.value or not before:
        return
    fact = _("%(name)s is 0, last month %(before)s. This cell takes what is there at the end of the month.")
    yield Problem(fact % {"name": subject.name, "before": subject.shown(before)})


def _limits(default: str, small: int) -> tuple[Parameter, ...]:
    return (
        Parameter("limit", "ratio", gettext_lazy("Reminder line"), Decimal(default), Decimal("0.01"), Decimal(100)),
        Parameter("small", "number", gettext_lazy("Figures below this are not looked at"), Decimal(small)),
    )


register(Rule(
    "jump", gettext_lazy("Jump against last month"),
    gettext_lazy("The figure has risen or fallen against last month by more than the limit: with 100 %, to more than double or "
                 "less than half."),
    jump, MONTHLY, parameters=_limits("0.5", 10), group=UNUSUAL,
))  # fmt: skip
register(Rule(
    "jump_year", gettext_lazy("Jump against last year"),
    gettext_lazy("The figure has risen or fallen against the same month last year by more than the limit: with 100 %, to more "
                 "than double or less than half."),
    jump_year, MONTHLY, parameters=_limits("2", 20), group=UNUSUAL,
))  # fmt: skip
register(Rule(
    "jump_villages", gettext_lazy("Jump of all villages together"),
    gettext_lazy("The villages' sum has risen or fallen by more than the limit, against last month or the same month last year."),
    jump_villages, frozenset({Aggregation.SUM, Aggregation.LAST}), parameters=_limits("1", 50), is_per_cell=False,
    is_for_villages=True,
))  # fmt: skip
register(Rule(
    "outlier", gettext_lazy("Unusual figure"),
    gettext_lazy("The figure lies far from the middle one of the last twelve months, in multiples of their usual spread. It "
                 "takes six months with figures."),
    outlier, FLOWS, group=UNUSUAL,
    parameters=(
        Parameter("limit", "number", gettext_lazy("Multiples of the usual spread"), Decimal(4), Decimal(1), Decimal(100)),
        Parameter("small", "number", gettext_lazy("Figures below this are not looked at"), Decimal(20)),
    ),
))  # fmt: skip
register(Rule(
    "shrunk", gettext_lazy("Running figure fell"),
    gettext_lazy("A figure that runs through the year (each person or firm once, or the latest number of a series) is below last "
          "month's."),
    shrunk, RUNNING,
))  # fmt: skip
register(Rule(
    "same", gettext_lazy("Same as last year"),
    gettext_lazy("The figure is exactly that of the same month last year; it may have been copied."),
    same, FLOWS, parameters=(Parameter("small", "number", gettext_lazy("Figures below this are not looked at"), Decimal(50)),),
))  # fmt: skip
register(Rule(
    "zero", gettext_lazy("Stock is gone"), gettext_lazy("A figure at the month's end is 0 and was not last month."),
    zero, frozenset({Aggregation.LAST}),
))  # fmt: skip
register(Rule(
    "gap", gettext_lazy("Blank months"),
    gettext_lazy("A figure that need not be filled is blank in some months of the year and filled in others; its total is not "
                 "whole."),
    gap, frozenset({Aggregation.SUM}), (CheckLevel.HINT,), is_per_cell=False,
))  # fmt: skip
