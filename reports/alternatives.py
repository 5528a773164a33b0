"""Alternative wordings of a template's block: which one the approved figures choose, and why. Reads figures, writes nothing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from metrics.numbers import plain
from metrics.periods import Period, parse_period
from metrics.queries import Status
from reports.binding import Binder
from reports.choices import When
from reports.figure_kinds import FigureKind, kind_of
from reports.wording import is_front

MOST_ALTERNATIVES = 6
# What each condition is about; none for one that needs no figure.
ABOUT_RANK, ABOUT_VILLAGES = (When.FRONT, When.NOT_FRONT), (When.LAGGING, When.NONE_LAGGING)
COMPARING = (When.RISEN, When.FALLEN)


def wordings(block: dict) -> list[dict]:
    """Return the wordings of a template's block in the order they are tried: text and condition; the last is the default."""
    default = {"text": block.get("text", ""), "when": "", "indicator": ""}
    return [*block.get("alternatives", ()), default]


def choose(block: dict, binder: Binder) -> tuple[str, dict]:
    """Return the text that is taken, and why as plain data; {} when the block has one wording only.

    The first alternative whose condition holds wins; one that cannot be judged, for want of figures, does not hold.
    """
    tried = wordings(block)
    if len(tried) == 1:
        return tried[0]["text"], {}
    for place, wording in enumerate(tried, start=1):
        when, code = wording["when"], wording.get("indicator", "")
        facts = {} if when in ("", When.ALWAYS) else judge(when, code, binder)
        if facts is not None:
            return wording["text"], {"place": place, "of": len(tried), "when": when, "indicator": code, **facts}
    raise AssertionError("the default always holds")


def judge(when: str, code: str, binder: Binder) -> dict | None:
    """Return the facts that make a condition true, None when it does not hold or cannot be judged."""
    indicator = binder.indicators.get(code)
    if indicator is None:
        return None
    if when in COMPARING:
        facts = _compared(binder, indicator, when)
    elif when in ABOUT_RANK:
        facts = _ranked(binder, indicator, when)
    else:
        facts = _by_village(binder, indicator, when)
    return None if facts is None else {"name": indicator.name, **facts}


def moved_against_last_year(binder: Binder, code: str) -> tuple | None:
    """Return an indicator's total and that of the same months of last year, None when either is not whole."""
    if code not in binder.book.indicators:
        return None
    period = Period(binder.book.year, 1, binder.cutoff_month)
    now, before = binder.book.total(code, period), binder.book.total(code, period.previous_year())
    is_whole = now.status == before.status == Status.OK
    return (now.value, before.value) if is_whole else None


def _compared(binder: Binder, indicator, when: str) -> dict | None:
    pair = moved_against_last_year(binder, indicator.code)
    holds = pair and (pair[0] > pair[1] if when == When.RISEN else pair[0] < pair[1])
    return {"now": plain(pair[0]), "before": plain(pair[1])} if holds else None


def _as_of_now(binder: Binder) -> Period:
    return parse_period("目前", year=binder.book.year, cutoff_month=binder.cutoff_month)


def _ranked(binder: Binder, indicator, when: str) -> dict | None:
    if kind_of(indicator.aggregation, indicator.measure) != FigureKind.RANK:
        return None
    period = _as_of_now(binder)
    standing = binder.standing(indicator, period, binder.book.total(indicator.code, period))
    if standing["rank"] is None:
        return None
    holds = is_front(standing["rank"], front=standing["front"], tied=standing["tied"]) == (when == When.FRONT)
    return {"rank": standing["rank"], "front": standing["front"]} if holds else None


def _by_village(binder: Binder, indicator, when: str) -> dict | None:
    if not is_known_by_village(indicator, binder.indicators):
        return None
    rates = [(name, rate) for name, rate in binder.completion(indicator, _as_of_now(binder)) if rate is not None]
    behind = sum(rate < binder.lagging_line for _name, rate in rates)
    holds = bool(rates) and bool(behind) == (when == When.LAGGING)
    return {"behind": behind, "villages": len(rates)} if holds else None


def is_known_by_village(indicator, indicators: dict) -> bool:
    """Whether each village has a value of its own: entered, or a rate of what is."""
    numerator = indicators.get(indicator.formula.get("numerator", ""))
    return indicator.is_by_village or (numerator is not None and numerator.is_by_village)


def condition_fault(when: str, code: str, indicators: dict) -> str:
    """Return why a condition cannot be asked of an indicator ("": none was named), "" when it can."""
    indicator = indicators.get(code)
    if when not in When.values:
        return _("Choose when this wording is taken.")
    if when == When.ALWAYS:
        return ""
    if indicator is None:
        return _("“%(when)s” needs an indicator; choose one.") % {"when": When(when).label}
    kind = kind_of(indicator.aggregation, indicator.measure)
    suits = kind == FigureKind.RANK if when in ABOUT_RANK else kind != FigureKind.RANK
    if when in ABOUT_VILLAGES:
        suits = is_known_by_village(indicator, indicators)
    if suits:
        return ""
    return _("“%(when)s” cannot be asked of “%(name)s”; choose another indicator.") % {
        "when": When(when).label, "name": indicator.name,
    }  # fmt: skip


def choice_words(choice: dict) -> str:
    """Return in one line which wording was taken and why, "" where there was no choice."""
    if not choice:
        return ""
    return _("Wording %(place)d of %(of)d: %(why)s") % {**choice, "why": _why(choice)}


def _why(choice: dict) -> str:
    when = choice["when"]
    words = {
        When.RISEN: _("%(name)s rose, %(now)s against %(before)s in the same months of last year."),
        When.FALLEN: _("%(name)s fell, %(now)s against %(before)s in the same months of last year."),
        When.FRONT: _("%(name)s is %(rank)d, and the front band ends with %(front)d."),
        When.NOT_FRONT: _("%(name)s is %(rank)d, and the front band ends with %(front)d."),
        When.LAGGING: _("%(name)s: %(behind)d of %(villages)d villages lag behind."),
        When.NONE_LAGGING: _("%(name)s: none of %(villages)d villages lags behind."),
        When.ALWAYS: _("it is always taken."),
    }
    return words[when] % choice if when in words else _("no condition before it holds, so the last one is taken.")
