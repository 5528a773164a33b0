"""What a token states, apart from how it is written: two tokens of one fact must never show two values."""

from __future__ import annotations

from metrics.periods import PeriodError, parse_period
from reports.binding import Binder
from reports.tokens import Token

Fact = tuple[str, object, str, str]  # indicator or list, months, whose, how


def fact_of(token: Token, binder: Binder) -> Fact:
    """Return what a token states: 【甲|今年以来|次】 and 【甲|1—10月|余】 of one report are the same fact."""
    found = binder.lists.get(token.name) or binder.indicator_of(token.name)
    try:
        period = parse_period(token.period, year=binder.book.year, cutoff_month=binder.cutoff_month)
    except PeriodError:
        period = token.period
    return (found.code if found else token.name, period, token.scope, token.aggregate)
