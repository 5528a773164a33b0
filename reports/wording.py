"""How a number, a comparison, a rank or a list reads in Chinese official prose: pure functions on exact values.

What each is legal for stands in reports.formats. A ratio is carried as a percent number: 100 is 100 %. Prose has
no thousands separator (GB/T 15835-2011, GB/T 15834-2011). No rounding makes a claim the exact value does not bear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from metrics.numbers import plain, round_half_up
from metrics.periods import DASH

TEN_THOUSAND = 10_000
WHOLE = 100
KEPT_DIGITS = 2
NEAR_ENOUGH = Decimal("0.95")
NUMERALS = "零一二三四五六七八九"
CLOSERS_WITHOUT_COMMA = (("》", "《"), ("”", "“"))

OK, EMPTY, REFUSED = "ok", "empty", "refused"


@dataclass(frozen=True)
class Shown:
    """How a token prints. status ok: `text` prints; empty: its sentence drops out; refused: `reason` tells why."""

    text: str
    status: str = OK
    reason: str = ""


@dataclass(frozen=True)
class Item:
    """One named thing of a list, with what 列表详 adds in brackets; `owners`: a district's townships that have it."""

    name: str
    quantity: Decimal | None = None
    measure: str = ""
    recipient: str = ""
    date_from: date | None = None
    date_to: date | None = None
    owners: tuple[str, ...] = ()


def empty(reason: str = "") -> Shown:
    """Return the result that drops its sentence."""
    return Shown("", EMPTY, reason)


def refused(reason: str) -> Shown:
    """Return the result that the author has to mend."""
    return Shown("", REFUSED, reason)


# Exact numbers


def exact(value: Decimal, measure: str = "") -> Shown:
    """Return 59395人次 or 52.5小时: every digit, idle zeros trimmed, no separator."""
    return Shown(plain(value) + measure)


def stated(value: Decimal, places: int) -> str:
    """Return the value rounded half up to `places`; zeros after the point stay only where rounding made them.

    So 6 stays 6 at two places while 5.9999 prints 6.00: the zeros say that the number is rounded.
    """
    rounded = round_half_up(value, places)
    return plain(value) if rounded == value else f"{rounded:f}"


# Approximate numbers: 余 多 超 round down, 近 rounds up, never on a number that is exact already


def above(value: Decimal, measure: str = "", *, word: str = "余", digits: int = KEPT_DIGITS) -> Shown:
    """Return 1200余本 for 1234, 230余篇 for 238, 30余次 for 38; with word=多 100多人次.

    Floor to the place that leaves `digits` significant digits, but to the tens for a two-digit number. Refused under
    ten and where nothing lies above the round number: 1200 is not 1200余, and 38646 never 38646余.
    """
    floor = _floor(value, digits)
    if floor is None:
        return refused(_not_round_reason(value, measure, word))
    return Shown(f"{plain(floor)}{word}{measure}")


def over(value: Decimal, measure: str = "", *, word: str = "超", digits: int = KEPT_DIGITS) -> Shown:
    """Return 超1200本 for 1234, with word=突破 突破1200本: the same floor and the same refusals as 余."""
    floor = _floor(value, digits)
    if floor is None:
        return refused(_not_round_reason(value, measure, word))
    return Shown(f"{word}{plain(floor)}{measure}")


def at_least(value: Decimal, measure: str = "", *, digits: int = KEPT_DIGITS) -> Shown:
    """Return 1200本以上 for 1234: the same floor and the same refusals as 余."""
    floor = _floor(value, digits)
    if floor is None:
        return refused(_not_round_reason(value, measure, "以上"))
    return Shown(f"{plain(floor)}{measure}以上")


def about(value: Decimal, measure: str = "", *, digits: int = KEPT_DIGITS) -> Shown:
    """Return 约1200本 for 1234 and 约1300本 for 1250: to the nearer place of 余, half up; refused where it is exact."""
    place = _place(value, digits)
    if not place or value % place == 0:
        return refused(_not_round_reason(value, measure, "约"))
    return Shown(f"约{plain((value / place).to_integral_value(ROUND_HALF_UP) * place)}{measure}")


def nearly(value: Decimal, measure: str = "", *, digits: int = KEPT_DIGITS) -> Shown:
    """Return 近1200本 for 1180: ceiling to the place of 余, since 近 promises slightly less than it names.

    The true number is at least 95 % of the named one. So 1234 reads 近1240, one place finer, and 31 is refused:
    近40 would overstate it.
    """
    for kept in (digits, digits + 1):
        place = _place(value, kept)
        ceiling = place and (value / place).to_integral_value(ROUND_CEILING) * place
        if not place or ceiling == value:
            return refused(_not_round_reason(value, measure, "近") if kept == digits else _far_reason(value, measure))
        if value >= ceiling * NEAR_ENOUGH:
            return Shown(f"近{plain(ceiling)}{measure}")
    return refused(_far_reason(value, measure))


def above_in_words(value: Decimal, measure: str = "") -> Shown:
    """Return 十余次 for 13, 四十余次 for 45: approximate numbers in Chinese numerals (GB/T 15835-2011).

    Up to 9999; above that 余 with Arabic digits is the readable form.
    """
    floor = _floor(value, KEPT_DIGITS)
    if floor is None:
        return refused(_not_round_reason(value, measure, "余"))
    if floor >= TEN_THOUSAND:
        return refused(_("%(value)s is too long for Chinese numerals; use “余”.") % {"value": plain(value)})
    return Shown(f"{chinese(int(floor))}余{measure}")


def ten_thousands(value: Decimal, measure: str = "", *, places: int = 1) -> Shown:
    """Return 5.9万人次 (5.94万 at two places), rounded half up.

    Five digits and more only, and 万 only: 千 and 十万 are no units for this (GB/T 15835-2011).
    """
    if value < TEN_THOUSAND:
        return refused(_("%(value)s has fewer than five digits, so it is written in full, not in 万.") % {"value": plain(value)})
    return Shown(f"{stated(value / TEN_THOUSAND, places)}万{measure}")


def _place(value: Decimal, digits: int) -> Decimal | None:
    """Return the place (10, 100 …) to round to, or None for a number too small to be approximate."""
    whole_digits = value.adjusted() + 1
    if value < 10 or whole_digits < 2:
        return None
    return Decimal(10) ** max(1 if whole_digits == 2 and digits <= KEPT_DIGITS else 0, whole_digits - digits)


def _floor(value: Decimal, digits: int) -> Decimal | None:
    place = _place(value, digits)
    floor = place and (value / place).to_integral_value(ROUND_FLOOR) * place
    return None if floor == value else floor


def _not_round_reason(value: Decimal, measure: str, word: str) -> str:
    if value < 10:
        reason = _("%(exact)s is too small for “%(word)s”; write it exactly.")
    else:
        reason = _("%(exact)s is exact as it stands, so “%(word)s” would be wrong; write it exactly.")
    return reason % {"exact": plain(value) + measure, "word": word}


def _far_reason(value: Decimal, measure: str) -> str:
    return _("%(exact)s lies too far below the next round number for “近”; use “余” or write it exactly.") % {
        "exact": plain(value) + measure
    }


# Percentages and comparisons


def percent(value: Decimal, *, places: int = 1) -> Shown:
    """Return 98.5% for the percent number 98.5 and 100% for 100; rounded half up, but never up to 100.

    99.96 prints 99.9%: "100%" is the claim that nobody is missing.
    """
    if _rounds_to_whole(value, places):
        return Shown(f"{_printed_rate(value, places):f}%")
    return Shown(f"{stated(value, places)}%")


def _rounds_to_whole(value: Decimal, places: int) -> bool:
    return value < WHOLE <= round_half_up(value, places)


def _printed_rate(value: Decimal, places: int) -> Decimal:
    """Return the percent number that percent() prints."""
    if _rounds_to_whole(value, places):
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
    return round_half_up(value, places)


def full_coverage(value: Decimal) -> Shown:
    """Return 全覆盖 for a ratio of 100 exactly, else empty."""
    return Shown("全覆盖") if value == WHOLE else empty()


def points(value: Decimal, previous: Decimal | None, *, places: int = 1) -> Shown:
    """Return 提高3.2个百分点, 下降… or 持平 for two percent numbers.

    The difference is that of the two rates as printed, so that a reader can check it by subtraction.
    """
    if previous is None:
        return refused(_no_base_reason())
    change = _printed_rate(value, places) - _printed_rate(previous, places)
    if not change:
        return Shown("持平")
    return Shown(f"{'提高' if change > 0 else '下降'}{plain(abs(change))}个百分点")


def year_on_year(value: Decimal, previous: Decimal | None, *, places: int = 1) -> Shown:
    """Return 增长12.5%, 下降12.5% or 持平 against the same months of last year; the author writes 同比 before it.

    A change that rounds to nothing reads 基本持平. Refused without last year's figure and on a base of 0, where no
    percentage exists. For counts and stocks; the change of a rate is points().
    """
    if previous is None:
        return refused(_no_base_reason())
    if previous == 0:
        return refused(_("Last year's figure is 0, so there is no growth rate; give both numbers instead."))
    if value == previous:
        return Shown("持平")
    change = (value - previous) / previous * WHOLE
    if not round_half_up(change, places):
        return Shown("基本持平")
    return Shown(f"{'增长' if change > 0 else '下降'}{stated(abs(change), places)}%")


def improved(value: Decimal, previous: Decimal | None, *, text: str = "有效提升") -> Shown:
    """Return the praise only when the figure rose against last year, else empty."""
    return Shown(text) if previous is not None and value > previous else empty()


def _no_base_reason() -> str:
    return _("There is no figure for the same months of last year to compare with.")


# Ranks


def rank_place(rank: int | None, *, tied: int = 0) -> Shown:
    """Return 第3位, or 并列第3位 when `tied` others share the rank; empty while the rank is unknown."""
    if rank is None:
        return empty()
    return Shown(f"{'并列' if tied else ''}第{rank}位")


def default_bands(among: int) -> tuple[int, int]:
    """Return the last rank of the top third and of the upper half among so many townships."""
    return among // 3, among // 2


def standing(rank: int | None, *, front: int, upper: int = 0, tied: int = 0, district: str = "区") -> Shown:
    """Return 居全区前列 up to rank `front`, 居全区中上水平 up to `upper`, otherwise empty; `district` is its word (区, 县 …).

    A tie counts with its last place: sharing rank 1 with everybody is no place at the front.
    """
    if rank is None:
        return empty()
    if is_front(rank, front=front, tied=tied):
        return Shown(f"居全{district}前列")
    return Shown(f"居全{district}中上水平") if rank + tied <= upper else empty()


def is_front(rank: int, *, front: int, tied: int = 0) -> bool:
    """Whether a rank, counted with its last place, is within the front band."""
    return rank + tied <= front


def place_and_standing(rank: int | None, *, front: int, upper: int = 0, tied: int = 0, district: str = "区") -> Shown:
    """Return 以第3位居全区前列 within the bands of standing(), else the bare 列全区第9位; empty while the rank is unknown."""
    if rank is None:
        return empty()
    place = rank_place(rank, tied=tied).text
    praise = standing(rank, front=front, upper=upper, tied=tied, district=district).text
    return Shown(f"以{place}{praise}" if praise else f"列全{district}{place}")


# Lists


def join_list(names: Iterable[str], *, maximum: int | None = None, closed=CLOSERS_WITHOUT_COMMA) -> Shown:
    """Return the names joined by 、; after `maximum` names 等 stands for the rest. No name at all: empty.

    No 、 between adjacent 《》《》 or “”“” (GB/T 15834-2011): `closed`, none where other words stand between them.
    """
    cleaned = [clean for name in names if (clean := name.strip().strip("、，；。,;").strip())]
    kept = cleaned[:maximum]
    if not kept:
        return empty()
    text = kept[0]
    for name in kept[1:]:
        text += ("" if (text[-1], name[0]) in closed else "、") + name
    return Shown(text + ("等" if len(kept) < len(cleaned) else ""))


def join_detailed(items: Iterable[Item], *, maximum: int | None = None) -> Shown:
    """Return the items joined like join_list, each with its recipient and quantity: 全国卫生城镇（青云镇，2个）."""
    return join_list((_detailed(item) for item in items), maximum=maximum)


def laggards(rates: Sequence[tuple[str, Decimal | None]], *, threshold: Decimal, maximum: int | None = None) -> Shown:
    """Return the names whose rate (percent number) is below the threshold, worst first; nobody: empty.

    Equal rates keep the order given. A unit without a rate is not judged.
    """
    below = [(rate, name) for name, rate in rates if rate is not None and rate < threshold]
    return join_list((name for _rate, name in sorted(below, key=lambda pair: pair[0])), maximum=maximum)


def date_of(items: Sequence[Item]) -> Shown:
    """Return 2026年3月5日, or 2026年2月3日—10日, of a list's one item; none: empty; several or no date: refused."""
    if not items:
        return empty()
    if len(items) > 1:
        return refused(_("The list has %(count)d items, so there is no one date; use “列表”.") % {"count": len(items)})
    first = items[0].date_from
    if first is None:
        return refused(_("“%(name)s” has no date on record; fill it in with the item.") % {"name": items[0].name})
    return Shown(date_range(first, items[0].date_to or first))


def item_count(number: int, measure: str = "个") -> Shown:
    """Return 5个 for a list of five; empty for an empty list."""
    return Shown(f"{number}{measure}") if number else empty()


def item_count_in_words(number: int, measure: str = "") -> Shown:
    """Return 五 (as in 五大行动) or with a measure 五项; 2 is 两; empty for an empty list, refused above 99."""
    if number >= WHOLE:
        return refused(_("%(value)d is too long for Chinese numerals; use digits.") % {"value": number})
    if not number:
        return empty()
    return Shown(("两" if number == 2 else chinese(number)) + measure)


def _detailed(item: Item) -> str:
    quantity = "" if item.quantity is None else plain(item.quantity) + item.measure
    details = "，".join(part for part in (item.recipient, quantity) if part)
    return f"{item.name}（{details}）" if item.name.strip() and details else item.name


# Chinese numerals, dates


def chinese(number: int) -> str:
    """Return 五, 十二, 四十, 一百零五, 一千二百 for 0-9999."""
    if not 0 <= number < TEN_THOUSAND:
        raise ValueError(f"no Chinese numeral for {number}")
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap and text else "") + NUMERALS[digit] + name
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text or NUMERALS[0]


def full_date(day: date) -> str:
    """Return 2025年3月5日: Arabic, no leading zeros (GB/T 9704-2012, date of issue)."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_range(first: date, last: date) -> str:
    """Return 2025年2月3日—10日, repeating only what differs; one-em dash (GB/T 15834-2011)."""
    if last < first:
        raise ValueError("the last day is before the first")
    if first == last:
        return full_date(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{full_date(first)}{DASH}{last.day}日"
    if first.year == last.year:
        return f"{full_date(first)}{DASH}{last.month}月{last.day}日"
    return f"{full_date(first)}{DASH}{full_date(last)}"


def year_range(first: int, last: int) -> str:
    """Return 2016—2020年, or 2020年 for one year."""
    return f"{last}年" if first == last else f"{first}{DASH}{last}年"
