"""Where a number of a report comes from: formula in words, months with state and approver, items. Its papers: reports.papers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Unit
from metrics.choices import Aggregation, Source
from metrics.models import Highlight, Indicator
from metrics.numbers import format_grid, round_half_up
from metrics.periods import Period, PeriodError, parse_period
from metrics.queries import Total, YearBook
from metrics.ranking import district_ranking
from reports.binding import Binder
from reports.district_trace import TownshipTable, load_townships, mark_moved, township_book
from reports.formats import FormatError, find_format
from reports.models import BoundFigure
from reports.naming import ORDER_FORMATS
from reports.papers import Paper, Papers, load_papers
from reports.plan_trace import PlanTrace, load_plan_trace
from reports.queries import in_words
from reports.scopes import ScopeError
from reports.tokens import PER_MONTH, Token, tokens_of
from reports.uses import TEXT, Use, Walk, load_uses, walk_of
from workflow.choices import State

COMPARING = ("同比", "百分点", "提升")
LAGGARDS = "欠佳名单"
TURNS = {
    State.DRAFT: gettext_lazy("township's clerk"), State.RETURNED: gettext_lazy("township's clerk"),
    State.AWAITING_SIGNOFF: gettext_lazy("township's head"), State.SUBMITTED: gettext_lazy("district"),
    State.IN_REVIEW: gettext_lazy("district"),
}  # fmt: skip
KINDS = {"blank": "", "text": "", "not_applicable": "不适用", "not_collected": "未统计"}


@dataclass(frozen=True)
class MonthLine:
    """A month behind a figure; `return_pk` None: no return was opened, or it is another township's.

    `turn`: whose move it is while it does not count, `ledger`: the address of the entries behind it, "" where there is none.
    """

    label: str
    shown: str
    state: str
    state_label: str
    approved_by: str
    approved_at: datetime | None
    return_pk: int | None
    counts: bool
    turn: str = ""
    ledger: str = ""


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
    ledger_name: str = ""
    papers: tuple[Paper, ...] = ()

    @property
    def counted(self) -> int:
        """How many months count."""
        return sum(month.counts for month in self.months)

    @property
    def uncounted(self) -> int:
        """How many do not."""
        return len(self.months) - self.counted


@dataclass(frozen=True)
class Trace:
    """Everything about one bound number. `now` is what it would show today; `changed`: that differs from the text.

    `decides`: the change asks for a decision; a number that is kept with a note asks again when its source moves on.
    """

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
    scope: str = ""
    decides: bool = False
    walk: Walk | None = None
    item_papers: tuple[Paper, ...] = ()
    townships: tuple[TownshipTable, ...] = ()

    @property
    def same_fact(self) -> int:
        """How many other places of the text state this very fact."""
        return sum(use.is_same and use.kind == TEXT for use in self.uses)

    @property
    def is_of_text(self) -> bool:
        """Whether the words of its block quote it: those of a table, chart or list are chosen there."""
        return self.row.token in self.row.block.text


def load_trace(page, row: BoundFigure, user=None) -> Trace:
    """Return the trace of a bound figure; `page` is the loaded report page it stands on, `user` whoever may see its files."""
    binder: Binder = page.binder
    token = tokens_of(row.token)[0]
    now = binder.bind(token)
    indicator, named_list = binder.indicator_of(token.name), binder.lists.get(token.name)
    period = _period(token, binder)
    plan = load_plan_trace(binder, token, indicator, period)
    known = indicator is not None and period is not None
    townships = load_townships(binder, token, indicator, _periods(token, period)) if known else ()
    if now.mark != row.mark:
        townships = mark_moved(townships, row.sources, now.sources)
    inputs = tuple(_inputs(binder, indicator, period, token)) if known and not townships else ()
    items = tuple(_items(binder, indicator, named_list, period)) if period and not token.scope else ()
    papers = _papers(binder, token, period, inputs, items, user)
    return Trace(
        row=row, token=token, name=(named_list or indicator or token).name,
        period=period.label(with_year=True) if period else token.period,
        format=_format_words(token, indicator),
        formula=_formula(binder, indicator, named_list, period, token) or (plan.formula if plan else ""),
        shown=in_words(row.status, row.shown), now=in_words(now.status, now.shown), reason=now.reason,
        changed=now.mark != row.mark, decides=not page.report.is_approved and any(other.row.pk == row.pk for other in page.stale),
        inputs=papers.inputs, items=items, item_papers=papers.of_items,
        villages=tuple(_villages(binder, indicator, period)) if known and token.format.startswith(LAGGARDS) else (),
        uses=tuple(load_uses(page, row, token)), plan=plan, scope=token.scope, walk=walk_of(page, row), townships=townships,
    )  # fmt: skip


def _papers(binder: Binder, token: Token, period: Period | None, inputs, items, user) -> Papers:
    """Return the papers of the unit that the number is of; those of a district's number lie with each township's return."""
    whose = village_of(binder, token, period)
    book = township_book(binder, whose, period)
    return load_papers(book, inputs, items, user, whose if book is binder.book else None)


def village_of(binder: Binder, token: Token, period: Period | None) -> Unit | None:
    """Return the village, of a district's report the township, that a token names; None for the own unit and the district."""
    try:
        scope = binder.scope_of(token, period) if period else None
    except ScopeError:
        return None
    return getattr(scope, "village", None)


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


def _formula(binder: Binder, indicator: Indicator | None, named_list, period: Period | None, token: Token) -> str:
    """Return in one or two sentences how the number comes about."""
    if period is None or (indicator is None and named_list is None):
        return ""
    if named_list is not None:
        return _("Finished items of the list “%(list)s”, %(period)s.") % {"list": named_list.name, "period": period.label()}
    return " ".join(filter(None, (_indicator_formula(binder, indicator, period, token), *_parts_in_words(token))))


def _parts_in_words(token: Token):
    """Yield what the token's last parts add to the indicator's own way."""
    if token.scope:
        yield _("Of %(scope)s alone.") % {"scope": token.scope}
    if token.aggregate == PER_MONTH:
        yield _("Divided by the number of months that have a value.")
    elif token.aggregate:
        yield _("The highest of these months.")


def _indicator_formula(binder: Binder, indicator: Indicator, period: Period, token: Token) -> str:
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
    if token.format.startswith((*ORDER_FORMATS, LAGGARDS)):
        is_district = binder.book.unit.is_district
        text = (_("Each township by its own figure: ") if is_district else _("Each village by its own figure: ")) + text
    elif binder.book.unit.is_district and not token.scope and indicator.aggregation != Aggregation.PARAM:
        text = _("The townships together: ") + text
    if binder.book.unit.is_district and not token.scope and binder.list_codes(indicator):
        text += _(" What several townships call by one name counts once in each of them; a list names it once.")
    if indicator.is_by_village and not token.scope:
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


def _periods(token: Token, period: Period) -> list[Period]:
    """Return the period, and that of the year before where the number compares with it."""
    return [period, period.previous_year()] if token.format.startswith(COMPARING) else [period]


def _inputs(binder: Binder, indicator: Indicator, period: Period, token: Token):
    for span in _periods(token, period):
        yield from _expanded(binder, indicator, span, token)


def _expanded(binder: Binder, indicator: Indicator, period: Period, token: Token):
    """Yield the indicators with cells that a figure is made of, with their months."""
    formula, book = indicator.formula, binder.book
    codes = formula.get("sum_of") or [formula[side] for side in ("numerator", "denominator") if side in formula]
    if indicator.source == Source.DERIVED and indicator.aggregation == Aggregation.LAST:
        period = Period(period.year, 1, period.last_month)
    if indicator.aggregation == Aggregation.RANK:
        yield from _ranked(township_book(binder, village_of(binder, token, period), period), formula["rank_of"], period)
        return
    for code in codes:
        yield from _expanded(binder, book.indicators[code], period, token)
    if not codes and (indicator.has_cell or indicator.source == Source.LIST):
        yield from _own_input(binder, indicator, period, token)


def _own_input(binder: Binder, indicator: Indicator, period: Period, token: Token):
    try:
        total = binder.total_of(replace(token, aggregate=""), indicator, period)
    except ScopeError:
        return
    book = township_book(binder, village_of(binder, token, period), period)
    yield _input(book, indicator, period, total, is_own=not binder.is_of_district(token))


def _ranked(book: YearBook, code: str, period: Period):
    """Yield the own value that the rank rests on; the other townships' values are not shown."""
    total = book.total(code, Period(period.year, period.last_month, period.last_month, as_of=True))
    ranked = _input(book, book.indicators[code], period, total)
    among = len(district_ranking(book, code, period))
    note = _("%(count)d townships have a value.") % {"count": among}
    yield replace(ranked, scope_note=f"{ranked.scope_note} {note}".strip())


def _input(book: YearBook, indicator: Indicator, period: Period, total: Total, *, is_own: bool = True) -> Input:
    parts = sorted(total.parts, key=lambda part: (part.year, part.month))
    months = [_month(book, indicator, part, is_own=is_own) for part in parts]
    months += [_skipped(book, period.year, month) for month in _skipped_months(period, parts) if is_own]
    return Input(
        indicator.code, indicator.name, period.label(with_year=True), figure_words(indicator, total.value), indicator.scope_note,
        indicator.is_by_village, tuple(months),
    )  # fmt: skip


def _skipped_months(period: Period, parts) -> list[int]:
    """Return the months after the one that a state was taken from: they had none yet."""
    last = parts[-1].month if parts else 0
    return [month for month in period.months if month > last] if period.as_of and parts and parts[-1].year == period.year else []


def _skipped(book: YearBook, year: int, month: int) -> MonthLine:
    state, turn, pk = _state_of(book, year, month)
    return MonthLine(f"{year}年{month}月", "", state, State(state).label if state else "", "", None, pk, False, turn)


def _state_of(book: YearBook, year: int, month: int) -> tuple[str, str, int | None]:
    """Return a return's state, whose turn it is while it is not approved, and its id."""
    facts = book.returns.get((year, month))
    if facts is None:
        return "", _("not opened"), None
    return facts.state, str(TURNS.get(facts.state, "")), facts.pk


def _month(book: YearBook, indicator: Indicator, part, *, is_own: bool = True) -> MonthLine:
    state, turn, pk = _state_of(book, part.year, part.month) if is_own else (part.state, "", None)
    shown = KINDS[part.kind] if part.value is None else figure_words(indicator, part.value)
    return MonthLine(
        f"{part.year}年{part.month}月", shown, state, State(state).label if state else "", part.approved_by, part.approved_at,
        pk, part.value is not None, turn if part.value is None else "",
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
