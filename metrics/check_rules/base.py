"""What a rule is made of: the figures it may look at, the problem it reports, its parameters and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from accounts.models import Unit
from metrics.cells import EMPTY, Cell
from metrics.choices import CheckLevel, FigureKind
from metrics.evidence import proven_cells
from metrics.forebears import Forebears, taken_together
from metrics.ledger_filters import rule_address
from metrics.ledger_sums import ledger_values
from metrics.ledgers import LedgerRule
from metrics.models import Figure, Indicator, MonthlyReturn, NamedList
from metrics.models.returns import cell_name
from metrics.numbers import format_grid
from metrics.periods import Period
from metrics.queries import NO_CELL, YearBook

HISTORY_MONTHS = 12


class Subject(NamedTuple):
    """What a rule looks at: an indicator's cell of the township or of one village, with what is stored in it."""

    indicator: Indicator
    unit: Unit
    cell: str
    figure: Cell = EMPTY

    @property
    def name(self) -> str:
        """The indicator's name, with the village's when it is a village's cell."""
        return f"{self.indicator.name}（{self.unit.name}）" if "@" in self.cell else self.indicator.name

    def shown(self, value: Decimal) -> str:
        """Return a number as the grid shows this indicator's."""
        return format_grid(value, self.indicator.decimals)


class Problem(NamedTuple):
    """What a rule found: the compared figures as a sentence, the cell when it is another than the subject's, a one-click fix.

    `way_out` replaces the usual closing sentence of an error or query; "" for none. `link` is the page of what the
    figure was compared with.
    """

    fact: str
    cell: str = ""
    fix: str = ""
    way_out: str | None = None
    link: str = ""


@dataclass
class CheckContext:
    """One return under check with everything rules may read. Ledgers and older months are read once, when first asked for."""

    monthly_return: MonthlyReturn
    book: YearBook
    cells: dict[str, Cell]
    watched_indicators: tuple[Indicator, ...] = ()
    month: Period = field(init=False)

    def __post_init__(self) -> None:
        """Set the return's month as a period."""
        month = self.monthly_return.month
        self.month = Period(self.monthly_return.year, month, month)

    @cached_property
    def villages(self) -> list[Unit]:
        """The villages of the month."""
        return self.book.villages_in(self.month)

    @property
    def year_to_date(self) -> Period:
        """January to the return's month."""
        return Period(self.month.year, 1, self.month.last_month)

    def subjects(self, indicator: Indicator) -> list[Subject]:
        """Return the typed cells of an indicator in this month: the township's, its villages', or none."""
        if not indicator.has_cell:
            return []
        if not indicator.is_by_village:
            return [self.subject(indicator, self.book.unit)]
        return [self.subject(indicator, unit) for unit in self.villages]

    def subject(self, indicator: Indicator, unit: Unit) -> Subject:
        """Return one cell with what is stored in it."""
        cell = cell_name(indicator.code, unit.code if unit.pk != self.book.unit.pk else "")
        return Subject(indicator, unit, cell, self.cells.get(cell, EMPTY))

    @cached_property
    def forebears(self) -> Forebears:
        """Which villages of other months stand behind those of this month."""
        return Forebears(self.book, self.month.year, self.month.last_month)

    def value(self, subject: Subject, year: int, month: int) -> Decimal | None:
        """Return the number in the same cell of another month, None without one; a merged village's is that of all of them."""
        return self._taken_from(subject, year, month, lambda key: self.book.cells.get(key, NO_CELL)[1])

    def _taken_from(self, subject: Subject, year: int, month: int, number_of: Callable) -> Decimal | None:
        is_own = subject.unit.pk == self.book.unit.pk
        units = [subject.unit] if is_own else self.forebears.of(subject.unit, year, month)
        code = subject.indicator.code
        return taken_together(subject.indicator, [number_of((code, year, month, unit.pk)) for unit in units])

    def last_month(self, subject: Subject) -> Decimal | None:
        """Return the number of the month before; none in January, when the year's figures start again."""
        month = self.month.first_month
        return self.value(subject, self.month.year, month - 1) if month > 1 else None

    def history(self, subject: Subject) -> list[Decimal]:
        """Return the numbers of the twelve months before, oldest first; months without a number are left out."""
        found = [self._taken_from(subject, year, month, self._number_of) for year, month in self._months_before]
        return [value for value in found if value is not None]

    def _number_of(self, key: tuple[str, int, int, int]) -> Decimal | None:
        return self.book.cells[key][1] if key in self.book.cells else self._older.get(key)

    @cached_property
    def _months_before(self) -> list[tuple[int, int]]:
        year, month = self.month.year, self.month.first_month
        return [(year - 1, at) for at in range(month, HISTORY_MONTHS + 1)] + [(year, at) for at in range(1, month)]

    @cached_property
    def _older(self) -> dict[tuple[str, int, int, int], Decimal]:
        """Numbers of last year's months that the book has not loaded: one query of the columns needed."""
        year, months = self.month.year - 1, range(self.month.first_month, HISTORY_MONTHS + 1)
        missing = [month for month in months if (year, month) not in self.book.returns]
        if not missing:
            return {}
        before = self.book.indicators_before
        codes = {row.pk: row.code for now in self.watched_indicators for row in (now, before.get(now.code)) if row}
        rows = Figure.objects.filter(
            monthly_return__unit=self.book.unit, monthly_return__year=year, monthly_return__month__in=missing,
            kind=FigureKind.VALUE, indicator__in=codes,
        ).order_by().values_list("indicator_id", "monthly_return__month", "unit_id", "value")  # fmt: skip
        return {(codes[pk], year, month, unit): value for pk, month, unit, value in rows}

    @cached_property
    def ledger(self) -> dict[str, Decimal]:
        """Cell -> what its ledger comes to in this month, for cells whose ledger has entries."""
        return ledger_values(self.book.unit, self.month.year, self.month.last_month, self.book.indicators.values())

    def ledger_address(self, subject: Subject, rule: LedgerRule) -> str:
        """Return the page of the entries that a cell's ledger counts."""
        village = None if subject.unit.pk == self.book.unit.pk else subject.unit
        return rule_address(rule, self.book.unit, self.month.year, self.month.last_month, village)

    @cached_property
    def proven(self) -> set[str]:
        """Cells of figures that need evidence and have some."""
        return proven_cells(self.monthly_return, [row for row in self.book.indicators.values() if row.needs_evidence])

    @cached_property
    def list_names(self) -> dict[str, str]:
        """Names of the lists of named items, read only when one has to be named."""
        lists = NamedList.objects.of_year(self.book.unit.parent_id, self.month.year)
        return dict(lists.values_list("code", "name"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting of a rule, ready for a form: kind is ratio (0.5 shown as 50 %), number, indicator or list (codes).

    A parameter without a default must be given, unless it is not required.
    """

    name: str
    kind: str
    label: str
    default: Decimal | None = None
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(1000000)
    is_required: bool = True

    @property
    def is_number(self) -> bool:
        """Whether a number is given, not a code."""
        return self.kind in ("ratio", "number")


Check = Callable[[CheckContext, Subject, dict], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it compares in plain words, where it fits, how strict it may be, and the function that looks.

    `aggregations` are those it makes sense for. `is_per_cell` rules look at every cell whose figure is one of `kinds`, the
    others at an indicator as a whole. `is_for_cells` rules are not for calculated indicators, `needs_ledger` ones only for
    typed ones that a ledger counts too, `is_for_villages` ones only for figures kept by village. Of the rules of
    one `group` the first that finds something speaks for the cell. A built-in rule follows from what the indicator is and is
    not set by anybody.
    """

    code: str
    label: str
    description: str
    check: Check
    aggregations: frozenset[str]
    levels: tuple[str, ...] = (CheckLevel.QUERY, CheckLevel.HINT)
    parameters: tuple[Parameter, ...] = ()
    is_per_cell: bool = True
    kinds: frozenset[str] = frozenset({FigureKind.VALUE})
    is_for_cells: bool = True
    needs_ledger: bool = False
    is_for_villages: bool = False
    group: str = ""
    has_fix: bool = False
    is_built_in: bool = False

    @property
    def level(self) -> str:
        """The level where none is said."""
        return str(self.levels[0])


RULES: dict[str, Rule] = {}


def register(rule: Rule) -> None:
    """Add a rule; its code is what catalogue files and the database say."""
    RULES[rule.code] = rule
