"""The stored cells of one return, by name: what the grid shows and the checks judge."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from metrics.catalogue_years import codes_of
from metrics.choices import FigureKind
from metrics.grid_text import shown_figure
from metrics.models import Figure, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.queries import YearBook


@dataclass(frozen=True, slots=True)
class Cell:
    """What is stored in one typed cell; `shown` is its text on the screen."""

    kind: str = FigureKind.BLANK
    value: Decimal | None = None
    raw: str = ""
    shown: str = ""
    version: int = 0
    explanation: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return self.kind == FigureKind.BLANK


EMPTY = Cell()


def load_cells(monthly_return: MonthlyReturn, book: YearBook) -> dict[str, Cell]:
    """Return every stored cell of a return by its name, villages' cells included; one query, indicators are the book's."""
    rows = Figure.objects.filter(monthly_return=monthly_return).values_list(
        "indicator_id", "unit__code", "kind", "value", "raw", "version", "explanation"
    )
    codes = codes_of([book.indicators], {row[0] for row in rows})
    cells = {}
    for pk, unit, kind, value, raw, version, explanation in rows:
        indicator = book.indicators.get(codes[pk])
        if indicator is None:
            continue
        name = cell_name(indicator.code, unit if indicator.is_by_village else "")
        cells[name] = Cell(kind, value, raw, shown_figure(kind, value, raw, indicator.decimals), version, explanation)
    return cells
