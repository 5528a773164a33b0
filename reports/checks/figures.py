"""Checks of numbers: typed by hand, changed since, and one fact that stands with two values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.numbers import plain
from metrics.periods import Period, PeriodError, parse_period
from metrics.queries import Status
from reports.binding import OK
from reports.checks.findings import Finding, Fix, Level, check, named
from reports.checks.manuscript import Manuscript
from reports.choices import BlockKind
from reports.facts import Fact, fact_of
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import EXACT, FormatError, find_format
from reports.models import Block, BoundFigure
from reports.numerals import is_spelled, year_in_words
from reports.plan_annexes import OUTCOMES
from reports.queries import StaleFigure
from reports.scopes import ScopeError
from reports.tokens import Token, tokens_of
from reports.typed import numbers_in, pattern_of, with_numbers_fixed

# Formats that print the figure itself, exact or rounded; others print a comparison, a rank, a share of it.
VALUE_FORMATS = (EXACT, "纯数", "余", "多", "近", "超", "十余", "万", "%", "中文数")
TEXT_LENGTH, LEAD_LENGTH = (Block._meta.get_field(name).max_length for name in ("text", "lead"))
KEPT_EXACT = Decimal("0.0000001")
LEAST_TELLING = 10  # smaller numbers are often equal by chance


@check
def typed_number(script: Manuscript) -> Iterator[Finding]:
    """Digits typed by hand block; numbers in Chinese numerals, which may belong to a name, are for the author to judge."""
    pattern = pattern_of(script.binder.book)
    by_key = {block.key: block for block in script.blocks}
    for key, numbers in script.typed.items():
        digits = [number for number in numbers if not is_spelled(number)]
        spelled = [number for number in numbers if is_spelled(number)]
        for level, found in ((Level.BLOCKING, digits), (Level.CONFIRM, spelled)):
            if found:
                yield _typed(key, level, found, _marked(by_key[key], frozenset(found), pattern))


def _typed(key: str, level: Level, found: Sequence[str], fix: Fix | None = None) -> Finding:
    words = _("Typed by hand and resting on no approved figure: %(numbers)s.") % {"numbers": named(found)}
    way_out = _("Quote the figure instead (typing 【 opens the list); a name's or a date's number is marked as fixed text 〖〗.")
    return Finding("typed_number", level, key, words, way_out, fix, seen="、".join(found))


def _marked(block: Block, found: frozenset[str], pattern: re.Pattern) -> Fix | None:
    """Return the fix that marks these numbers as fixed text, None when the run-in title has no room for the marks."""
    text = with_numbers_fixed(block.text, pattern, found)
    lead = block.lead if block.kind == BlockKind.ANNEX else with_numbers_fixed(block.lead, pattern, found)
    too_long = len(lead) > LEAD_LENGTH or len(text) > TEXT_LENGTH
    return None if too_long else Fix(_("It is no figure: mark as fixed text"), text=text, lead=lead)


@check
def typed_elsewhere(script: Manuscript) -> Iterator[Finding]:
    """Numbers in the head and beside the plan, where no fixed text can be marked: said what they rest on, or taken out.

    Digits are in the way until then. The years of the report and the numbers of a unit's own name belong there.
    """
    pattern, unit = pattern_of(script.binder.book), script.binder.book.unit
    names = unit.name + (unit.parent.name if unit.parent else "")
    years = (script.report.year, script.report.plan_year)
    own = {*map(str, years), *map(year_in_words, years), *numbers_in(names, pattern)}
    for key, texts in _unmarked_texts(script).items():
        found = [
            (text, number) for text in texts for number in numbers_in(text, pattern) if number.replace("零", "〇") not in own
        ]
        for in_words in (False, True):
            if chosen := [(text, number) for text, number in found if is_spelled(number) == in_words]:
                yield _elsewhere(key, chosen, must_confirm=not in_words)


def _elsewhere(key: str, found: Sequence[tuple[str, str]], *, must_confirm: bool) -> Finding:
    """Return the finding of (text, number in it); it holds for these texts, whatever is written beside them."""
    numbers, texts = [number for _text, number in found], dict.fromkeys(text for text, _number in found)
    words = _("Typed by hand and resting on no approved figure: %(numbers)s.") % {"numbers": named(numbers)}
    way_out = _("Take the number out of the title or the measure, or say what it rests on.")
    seen = "\n".join(("、".join(numbers), *texts))
    return Finding("typed_elsewhere", Level.CONFIRM, key, words, way_out, seen=seen, must_confirm=must_confirm)


def _unmarked_texts(script: Manuscript) -> dict[str, list[str]]:
    """Return block key ("": the head) -> texts that print and are typed outside blocks. A document number has its own rule."""
    report, plan = script.report, script.binder.plan.book
    letterhead = [text for name, text in report.letterhead.items() if name != "number"]
    found = {"": [report.title, report.addressee, report.signature, *letterhead]}
    for item in plan.planned:
        found.setdefault(item.block.key if item.block else "", []).extend([item.measure, item.lead_unit, item.note])
    for block in script.blocks:
        if block.kind == BlockKind.ANNEX and block.lead == OUTCOMES and not block.is_dropped:
            found[block.key] = [row.words for row in plan.chosen.values()]
    return found


@check
def changed_number(script: Manuscript) -> Iterator[Finding]:
    """Numbers whose source has changed since they were written."""
    by_block: dict[str, list] = {}
    for row in script.stale:
        by_block.setdefault(row.row.block.key, []).append(row)
    for key, rows in by_block.items():
        words = "".join(_changes([row for row in rows if row.old != row.new], [row for row in rows if row.old == row.new]))
        yield Finding("changed_number", Level.BLOCKING, key, words, _("Update the numbers of this paragraph."), _update(), words)


def _changes(other: Sequence[StaleFigure], same: Sequence[StaleFigure]) -> Iterator[str]:
    """Yield a sentence on numbers that read otherwise now, and one on those whose source alone has changed."""
    if other:
        changes = named(f"{row.now.name} {row.old} → {row.new}" for row in other)
        values = {"count": len(other), "changes": changes}
        yield _("%(count)d numbers have changed since they were written: %(changes)s.") % values
    if same:
        values = {"count": len(same), "numbers": named(f"{row.now.name} {row.old}" for row in same)}
        yield _("The sources of %(count)d numbers have changed, the text stays the same: %(numbers)s.") % values


@check
def two_values(script: Manuscript) -> Iterator[Finding]:
    """One fact with two values: between two paragraphs, or between the text and an annex that counts the same months."""
    stale = {row.row.pk for row in script.stale}
    first: dict[Fact, tuple[Block, BoundFigure]] = {}
    for block, row, indicator, period in _values(script):
        token = tokens_of(row.token)[0]
        other = first.setdefault(fact_of(token, script.binder), (block, row))
        if not _equal(other[1].value, row.value):
            yield _contradiction(block, indicator, period, other[1], row)
        elif row.pk not in stale and not (token.scope or token.aggregate) and _in_annex(script, period):
            yield from _against_annex(script, block, row, indicator, period)


def _values(script: Manuscript) -> Iterator[tuple[Block, BoundFigure, Indicator, Period]]:
    """Yield the figures that print a value, with what they count; one that is kept with a note has been decided on."""
    book = script.binder.book
    for block, row in script.bound():
        token = tokens_of(row.token)[0]
        indicator = script.binder.indicator_of(token.name)
        if (
            row.status != OK
            or row.is_kept
            or row.value is None
            or indicator is None
            or not _prints_value(token.format, indicator)
        ):
            continue
        try:
            yield block, row, indicator, parse_period(token.period, year=book.year, cutoff_month=script.binder.cutoff_month)
        except PeriodError:
            continue


def _equal(kept: Decimal, value: Decimal | None) -> bool:
    """Whether a settled value, which is kept to eight decimals, is this value."""
    return value is not None and abs(kept - value) < KEPT_EXACT


def _prints_value(format_: str, indicator: Indicator) -> bool:
    try:
        return find_format(format_, measure=indicator.measure)[0].name in VALUE_FORMATS
    except FormatError:
        return False


def _contradiction(block: Block, indicator, period: Period, one: BoundFigure, other: BoundFigure) -> Finding:
    values = {"name": indicator.name, "period": period.label(), "one": one.shown, "other": other.shown}
    words, fix = _("%(name)s of %(period)s stands with two values: %(one)s and %(other)s.") % values, _update()
    seen = f"{indicator.code}:{one.shown}:{other.shown}"
    return Finding("two_values", Level.BLOCKING, block.key, words, _("Update both paragraphs."), fix, seen)


def _update() -> Fix:
    return Fix(_("Update this paragraph"), renews=True)


def _in_annex(script: Manuscript, period: Period) -> bool:
    has_table = any(row.kind == BlockKind.ANNEX and row.lead == "monthly_figures" and not row.is_dropped for row in script.blocks)
    return has_table and (period.first_month, period.last_month) == (1, script.binder.cutoff_month)


def _against_annex(script: Manuscript, block: Block, row: BoundFigure, indicator, period: Period) -> Iterator[Finding]:
    total = script.binder.book.total(indicator.code, period)
    if total.status == Status.OK and not _equal(row.value, total.value):
        values = {"name": indicator.name, "text": row.shown, "annex": plain(total.value)}
        words = _("%(name)s: the text says %(text)s, the annex %(annex)s.") % values
        seen = f"{indicator.code}:{row.shown}:{plain(total.value)}"
        yield Finding(
            "two_values", Level.CONFIRM, block.key, words, _("Update the paragraph, or say why both stand."), _update(), seen
        )


@check
def same_as_last_year(script: Manuscript) -> Iterator[Finding]:
    """Counts that are exactly last year's, one finding an indicator and period: often a figure that was copied."""
    told = set()
    for block, row, indicator, period in _values(script):
        if kind_of(indicator.aggregation, indicator.measure) != FigureKind.COUNT or abs(row.value) < LEAST_TELLING:
            continue
        token = tokens_of(row.token)[0]
        fact = (indicator.code, period, token.scope, token.aggregate)
        if fact in told or not _equal(row.value, _last_year(script, token, indicator, period)):
            continue
        told.add(fact)
        words = _("%(name)s is exactly last year's: %(shown)s.") % {"name": indicator.name, "shown": row.shown}
        way_out, seen = _("Look at the months; a figure that is right is confirmed."), f"{indicator.code}:{plain(row.value)}"
        yield Finding("same_as_last_year", Level.CONFIRM, block.key, words, way_out, seen=seen)


def _last_year(script: Manuscript, token: Token, indicator, period: Period) -> Decimal | None:
    """Return what the same token counted in the year before, None where there is nothing to compare with."""
    try:
        total = script.binder.total_of(token, indicator, period.previous_year())
    except ScopeError:
        return None
    return total.value if total.status == Status.OK else None
