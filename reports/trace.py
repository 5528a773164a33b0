"""Where a number of a report comes from: formula in words, months with state and approver, items, and where else it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import Aggregation, Source
from metrics.models import Highlight, Indicator
from metrics.numbers import format_grid, round_half_up
from metrics.periods import Period, PeriodError, parse_period
from metrics.queries import Total
from metrics.ranking import district_ranking
from reports.binding import Binder
from reports.formats import FormatError, find_format
from reports.models import BoundFigure
from reports.plan_trace import PlanTrace, load_plan_trace
from reports.queries import in_words
from reports.tokens import Token, tokens_of
from workflow.choices import State

COMPARING = ("同比", "百分点", "提升")
LAGGARDS = "欠佳名单"
KINDS = {"blank": "", "text": "", "not_applicable": "不适用", "not_collected": "未统计"}


@dataclass(frozen=True)
class MonthLine:
    """A month behind a figure; `return_pk` None: no return was opened."""

    label: str
    shown: str
    state: str
    state_label: str
    approved_by: str
    approved_at: datetime | None
    return_pk: int | None
    counts: bool


@dataclass(frozen=True)
class Input:
    """An indicator that goes into the number: its total and the months it rests on."""

    code: str
    name: str
    period: str
    shown: str
    scope_note: str
    is_by_village: bool
    months: tuple[MonthLine, ...]


@dataclass(frozen=True)
class Use:
    """Another place of the report with the same fact."""

    anchor: str
    label: str
    shown: str
    token: str


@dataclass(frozen=True)
class Trace:
    """Everything about one bound number. `now` is what it would show today; `changed`: that differs from the text."""

    row: BoundFigure
    token: Token
    name: str
    period: str
    format: str
    formula: str
    shown: str
    now: str
    reason: str
    changed: bool
    inputs: tuple[Input, ...]
    items: tuple[Highlight, ...]
    villages: tuple[tuple[str, str], ...]
    uses: tuple[Use, ...]
    plan: PlanTrace | None = None


def load_trace(page, row: BoundFigure) -> Trace:
    """Return the trace of a bound figure; `page` is the loaded report page it stands on."""
    binder: Binder = page.binder
    token = tokens_of(row.token)[0]
    now = binder.bind(token)
    indicator, named_list = binder.indicator_of(token.name), binder.lists.get(token.name)
    period = _period(token, binder)
    known = indicator is not None and period is not None
    plan = load_plan_trace(binder, token, indicator, period)
    return Trace(
        row=row, token=token, name=(named_list or indicator or token).name,
        period=period.label(with_year=True) if period else token.period,
        format=_format_words(token, indicator),
        formula=_formula(binder, indicator, named_list, period) or (plan.formula if plan else ""),
        shown=in_words(row.status, row.shown), now=in_words(now.status, now.shown), reason=now.reason,
        changed=(now.source_hash, now.status) != (row.source_hash, row.status),
        inputs=tuple(_inputs(binder, indicator, period, token.format)) if known else (),
        items=tuple(_items(binder, indicator, named_list, period)) if period else (),
        villages=tuple(_villages(binder, indicator, period)) if known and token.format.startswith(LAGGARDS) else (),
        uses=tuple(_uses(page, row, token)), plan=plan,
    )  # fmt: skip


def _period(token: Token, binder: Binder) -> Period | None:
    try:
        return parse_period(token.period, year=binder.book.year, cutoff_month=binder.cutoff_month)
    except PeriodError:
        return None


def _format_words(token: Token, indicator: Indicator | None) -> str:
    try:
        known, _number = find_format(token.format, measure=indicator.measure if indicator else "")
    except FormatError as error:
        return str(error)
    return _("%(format)s: %(description)s") % {"format": token.format or known.name, "description": known.description}


def _formula(binder: Binder, indicator: Indicator | None, named_list, period: Period | None) -> str:
    """Return in one sentence how the number comes about."""
    if period is None or (indicator is None and named_list is None):
        return ""
    if named_list is not None:
        return _("Finished items of the list “%(list)s”, %(period)s.") % {"list": named_list.name, "period": period.label()}
    return _indicator_formula(binder, indicator, period)


def _indicator_formula(binder: Binder, indicator: Indicator, period: Period) -> str:
    names = {code: row.name for code, row in binder.book.indicators.items()}
    formula = indicator.formula
    words = {
        "period": period.label(), "month": f"{period.last_month}月", "name": indicator.name,
        "parts": " + ".join(names.get(code, code) for code in formula.get("sum_of", ())),
        "above": names.get(formula.get("numerator"), ""), "below": names.get(formula.get("denominator"), ""),
        "ranked": names.get(formula.get("rank_of"), ""), "scale": " × 100%" if indicator.measure == "%" else "",
        "list": next((row.name for row in binder.lists.values() if row.code == formula.get("list")), ""),
    }  # fmt: skip
    text = _source_formula(indicator) or AGGREGATION_FORMULAS[indicator.aggregation]()
    if indicator.is_by_village:
        text += _(" Each month is the sum over the villages.")
    return text % words


def _source_formula(indicator: Indicator) -> str:
    if indicator.source == Source.DERIVED and indicator.formula.get("sum_of"):
        return _("%(parts)s, each over %(period)s.")
    return ""


AGGREGATION_FORMULAS = {
    Aggregation.SUM: lambda: _("Sum of the months of %(period)s."),
    Aggregation.LAST: lambda: _("The state at the end of %(month)s; months before it are not added."),
    Aggregation.MAX: lambda: _("The highest value of %(period)s."),
    Aggregation.AVG: lambda: _("Mean of the months of %(period)s that have a value."),
    Aggregation.RATIO: lambda: _("%(above)s ÷ %(below)s%(scale)s, from the totals of %(period)s."),
    Aggregation.DISTINCT_YTD: lambda: _("The year's running figure as entered for %(month)s; months are not added."),
    Aggregation.COUNT: lambda: _(
        "Number of finished items of the list “%(list)s” dated in the months of %(period)s, each month as it was handed in."
    ),  # fmt: skip
    Aggregation.PARAM: lambda: _("Set by the district for the year."),
    Aggregation.RANK: lambda: _("Rank by “%(ranked)s” among the district's townships, highest first; ties share a rank."),
}


def _inputs(binder: Binder, indicator: Indicator, period: Period, format_: str):
    periods = [period] if not format_.startswith(COMPARING) else [period, period.previous_year()]
    for span in periods:
        yield from _expanded(binder, indicator, span)


def _expanded(binder: Binder, indicator: Indicator, period: Period):
    """Yield the indicators with cells that a figure is made of, with their months."""
    formula, book = indicator.formula, binder.book
    codes = formula.get("sum_of") or [formula[side] for side in ("numerator", "denominator") if side in formula]
    if indicator.source == Source.DERIVED and indicator.aggregation == Aggregation.LAST:
        period = Period(period.year, 1, period.last_month)
    if indicator.aggregation == Aggregation.RANK:
        yield from _ranked(binder, formula["rank_of"], period)
        return
    for code in codes:
        yield from _expanded(binder, book.indicators[code], period)
    if not codes and (indicator.has_cell or indicator.source == Source.LIST):
        yield _input(binder, indicator, period, book.total(indicator.code, period))


def _ranked(binder: Binder, code: str, period: Period):
    """Yield the own value that the rank rests on; the other townships' values are not shown."""
    total = binder.book.total(code, Period(period.year, period.last_month, period.last_month, as_of=True))
    ranked = _input(binder, binder.book.indicators[code], period, total)
    among = len(district_ranking(binder.book, code, period))
    note = _("%(count)d townships have a value.") % {"count": among}
    yield Input(**{**vars(ranked), "scope_note": f"{ranked.scope_note} {note}".strip()})


def _input(binder: Binder, indicator: Indicator, period: Period, total: Total) -> Input:
    months = tuple(_month(binder, indicator, part) for part in sorted(total.parts, key=lambda part: (part.year, part.month)))
    return Input(
        indicator.code, indicator.name, period.label(with_year=True), figure_words(indicator, total.value), indicator.scope_note,
        indicator.is_by_village, months,
    )  # fmt: skip


def _month(binder: Binder, indicator: Indicator, part) -> MonthLine:
    facts = binder.book.returns.get((part.year, part.month))
    state = facts.state if facts else ""
    shown = KINDS[part.kind] if part.value is None else figure_words(indicator, part.value)
    return MonthLine(
        f"{part.year}年{part.month}月", shown, state, State(state).label if state else "", part.approved_by, part.approved_at,
        facts.pk if facts else None, part.value is not None,
    )  # fmt: skip


def figure_words(indicator: Indicator, value: Decimal | None) -> str:
    """Return a value as tables show it, with its measure word; "" for none."""
    return "" if value is None else format_grid(value, indicator.decimals) + indicator.measure


def _items(binder: Binder, indicator: Indicator | None, named_list, period: Period):
    """Yield the named items that are listed or counted, through sums of counts too."""
    if named_list:
        yield from binder.named_items(named_list.code, period)
        return
    for code in binder.list_codes(indicator) if indicator else ():
        yield from binder.book.named_items(code, period)


def _villages(binder: Binder, indicator: Indicator, period: Period):
    """Yield village and completion in per cent, worst first; those without a figure last."""
    rates = sorted(binder.completion(indicator, period), key=lambda pair: (pair[1] is None, pair[1] or 0))
    for name, rate in rates:
        yield name, "" if rate is None else f"{round_half_up(rate, 1)}%"


def _uses(page, row: BoundFigure, token: Token):
    """Yield the other places where the same indicator or list stands."""
    names = _aliases(page.binder, token.name)
    for view in page.views:
        for other in page.settled.get(view.block.pk, {}).values():
            found = tokens_of(other.token)
            if other.pk != row.pk and found and found[0].name in names:
                yield Use(view.anchor, view.label, in_words(other.status, other.shown), other.token)


def _aliases(binder: Binder, name: str) -> set[str]:
    found = binder.indicator_of(name) or binder.lists.get(name)
    return {found.code, found.name, name} if found else {name}
