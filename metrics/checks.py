"""What is wrong or odd in a return: errors block submission (never saving), queries take an explanation, hints inform.

The rules are in metrics.check_rules; which of them an indicator has, and how strict they are, is data: `Indicator.checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from metrics.cells import EMPTY, Cell, load_cells
from metrics.check_rules import RULES, CheckContext, Problem, Rule, Subject, plan_of
from metrics.choices import CheckLevel, FigureKind, Parts, Source
from metrics.models import Indicator, MonthlyReturn
from metrics.queries import YearBook

ERROR, QUERY, HINT = CheckLevel.ERROR.value, CheckLevel.QUERY.value, CheckLevel.HINT.value
SEVERITY = (ERROR, QUERY, HINT)
BUILT_IN = {FigureKind.BLANK: RULES["blank"], FigureKind.TEXT: RULES["text"]}
OF_LISTS = (RULES["moved"], RULES["undated"])
OF_A_YEAR = ("jump", "jump_year", "outlier")  # they look at the twelve months before
OF_PARTS = {Parts.EXACT: RULES["parts"], Parts.SUBSET: RULES["subset"]}


class Finding(NamedTuple):
    """One message: level, the cell it hangs on, what is wrong with the compared numbers, and the way out.

    `code` names the rule; `fix` is a value that one click may put into the cell, or ""; `link` is the page of what the figure
    was compared with, or ""; `explanation` is what the township says of a query's cell.
    """

    level: str
    code: str
    cell: str
    message: str
    fix: str = ""
    explained: bool = False
    link: str = ""
    explanation: str = ""

    @property
    def text(self) -> str:
        """The message with its level in words: colour and icon never speak alone."""
        level = _("Explained") if self.explained else CheckLevel(self.level).label
        return _("%(level)s: %(message)s") % {"level": level, "message": self.message}

    @property
    def link_label(self) -> str:
        """The words of the link."""
        return _("Ledger") if self.code in ("ledger", "blank") else _("Named items")

    @property
    def fix_label(self) -> str:
        """The words of the one-click fix, "" without one."""
        if not self.fix:
            return ""
        words = _("Take the ledger's %(value)s") if self.code == "ledger" else _("Use %(value)s")
        return words % {"value": self.fix}


def return_findings(
    monthly_return: MonthlyReturn,
    book: YearBook | None = None,
    cells: dict[str, Cell] | None = None,
    ledger: dict[str, Decimal] | None = None,
) -> list[Finding]:
    """Return all findings of a return in the order of the form.

    `book`, `cells`: figures already loaded, unapproved ones included, and the return's own cells; `ledger`: cell -> what its
    ledger comes to, see metrics.ledger_sums.
    """  # fmt: skip
    book = book or YearBook.load(monthly_return.unit, monthly_return.year, approved_only=False)
    cells = load_cells(monthly_return, book) if cells is None else cells
    indicators = valid_indicators(book, monthly_return.year, monthly_return.month)
    plans = {row.code: plan_of(row) for row in indicators}
    compared = [row for row in indicators if any(check.rule.code in OF_A_YEAR for check in plans[row.code])]
    context = CheckContext(monthly_return, book, cells, tuple(compared))
    if ledger is not None:
        context.ledger = ledger
    return [found for row in indicators for found in _of_indicator(context, row, plans[row.code])]


def _of_indicator(context: CheckContext, indicator: Indicator, plan) -> Iterator[Finding]:
    """Look at every typed cell, then at the indicator as a whole."""
    for subject in context.subjects(indicator):
        kind = subject.figure.kind
        if kind in BUILT_IN:
            yield from _run(context, BUILT_IN[kind], ERROR, subject, {})
            continue
        asked = set()
        for check in plan:
            rule = check.rule
            if rule.is_per_cell and kind in rule.kinds and rule.group not in asked:
                for finding in _run(context, rule, check.level, subject, check.options):
                    asked |= {rule.group} - {""}
                    yield finding
    whole = Subject(indicator, context.book.unit, indicator.code)
    if indicator.parts in OF_PARTS:
        yield from _run(context, OF_PARTS[indicator.parts], ERROR, whole, {})
    for rule in OF_LISTS if indicator.source == Source.LIST else ():
        yield from _run(context, rule, rule.level, whole, {})
    for check in plan:
        if not check.rule.is_per_cell or not (indicator.has_cell or check.rule.is_for_cells):
            yield from _run(context, check.rule, check.level, whole, check.options)


def _run(context: CheckContext, rule: Rule, level: str, subject: Subject, options: dict) -> Iterator[Finding]:
    for problem in rule.check(context, subject, options):
        cell = problem.cell or subject.cell
        explanation = context.cells.get(cell, EMPTY).explanation.strip() if level == QUERY else ""
        message = _message(level, rule, problem)
        yield Finding(level, rule.code, cell, message, problem.fix, bool(explanation), problem.link, explanation)


def _message(level: str, rule: Rule, problem: Problem) -> str:
    way_out = problem.way_out
    if level == HINT and not rule.is_built_in:
        way_out = _("Please look again; if it is right, nothing more is needed.")
    elif way_out is None and level == QUERY:
        way_out = _("If it is right, say why in one line; if not, correct it.")
    elif way_out is None:
        way_out = _("Please correct it.")
    return _("%(fact)s %(way_out)s") % {"fact": problem.fact, "way_out": way_out} if way_out else problem.fact


def valid_indicators(book: YearBook, year: int, month: int | None = None) -> list[Indicator]:
    """Return the indicators of a year, or of one month, from what the book has loaded, in its order: that of the form."""
    return [row for row in book.indicators.values() if row.counts_in(year, month)]
