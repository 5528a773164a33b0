"""Rules about one cell alone, and the built-in ones: not filled, not understood."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.check_rules.base import CheckContext, Parameter, Problem, Rule, Subject, register
from metrics.choices import Aggregation, CheckLevel, FigureKind
from metrics.ledgers import LedgerRule
from metrics.numbers import parse_number

ANY = frozenset(Aggregation.values)


def blank(context: CheckContext, subject: Subject, options: dict):
    """A required cell without a figure."""
    if subject.indicator.is_required:
        message = _("%(name)s is not filled. Type the figure; type 0 when there was none, or 不适用 / 未统计 when that is so.")
        if not subject.indicator.is_entered:
            message = _("%(name)s is counted from its ledger, which has no entry this month. Enter there what happened; type 0 "
                        "here when there was nothing, or 不适用 / 未统计 when that is so.")  # fmt: skip
        rule = None if subject.indicator.is_entered else LedgerRule.of(subject.indicator)
        link = context.ledger_address(subject, rule) if rule else ""
        yield Problem(message % {"name": subject.name}, way_out="", link=link)


def text(context: CheckContext, subject: Subject, options: dict):
    """A cell whose text could not be read as a number; the reader's own message says how it may be typed."""
    indicator = subject.indicator
    read = parse_number(subject.figure.raw, measure=indicator.measure, decimals=indicator.decimals, name=subject.name)
    yield Problem(str(read.message), fix=read.suggestion, way_out="")


def within(context: CheckContext, subject: Subject, options: dict):
    """A figure outside a fixed range; of a calculated indicator, its value in the month."""
    value = (
        subject.figure.value if subject.indicator.has_cell else context.book.total(subject.indicator.code, context.month).value
    )
    low, high = options.get("low"), options.get("high")
    if value is None or (low is None or value >= low) and (high is None or value <= high):
        return
    shown = {"name": subject.name, "now": subject.shown(value), "low": low, "high": high}
    if high is None:
        yield Problem(_("%(name)s is %(now)s, below %(low)s.") % shown)
    elif low is None:
        yield Problem(_("%(name)s is %(now)s, above %(high)s.") % shown)
    else:
        yield Problem(_("%(name)s is %(now)s, not within %(low)s to %(high)s.") % shown)


register(Rule(
    "blank", gettext_lazy("Not filled"), gettext_lazy("A required cell is empty. Empty is not zero."),
    blank, ANY, (CheckLevel.ERROR,), kinds=frozenset({FigureKind.BLANK}), is_built_in=True,
))  # fmt: skip
register(Rule(
    "text", gettext_lazy("Not a number"), gettext_lazy("What was typed cannot be read as a number of this unit of measure."),
    text, ANY, (CheckLevel.ERROR,), kinds=frozenset({FigureKind.TEXT}), has_fix=True, is_built_in=True,
))  # fmt: skip
register(Rule(
    "range", gettext_lazy("Fixed range"), gettext_lazy("The month's figure lies outside the limits given here."),
    within, frozenset({Aggregation.SUM, Aggregation.LAST, Aggregation.MAX, Aggregation.AVG, Aggregation.RATIO,
                       Aggregation.DISTINCT_YTD}),
    (CheckLevel.QUERY, CheckLevel.HINT, CheckLevel.ERROR),
    (Parameter("low", "number", gettext_lazy("Lowest allowed"), is_required=False),
     Parameter("high", "number", gettext_lazy("Highest allowed"), is_required=False)),
    is_for_cells=False,
))  # fmt: skip
