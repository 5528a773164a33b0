"""The formats a token may name: what each is legal for, and the function of reports.wording that writes it.

Figure picker, binder and coverage command read FORMATS; `show` is the one way from a token's format to text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.numbers import plain
from metrics.periods import Period, month_range
from reports import naming, outcomes, wording
from reports.figure_kinds import KIND_LABELS, FigureKind
from reports.wording import Item, Shown

EXACT = "数"
_COUNTED = frozenset({FigureKind.COUNT, FigureKind.STOCK})
_RATIO = frozenset({FigureKind.RATIO})
_RANK = frozenset({FigureKind.RANK})
_LIST = frozenset({FigureKind.LIST})
_NUMERIC = frozenset(FigureKind) - _RANK - _LIST


@dataclass(frozen=True)
class Material:
    """Everything a format may need of one bound figure or list; only what its kind has is filled.

    `value` and `previous` (same months of last year) are exact; a ratio is a percent number. `tied` counts the others
    on the same rank; `front` and `upper` are the last ranks of the district's two bands, `district` its word (区, 县 …).
    `rates` are the villages' percent numbers in the order of their codes, judged against `threshold`, or their values where
    an order is asked for; `target` is that of the year.
    """

    kind: FigureKind
    measure: str = ""
    decimals: int = 0
    period: Period | None = None
    value: Decimal | None = None
    previous: Decimal | None = None
    items: tuple[Item, ...] | None = None
    rank: int | None = None
    tied: int = 0
    front: int = 0
    upper: int = 0
    district: str = "区"
    rates: tuple[tuple[str, Decimal | None], ...] | None = None
    threshold: Decimal | None = None
    target: Decimal | None = None


@dataclass(frozen=True)
class Format:
    """One format. `argument` is the range of the number that may follow its name (万2, 列表3), None for none.

    `needs` names the fields of Material without which nothing can be written.
    """

    name: str
    kinds: frozenset[FigureKind]
    description: str | Promise
    example: str
    write: Callable[[Material, int | None], Shown]
    argument: tuple[int, int] | None = None
    needs: tuple[str, ...] = ("value",)


class FormatError(ValueError):
    """A format that does not exist; str() is the reason."""


def legal_formats(kind: FigureKind) -> tuple[Format, ...]:
    """Return the formats the picker may offer for a figure of this kind, in its order."""
    return tuple(known for known in FORMATS.values() if kind in known.kinds)


def find_format(text: str, *, measure: str = "") -> tuple[Format, int | None]:
    """Return the format a token names and the number after it; empty, 数 and the own measure word mean exact.

    Raises FormatError for an unknown name, a number the format does not take, and for another measure word than the
    indicator's own: 家 and 家次 are different figures.
    """
    word = "".join(unicodedata.normalize("NFKC", text).split())
    if word in ("", EXACT, unicodedata.normalize("NFKC", measure)):
        return FORMATS["%" if measure == "%" else EXACT], None
    name, digits = re.fullmatch(r"(.*?)([0-9]{0,3})", word, re.DOTALL).groups()
    known = FORMATS.get(name)
    if known is None:
        raise FormatError(_unknown_reason(word, measure))
    if not digits:
        return known, None
    low, high = known.argument or (1, 0)
    if not low <= int(digits) <= high:
        raise FormatError(_argument_reason(known, word))
    return known, int(digits)


def format_fault(text: str, kind: FigureKind, measure: str = "") -> str:
    """Return why a token's format cannot stand with a figure of this kind, "" when it can."""
    try:
        known, _argument = find_format(text, measure=measure)
    except FormatError as error:
        return str(error)
    return "" if kind in known.kinds else _illegal_reason(known, kind)


def show(text: str, material: Material) -> Shown:
    """Write the figure in the format a token names; a failure is a refused Shown with its reason, no exception."""
    if reason := format_fault(text, material.kind, material.measure):
        return wording.refused(reason)
    known, argument = find_format(text, measure=material.measure)
    if any(getattr(material, field) is None for field in known.needs):
        return wording.refused(_("There is no figure to write."))
    return known.write(material, argument)


def _unknown_reason(word: str, measure: str) -> str:
    if measure:
        words = {"format": word, "measure": measure}
        return _("“%(format)s” is neither a format nor the measure word of this figure (%(measure)s).") % words
    return _("“%(format)s” is not a format.") % {"format": word}


def _argument_reason(known: Format, word: str) -> str:
    if known.argument is None:
        return _("“%(name)s” takes no number, so “%(format)s” is not a format.") % {"name": known.name, "format": word}
    low, high = known.argument
    values = {"name": known.name, "low": low, "high": high, "format": word}
    return _("The number after “%(name)s” runs from %(low)d to %(high)d; “%(format)s” is outside.") % values


def _illegal_reason(known: Format, kind: FigureKind) -> str:
    legal = wording.join_list(other.name for other in legal_formats(kind)).text
    values = {"format": known.name, "kind": KIND_LABELS[kind], "legal": legal}
    return _("“%(format)s” does not suit %(kind)s; choose one of: %(legal)s.") % values


def _exact(m: Material, _argument: int | None) -> Shown:
    if m.kind == FigureKind.RATIO:
        return wording.percent(m.value, places=m.decimals)
    return Shown(_bare(m, None).text + m.measure)


def _bare(m: Material, _argument: int | None) -> Shown:
    if m.kind == FigureKind.RATIO:
        return Shown(wording.percent(m.value, places=m.decimals).text.removesuffix("%"))
    return Shown(wording.stated(m.value, m.decimals)) if m.kind == FigureKind.AVERAGE else wording.exact(m.value)


def _places(m: Material, argument: int | None) -> int:
    return m.decimals if argument is None else argument


def _tenths(argument: int | None) -> int:
    return 1 if argument is None else argument


def _number_in_words(m: Material, measure: str) -> Shown:
    number = Decimal(len(m.items)) if m.kind == FigureKind.LIST and m.items is not None else m.value
    if number is None:
        return wording.refused(_("There is no figure to write."))
    if number != int(number) or (not number and m.kind != FigureKind.LIST):
        return wording.refused(_("%(value)s is not written in words; use digits.") % {"value": plain(number)})
    return wording.item_count_in_words(int(number), measure)


def _registry() -> tuple[Format, ...]:
    places = (0, 4)
    return (
        Format(EXACT, _NUMERIC, gettext_lazy("The exact number with its measure word"), "59395人次", _exact),
        Format("纯数", _NUMERIC, gettext_lazy("The exact number without measure word"), "59395", _bare),
        _approximate(
            "余", wording.above, gettext_lazy("Rounded down, with 余: two leading digits stay, or as many as stated"), "1200余本"
        ),
        _approximate("多", partial(wording.above, word="多"), gettext_lazy("Rounded down, with 多"), "100多人次"),
        _approximate("近", wording.nearly, gettext_lazy("Rounded up, with 近; never far above the number itself"), "近1200本"),
        _approximate("超", wording.over, gettext_lazy("Rounded down, with 超"), "超1200本"),
        _approximate("突破", partial(wording.over, word="突破"), gettext_lazy("Rounded down, with 突破"), "突破1200本"),
        _approximate("以上", wording.at_least, gettext_lazy("Rounded down, with 以上"), "1200本以上"),
        _approximate("约", wording.about, gettext_lazy("To the nearer round number, with 约"), "约1200本"),
        Format(
            "十余",
            _COUNTED,
            gettext_lazy("Rounded down, in Chinese numerals with 余"),
            "十余次",
            lambda m, _n: wording.above_in_words(m.value, m.measure),
        ),
        Format(
            "万",
            _COUNTED,
            gettext_lazy("In 万 with one decimal, or as many as stated; from five digits on"),
            "5.9万人次",
            lambda m, n: wording.ten_thousands(m.value, m.measure, places=_tenths(n)),
            places,
        ),
        Format(
            "%",
            _RATIO,
            gettext_lazy("Percentage with the indicator's decimals, or as many as stated"),
            "98.5%",
            lambda m, n: wording.percent(m.value, places=_places(m, n)),
            places,
        ),
        Format(
            "百分点",
            _RATIO,
            gettext_lazy("Difference from last year's rate"),
            "提高3.2个百分点",
            lambda m, n: wording.points(m.value, m.previous, places=_places(m, n)),
            places,
        ),
        Format(
            "全覆盖",
            _RATIO,
            gettext_lazy("全覆盖 at exactly 100%; otherwise the sentence drops out"),
            "全覆盖",
            lambda m, _n: wording.full_coverage(m.value),
        ),
        Format(
            "同比",
            _COUNTED,
            gettext_lazy("Growth against the same months of last year"),
            "增长12.5%",
            lambda m, n: wording.year_on_year(m.value, m.previous, places=_tenths(n)),
            places,
        ),
        Format(
            "提升",
            _COUNTED | _RATIO | {FigureKind.AVERAGE},
            gettext_lazy("有效提升 if the figure rose against last year; otherwise the sentence drops out"),
            "有效提升",
            lambda m, _n: wording.improved(m.value, m.previous),
        ),
        *_rank_formats(),
        *_list_formats(),
        *(Format(name, _NUMERIC - {FigureKind.PARAM}, *rest) for name, *rest in outcomes.TARGET_ROWS),
        Format(
            "期数",
            frozenset({FigureKind.SERIAL}),
            gettext_lazy("Number of the latest issue"),
            "12期",
            lambda m, _n: wording.exact(m.value, m.measure or "期"),
        ),
        Format(
            "月份",
            frozenset(FigureKind),
            gettext_lazy("The months of the period"),
            "1—11月",
            lambda m, _n: Shown(month_range(m.period.first_month, m.period.last_month)),
            needs=("period",),
        ),
        Format(
            "日期",
            frozenset(FigureKind),
            gettext_lazy("The last day of the period; of a list with one item its date"),
            "2026年10月31日",
            lambda m, _n: wording.date_of(m.items) if m.kind == FigureKind.LIST else Shown(wording.full_date(m.period.last_day)),
            needs=("period",),
        ),
        Format(
            "欠佳名单",
            _COUNTED | _RATIO,
            gettext_lazy("Villages below the threshold, worst first; none: the sentence drops out"),
            "甲村、乙社区",
            lambda m, n: wording.laggards(m.rates, threshold=m.threshold, maximum=n),
            (1, 50),
            needs=("rates", "threshold"),
        ),
        *(Format(name, _COUNTED | _RATIO | {FigureKind.AVERAGE}, *rest) for name, *rest in naming.ORDER_ROWS),
    )


def _approximate(name: str, write: Callable[..., Shown], description: Promise, example: str) -> Format:
    def written(m: Material, digits: int | None) -> Shown:
        return write(m.value, m.measure, digits=digits or wording.KEPT_DIGITS)

    return Format(name, _COUNTED, description, example, written, (1, 3))


def _rank_formats() -> tuple[Format, ...]:
    return (
        Format(
            "名次",
            _RANK,
            gettext_lazy("Rank in the district; a tie is named"),
            "第3位",
            lambda m, _n: wording.rank_place(m.rank, tied=m.tied),
            needs=(),
        ),
        Format(
            "位次评价",
            _RANK,
            gettext_lazy("居全区前列 or 居全区中上水平 within the district's bands; otherwise the sentence drops out"),
            "居全区前列",
            lambda m, _n: wording.standing(m.rank, **_bands(m)),
            needs=(),
        ),
        Format(
            "位次",
            _RANK,
            gettext_lazy("Rank and, within the district's bands, what it amounts to, in one clause"),
            "以第3位居全区前列",
            lambda m, _n: wording.place_and_standing(m.rank, **_bands(m)),
            needs=(),
        ),
    )


def _bands(m: Material) -> dict:
    return {"front": m.front, "upper": m.upper, "tied": m.tied, "district": m.district}


def _list_formats() -> tuple[Format, ...]:
    items = ("items",)
    return (
        Format(
            "列表",
            _LIST,
            gettext_lazy("All names, or as many as stated followed by 等"),
            "清源、净网、护苗",
            lambda m, n: wording.join_list((item.name for item in m.items), maximum=n),
            (1, 50),
            items,
        ),
        Format(
            "列表详",
            _LIST,
            gettext_lazy("Names with recipient and quantity in brackets"),
            "全国卫生城镇（甲镇）",
            lambda m, n: wording.join_detailed(m.items, maximum=n),
            (1, 50),
            items,
        ),
        Format(naming.OWNED_ROW[0], _LIST, *naming.OWNED_ROW[1:]),
        Format(
            "项数",
            _LIST,
            gettext_lazy("Number of items in digits"),
            "5个",
            lambda m, _n: wording.item_count(len(m.items), m.measure or "个"),
            needs=items,
        ),
        Format(
            "中文项数",
            _LIST | {FigureKind.COUNT},
            gettext_lazy("Number in Chinese numerals with measure word"),
            "五项",
            lambda m, _n: _number_in_words(m, m.measure or "项"),
            needs=(),
        ),
        Format(
            "中文数",
            _LIST | {FigureKind.COUNT},
            gettext_lazy("Number in Chinese numerals, as before 大"),
            "五",
            lambda m, _n: _number_in_words(m, ""),
            needs=(),
        ),
    )


FORMATS: dict[str, Format] = {known.name: known for known in _registry()}
