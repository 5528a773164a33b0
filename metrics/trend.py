"""Twelve months of one figure as two lines, this year's and last year's: points and texts, ready to draw. No HTML."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from metrics.choices import FigureKind, Source
from metrics.forebears import Forebears
from metrics.grid_text import shown_value
from metrics.models import Indicator
from metrics.periods import Period
from metrics.queries import YearBook

WIDTH, HEIGHT = 288, 78  # of the drawing, the months' numbers below it
LEFT, STEP, TOP = 12, 24, 22
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Point:
    """One month: its place in the drawing and its value as text."""

    month: int
    x: int
    y: float
    shown: str


@dataclass(frozen=True)
class Line:
    """One year's months that have a value; `strokes` are runs of neighbouring months, each as "x,y x,y"."""

    year: int
    points: tuple[Point, ...]

    @property
    def strokes(self) -> list[str]:
        """Runs of months without a gap: a missing month is no straight line between its neighbours."""
        runs: list[list[Point]] = []
        for point in self.points:
            if runs and runs[-1][-1].month == point.month - 1:
                runs[-1].append(point)
            else:
                runs.append([point])
        return [" ".join(f"{point.x},{point.y}" for point in run) for run in runs if len(run) > 1]

    @property
    def words(self) -> str:
        """The line as text, for those who do not see it."""
        return "、".join(f"{point.month}月 {point.shown}" for point in self.points)

    @property
    def last(self) -> Point | None:
        """The newest month with a value."""
        return self.points[-1] if self.points else None


@dataclass(frozen=True)
class Trend:
    """This year up to the return's month, and all of last year."""

    this_year: Line
    last_year: Line

    @property
    def is_worth_showing(self) -> bool:
        """Whether there is more than a single month."""
        return len(self.this_year.points) + len(self.last_year.points) > 1

    @property
    def axis(self) -> list[tuple[int, int]]:
        """Months to write below, with their places."""
        return [(month, LEFT + (month - 1) * STEP) for month in (1, 4, 7, 10, 12)]


def load_trend(book: YearBook, indicator: Indicator, month: int, village=None) -> Trend:
    """Return the lines of an indicator, or of one village's part in it with those that have merged into it.

    `book` holds every month of both years.
    """
    forebears = Forebears(book, book.year, month) if village else None
    now = {at: _value(book, indicator, book.year, at, village, forebears) for at in MONTHS if at <= month}
    before = {at: _value(book, indicator, book.year - 1, at, village, forebears) for at in MONTHS}
    top = max((value for value in (*now.values(), *before.values()) if value), default=Decimal(1))
    return Trend(_line(book.year, indicator, now, top), _line(book.year - 1, indicator, before, top))


def _value(book: YearBook, indicator: Indicator, year: int, month: int, village, forebears) -> Decimal | None:
    if (year, month) not in book.returns or indicator.source in (Source.PARAM, Source.RANK):
        return None
    if indicator.has_cell:
        if forebears:
            return forebears.value(indicator, year, month, village)
        return book.month_part(indicator, year, month).value
    return book.total(indicator.code, Period(year, month, month)).value


def _line(year: int, indicator: Indicator, values: dict[int, Decimal | None], top: Decimal) -> Line:
    points = (
        Point(month, LEFT + (month - 1) * STEP, round(float(HEIGHT - value * (HEIGHT - TOP) / top), 1),
              shown_value(FigureKind.VALUE, value, indicator.decimals))
        for month, value in values.items() if value is not None
    )  # fmt: skip
    return Line(year, tuple(points))
