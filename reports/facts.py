"""What a token states, apart from how it is written: two tokens of one fact must never show two values."""

from __future__ import annotations

from metrics.periods import PeriodError, parse_period
from reports.binding import Binder
from reports.naming import ORDER_FORMATS
from reports.outcomes import TARGET_FORMATS
from reports.tokens import Token

Fact = tuple[str, object, str, str, str]  # indicator or list, months, whose, how, what is told of it beside its value
OTHER_FACTS = (*TARGET_FORMATS, *ORDER_FORMATS, "同比", "百分点", "提升", "欠佳名单", "月份", "日期")


def fact_of(token: Token, binder: Binder) -> Fact:
    """Return what a token states: 【甲|今年以来|次】 and 【甲|1—10月|余】 of one report are one fact, 同比 is another."""
    found = binder.lists.get(token.name) or binder.indicator_of(token.name)
    try:
        period = parse_period(token.period, year=binder.book.year, cutoff_month=binder.cutoff_month)
    except PeriodError:
        period = token.period
    told = token.format.strip().rstrip("0123456789")
    return (found.code if found else token.name, period, token.scope, token.aggregate, told if told in OTHER_FACTS else "")
