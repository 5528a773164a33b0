"""Rules that compare a typed figure with what is written down elsewhere: its ledger, its list of named items."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.check_rules.base import CheckContext, Parameter, Problem, Rule, Subject, register
from metrics.choices import EVIDENCE_RULE, Aggregation, CheckLevel, FigureKind
from metrics.grid_text import ABSENCE_TEXT
from metrics.ledgers import LedgerRule, ledger_kind
from metrics.list_counts import moved_count, undated
from metrics.numbers import plain
from metrics.periods import LAST_MONTH, Period

TYPED = frozenset({Aggregation.SUM, Aggregation.LAST, Aggregation.MAX, Aggregation.AVG, Aggregation.DISTINCT_YTD})


def ledger(context: CheckContext, subject: Subject, options: dict):
    """A typed figure that differs from its ledger. A ledger without entries says nothing; an absence agrees with 0."""
    counted, figure = context.ledger.get(subject.cell), subject.figure
    if counted is None or (figure.value or Decimal(0)) == counted:
        return
    rule = LedgerRule.of(subject.indicator)
    fact = _("%(name)s is %(now)s, the ledger (%(ledger)s) comes to %(counted)s.") % {
        "name": subject.name, "now": figure.shown or ABSENCE_TEXT.get(figure.kind, ""), "ledger": ledger_kind(rule.kind).name,
        "counted": subject.shown(counted),
    }  # fmt: skip
    way_out = _("Take the ledger's figure, complete the ledger, or say in one line why they differ.")
    yield Problem(fact, fix=plain(counted), way_out=way_out, link=context.ledger_address(subject, rule))


def empty_list(context: CheckContext, subject: Subject, options: dict):
    """A count above 0 whose list of named items has nothing in the year."""
    code, year = options["list"], context.month.year
    if not subject.figure.value or context.book.named_items(code, Period(year, 1, LAST_MONTH), of_year=True):
        return
    shown = {"name": subject.name, "now": subject.shown(subject.figure.value), "year": year}
    fact = _("%(name)s is %(now)s, but the list “%(list)s” has no item in %(year)d yet.")
    fact %= {**shown, "list": context.list_names.get(code, code)}
    way_out = _("Enter the items, or say why in one line.")
    yield Problem(fact, way_out=way_out, link=_list_address(context, code))


def list_length(context: CheckContext, subject: Subject, options: dict):
    """A figure that should be the number of items in a list.

    Items without a date are there as of today, when older months had fewer of them: then only too few can be told.
    """
    code, value = options["list"], subject.figure.value
    items = context.book.named_items(code, context.year_to_date, of_year=True)
    count, is_dated = len(items), all(item.date_from for item in items)
    if not items or value == count or (value < count and not is_dated):
        return
    fact = _("%(name)s is %(now)s, but the list “%(list)s” has %(count)d items.") % {
        "name": subject.name, "now": subject.shown(value), "list": context.list_names.get(code, code),
        "count": count,
    }  # fmt: skip
    way_out = _("Correct the figure or the list, or say why in one line.")
    yield Problem(fact, fix=str(count), way_out=way_out, link=_list_address(context, code))


def undated_items(context: CheckContext, subject: Subject, options: dict):
    """Items of a counted list without a date: they belong to no month and are left out of every count."""
    code = subject.indicator.formula["list"]
    if count := undated(context.book, subject.indicator, context.month.year):
        fact = _("%(count)d items of the list “%(list)s” have no date and count in no month of %(name)s.")
        shown = {"count": count, "list": context.list_names.get(code, code), "name": subject.name}
        yield Problem(fact % shown, way_out=_("Give each its date; then the months add up to the year."),
                      link=_list_address(context, code))  # fmt: skip


def moved_list(context: CheckContext, subject: Subject, options: dict):
    """A count that was handed in and is no longer what its list says. The figure stands until the return is reopened."""
    moved = moved_count(context.book, subject.indicator, context.month.year, context.month.last_month)
    if moved:
        code = subject.indicator.formula["list"]
        fact = _("%(name)s was handed in as %(kept)s; the list “%(list)s” now has %(listed)s items of this month.") % {
            "name": subject.name, "kept": subject.shown(moved.kept), "listed": subject.shown(moved.listed),
            "list": context.list_names.get(code, code),
        }  # fmt: skip
        way_out = _("The figure stands as handed in. To have it counted again, the return has to be sent back or reopened.")
        yield Problem(fact, way_out=way_out, link=_list_address(context, code))


def evidence(context: CheckContext, subject: Subject, options: dict):
    """A figure above 0 without a file, neither beside it nor beside an entry that is counted in it."""
    if not subject.figure.value or subject.cell in context.proven:
        return
    fact = _("%(name)s is %(now)s and has no evidence.") % {"name": subject.name, "now": subject.shown(subject.figure.value)}
    yield Problem(fact, way_out=_("Add a picture or PDF beside the figure, or say in one line why there is none."))


def _list_address(context: CheckContext, code: str) -> str:
    query = urlencode({"list": code, "year": context.month.year, "unit": context.book.unit.code})
    return f"{reverse('metrics:item_list')}?{query}"


register(Rule(
    EVIDENCE_RULE, gettext_lazy("Without evidence"), gettext_lazy("The figure is above 0 and no file is there to prove it."),
    evidence, TYPED,
))  # fmt: skip
LIST = (Parameter("list", "list", gettext_lazy("List of named items")),)
register(Rule(
    "ledger", gettext_lazy("Differs from the ledger"), gettext_lazy("The typed figure is not what its ledger comes to."),
    ledger, TYPED, kinds=frozenset({FigureKind.VALUE, FigureKind.NOT_APPLICABLE, FigureKind.NOT_COLLECTED}), needs_ledger=True,
    has_fix=True,
))  # fmt: skip
register(Rule(
    "empty_list", gettext_lazy("List without items"),
    gettext_lazy("The figure is above 0 and its list of named items has nothing in the year."),
    empty_list, TYPED, parameters=LIST,
))  # fmt: skip
register(Rule(
    "list_length", gettext_lazy("Differs from the list"),
    gettext_lazy("The figure is not the number of items in its list of named items."),
    list_length, TYPED, parameters=LIST, has_fix=True,
))  # fmt: skip
COUNTED = frozenset({Aggregation.COUNT})
register(Rule(
    "undated", gettext_lazy("Items without a date"),
    gettext_lazy("The list that is counted has items without a date; they belong to no month."),
    undated_items, COUNTED, (CheckLevel.HINT,), is_per_cell=False, is_for_cells=False, is_built_in=True,
))  # fmt: skip
register(Rule(
    "moved", gettext_lazy("List changed since"),
    gettext_lazy("The list holds another number of items than when the return was handed in; the figure stands as it was."),
    moved_list, COUNTED, (CheckLevel.HINT,), is_per_cell=False, is_for_cells=False, is_built_in=True,
))  # fmt: skip
