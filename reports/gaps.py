"""Sentences that a report leaves out because an optional figure has a blank month: which indicator, which months. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metrics.choices import FigureKind
from metrics.models import Indicator
from metrics.periods import Period, PeriodError, parse_period
from metrics.queries import NO_CELL, Status, YearBook
from reports.binding import EMPTY, Binder
from reports.district_book import books_behind
from reports.models import Block, BoundFigure
from reports.tokens import tokens_of

Place = tuple[int, int, int]  # id of the unit whose return it is, year, month


@dataclass(frozen=True)
class BlankMonth:
    """A month without the figure, with its return."""

    label: str
    return_pk: int


@dataclass(frozen=True)
class Gap:
    """An indicator whose blank months keep sentences out of the report; `keys` are the blocks they stand in."""

    indicator: Indicator
    months: tuple[BlankMonth, ...]
    keys: tuple[str, ...]


def load_gaps(blocks: list[Block], settled: dict[int, dict[str, BoundFigure]], binder: Binder) -> list[Gap]:
    """Return the gaps behind sentences that drop out, in reading order. No queries.

    A month that was marked as not collected is said to be so and asks for nothing; a blank one was perhaps forgotten.
    """
    months: dict[str, dict[Place, None]] = {}
    keys: dict[str, dict[str, None]] = {}
    for block in (block for block in blocks if not block.is_dropped):
        for row in settled.get(block.pk, {}).values():
            for code, place in _blanks_behind(row, binder):
                months.setdefault(code, {})[place] = None
                keys.setdefault(code, {})[block.key] = None
    return [_gap(binder.book, code, sorted(found), tuple(keys[code])) for code, found in months.items()]


def _gap(whole: YearBook, code: str, places: list[Place], keys: tuple[str, ...]) -> Gap:
    years = {year for _unit, year, _month in places}
    books = {(book.unit.pk, year): book for year in years for book in books_behind(whole, year)}
    return Gap(whole.indicators[code], tuple(_blank_month(whole, books[place[:2]], *place[1:]) for place in places), keys)


def _blank_month(whole: YearBook, book: YearBook, year: int, month: int) -> BlankMonth:
    whose = "" if book is whole else book.unit.name
    label = f"{month}月" if year == whole.year else f"{year}年{month}月"
    return BlankMonth(whose + label, book.returns[year, month].pk)


def _blanks_behind(row: BoundFigure, binder: Binder) -> Iterator[tuple[str, Place]]:
    token = next(iter(tokens_of(row.token)), None)
    is_own = token is not None and not token.scope
    indicator = binder.indicator_of(token.name) if is_own and row.status == EMPTY else None
    if indicator is None:
        return
    try:
        period = parse_period(token.period, year=binder.book.year, cutoff_month=binder.cutoff_month)
    except PeriodError:
        return
    if binder.book.total(indicator.code, period).status == Status.PARTIAL:
        for book in books_behind(binder.book, period.year):
            yield from ((code, (book.unit.pk, *month)) for code, month in _blanks(book, indicator, period))


def _blanks(book: YearBook, indicator: Indicator, period: Period) -> Iterator[tuple[str, tuple[int, int]]]:
    formula = indicator.formula
    inputs = formula.get("sum_of") or [formula[side] for side in ("numerator", "denominator") if side in formula]
    for code in inputs:
        yield from _blanks(book, book.indicators[code], period)
    if not indicator.has_cell:
        return
    for part in book.total(indicator.code, period).parts:
        if part.kind == FigureKind.NOT_COLLECTED and _has_blank_cell(book, indicator, part.year, part.month):
            yield indicator.code, (part.year, part.month)


def _has_blank_cell(book: YearBook, indicator: Indicator, year: int, month: int) -> bool:
    places = book.villages_of(year, month) if indicator.is_by_village else [book.unit]
    kinds = (book.cells.get((indicator.code, year, month, unit.pk), NO_CELL)[0] for unit in places)
    return FigureKind.BLANK in kinds
