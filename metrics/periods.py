"""Stretches of months inside one year, and the period words a token may use. Knows no figures and no database."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

DASH = "—"
LAST_MONTH = 12

WHOLE_YEAR = ("全年",)
YEAR_TO_DATE = ("今年以来", "今年", "本年累计")
AS_OF = ("目前", "截至目前")
LAST_YEAR = ("上年", "上年同期", "去年同期")
YEAR_BEFORE = ("上年", "去年")  # before the months of the year before: 上年3月
FIXED_MONTHS = {"上半年": (1, 6), "下半年": (7, 12), "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12)}
PERIOD_WORDS = ("今年以来", "全年", "目前", "上半年", *list(FIXED_MONTHS)[1:], "上年")

# What people type for the dash of a range of months; 一 is the slip that pinyin input makes of it.
_RANGE = re.compile(r"([0-9]{1,4})月?(?:[-‐‑‒–—―─一~〜至到]|——|--)([0-9]{1,4})月")
_MONTH = re.compile(r"([0-9]{1,4})月(?:份)?")
_UP_TO = re.compile(r"截至([0-9]{1,4})月底?")
_SINCE = re.compile(r"(?:自|从)([0-9]{1,4})月(?:份)?(?:起|以来)")


class PeriodError(ValueError):
    """A period that cannot be written in this report; str() is the reason, for the reader."""


@dataclass(frozen=True)
class Period:
    """The months first_month to last_month of `year`, both included; never across a year's end.

    `as_of` asks for the state at the end of last_month (a stock, a rank) instead of what happened within the months.
    Raises PeriodError when a month is outside 1-12 or the order is reversed.
    """

    year: int
    first_month: int
    last_month: int
    as_of: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no stretch of months."""
        for month in (self.first_month, self.last_month):
            if not 1 <= month <= LAST_MONTH:
                raise PeriodError(_("There is no month %(month)d; months run from 1 to 12.") % {"month": month})
        if self.first_month > self.last_month:
            raise PeriodError(
                _("The period runs backwards: month %(first)d comes after month %(last)d; swap the two.")
                % {"first": self.first_month, "last": self.last_month}
            )

    @property
    def months(self) -> tuple[int, ...]:
        """Return the month numbers in order."""
        return tuple(range(self.first_month, self.last_month + 1))

    @property
    def last_day(self) -> date:
        """Return the day at whose end a state is told."""
        return date(self.year, self.last_month, monthrange(self.year, self.last_month)[1])

    @property
    def is_whole_year(self) -> bool:
        """Tell whether all twelve months are covered as a flow."""
        return not self.as_of and (self.first_month, self.last_month) == (1, LAST_MONTH)

    def previous_year(self) -> Period:
        """Return the same months one year earlier: the base of every year-on-year comparison."""
        return replace(self, year=self.year - 1)

    def label(self, *, with_year: bool = False) -> str:
        """Return 全年, 1—11月, 11月 or 截至11月; `with_year` puts 2025年 before it (截至2025年11月).

        The dash of a range of time is the one-em 一字线 (GB/T 15834-2011; GB/T 15835-2011).
        """
        year = f"{self.year}年" if with_year else ""
        if self.as_of:
            return f"截至{year}{self.last_month}月"
        if self.is_whole_year:
            return f"{year}全年"
        return year + month_range(self.first_month, self.last_month)


def month_range(first: int, last: int) -> str:
    """Return 1—11月, or 11月 when both are the same month."""
    return f"{last}月" if first == last else f"{first}{DASH}{last}月"


def parse_period(text: str, *, year: int, cutoff_month: int) -> Period:
    """Read a token's period word for a report of `year` whose data ends with `cutoff_month` (1-12).

    Full-width digits are read as digits; hyphen, ～, 至 and 到 as the dash. 上年 is the same months of last year,
    上年3月 just these.
    Raises PeriodError, with the reason and the way out, for an unknown word, for a month after the cut-off and for
    全年 before December's data is there (the report would claim what nobody reported).
    """
    word = "".join(unicodedata.normalize("NFKC", text).split())
    to_date = Period(year, 1, cutoff_month)
    if word in YEAR_TO_DATE:
        return to_date
    if word in AS_OF:
        return replace(to_date, as_of=True)
    if word in LAST_YEAR:
        return to_date.previous_year()
    if word in WHOLE_YEAR and cutoff_month < LAST_MONTH:
        raise PeriodError(_whole_year_reason(to_date))
    if word.startswith(YEAR_BEFORE):
        return _read_months(word[len(YEAR_BEFORE[0]) :], Period(year - 1, 1, LAST_MONTH))
    return _within(_read_months(word, to_date), to_date)


def _read_months(word: str, to_date: Period) -> Period:
    year = to_date.year
    if word in WHOLE_YEAR:
        return Period(year, 1, LAST_MONTH)
    if months := FIXED_MONTHS.get(word.removeprefix("第")):
        return Period(year, *months)
    if match := _RANGE.fullmatch(word):
        return Period(year, int(match[1]), int(match[2]))
    if match := _MONTH.fullmatch(word):
        return Period(year, int(match[1]), int(match[1]))
    if match := _UP_TO.fullmatch(word):
        return Period(year, 1, int(match[1]), as_of=True)
    if match := _SINCE.fullmatch(word):
        return _since(int(match[1]), to_date)
    raise PeriodError(_unknown_reason(word))


def _since(month: int, to_date: Period) -> Period:
    """Return the months from `month` to the cut-off, for a figure that starts mid-year (从4月起)."""
    start = _within(Period(to_date.year, month, month), to_date)
    return replace(start, last_month=to_date.last_month)


def _within(period: Period, to_date: Period) -> Period:
    if period.last_month <= to_date.last_month:
        return period
    raise PeriodError(
        _("The report's data ends with month %(cutoff)d, so “%(period)s” goes beyond it; use “%(to_date)s”.")
        % {"cutoff": to_date.last_month, "period": period.label(), "to_date": to_date.label()}
    )


def _whole_year_reason(to_date: Period) -> str:
    return _("The report's data ends with month %(cutoff)d, so do not write “全年”; use “%(to_date)s” or “今年以来”.") % {
        "cutoff": to_date.last_month,
        "to_date": to_date.label(),
    }


def _unknown_reason(word: str) -> str:
    if not word:
        return _("The period is missing; write for example “今年以来”, “1—11月” or “目前”.")
    return _("“%(word)s” is no period; write “今年以来”, “1—11月”, “11月”, “上半年”, “一季度”, “目前” or “上年”.") % {
        "word": word
    }
