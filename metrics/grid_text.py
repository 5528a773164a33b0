"""How figures of the grid read on the screen: values, absences and changes. Prose of reports belongs to reports.wording."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import Aggregation, FigureKind
from metrics.numbers import format_grid, round_half_up

CHINESE_NUMERALS = "〇一二三四五六七八九十"
NO_FIGURE = "—"
NOT_APPLICABLE_TEXT, NOT_COLLECTED_TEXT = "不适用", "未统计"
ABSENCE_TEXT = {FigureKind.NOT_APPLICABLE: NOT_APPLICABLE_TEXT, FigureKind.NOT_COLLECTED: NOT_COLLECTED_TEXT}


def shown_figure(kind: str, value: Decimal | None, raw: str, decimals: int) -> str:
    """Return what a typed cell shows: the number grouped, the word of an absence, or the text that was not understood."""
    if kind == FigureKind.VALUE:
        return format_grid(value, decimals)
    return raw if kind == FigureKind.TEXT else ABSENCE_TEXT.get(kind, "")


def shown_value(kind: str, value: Decimal | None, decimals: int) -> str:
    """Return what a context column shows; nothing for a month without a figure."""
    if value is not None:
        return format_grid(value, decimals)
    return ABSENCE_TEXT.get(kind, "")


def change_text(indicator, now: Decimal | None, before: Decimal | None, month: int) -> str:
    """Return the change against last month: per cent; percentage points for a rate; places for a rank; the increment
    for a figure that runs through the year (none in January, when it starts again)."""
    if now is None or before is None:
        return NO_FIGURE
    difference = now - before
    if indicator.aggregation == Aggregation.RANK:
        return _rank_change(difference)
    if indicator.measure == "%":
        return _("%(points)s pp") % {"points": signed(difference, 1)}
    if indicator.is_year_to_date or indicator.aggregation == Aggregation.MAX:
        return NO_FIGURE if month == 1 else signed(difference, indicator.decimals)
    if not before:
        return NO_FIGURE
    return f"{signed(difference * 100 / before, 1)}%"


def signed(value: Decimal, decimals: int) -> str:
    """Return +2.0 or −2.0; what rounds to zero carries no sign."""
    rounded = round_half_up(value, decimals)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return sign + format_grid(abs(rounded), decimals)


def _rank_change(difference: Decimal) -> str:
    places = abs(int(difference))
    if not places:
        return _("same rank")
    if difference < 0:
        return _("up %(places)d") % {"places": places}
    return _("down %(places)d") % {"places": places}


def time_left(due_at: datetime, now: datetime) -> str:
    """Return 1 day 8 hours left, or how long it is overdue, in whole days and hours."""
    gap = abs(due_at - now)
    words = span_words(gap)
    return _("%(span)s left") % {"span": words} if due_at >= now else _("overdue by %(span)s") % {"span": words}


def span_words(gap: timedelta) -> str:
    """Return a length of time in words: whole days from three days on, else days and hours, or hours and minutes."""
    hours = gap.seconds // 3600
    if gap.days >= 3:
        return _("%(days)d days") % {"days": gap.days}
    if gap.days:
        return _("%(days)d d %(hours)d h") % {"days": gap.days, "hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": gap.seconds % 3600 // 60}
