"""The village sheet as data: a row a village, a column an indicator, totals and shares. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.cells import EMPTY, Cell
from metrics.checks import SEVERITY, Finding, valid_indicators
from metrics.choices import EVIDENCE_RULE, Aggregation, FigureKind
from metrics.grid import BLANK_RULE, LedgerSum, ledger_sum
from metrics.grid_source import GridSource, load_source
from metrics.grid_text import shown_value
from metrics.ledger_filters import rule_address
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.periods import Period
from volunteers.village_names import ended_words


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One indicator of the sheet; shares are calculated, everything else has cells (`is_typed`), some filled by a ledger alone
    (`is_counted`). `total` is the township's, as text."""

    code: str
    name: str
    measure: str
    decimals: int
    scope: str
    is_year_to_date: bool
    is_typed: bool
    is_counted: bool = False
    total: str = ""
    last_month: str = ""
    filled: int = 0
    to_date: str = ""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One village's cell of a column: typed, or a share as text."""

    name: str
    column: SheetColumn
    cell: Cell
    shown: str
    last_month: str
    findings: tuple[Finding, ...]
    comments: int
    before: str | None
    ledger: LedgerSum | None = None
    ledger_address: str = ""
    files: int = 0
    needs_evidence: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something can be typed: not into a share, nor into a cell that its ledger fills."""
        return self.column.is_typed and not (self.column.is_counted and self.ledger and self.ledger.shown)

    @property
    def messages(self) -> tuple[Finding, ...]:
        """Findings that need words; a blank cell speaks by its looks."""
        return tuple(row for row in self.findings if row.code != BLANK_RULE and not row.explained)

    @property
    def classes(self) -> str:
        """Class names that styles go by."""
        levels = {row.level for row in self.messages}
        level = next((name for name in SEVERITY if name in levels), "")
        is_off = bool(self.ledger and self.ledger.is_off) and not any(row.code == "ledger" for row in self.messages)
        flags = {level: level, "noted": self.comments, "changed": self.before is not None, "off-ledger": is_off}
        flags["unproven"] = any(row.code == EVIDENCE_RULE for row in self.findings)
        return " ".join([f"v-{self.cell.kind}", *(name for name, is_on in flags.items() if is_on)])


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One village. `saved`: who saved one of its figures last, and when; `ended`: why it is no village of the month's end."""

    unit: Unit
    cells: tuple[SheetCell, ...]
    saved: str = ""
    ended: str = ""

    @property
    def typed(self) -> list[SheetCell]:
        """Cells that people fill."""
        return [cell for cell in self.cells if cell.column.is_typed]

    @property
    def messages(self) -> list[Finding]:
        """What has to be said of this village's figures."""
        found = [finding for cell in self.cells for finding in cell.messages]
        return sorted(found, key=lambda finding: SEVERITY.index(finding.level))

    @property
    def level(self) -> str:
        """The row's mark: that of its gravest message, or explained."""
        return self.messages[0].level if self.messages else "explained"

    @property
    def explained(self) -> list[Finding]:
        """Queries of this village that are explained."""
        return [finding for cell in self.cells for finding in cell.findings if finding.explained]

    @property
    def filled(self) -> int:
        """How many of them are filled."""
        return sum(not cell.cell.is_blank for cell in self.typed)

    @property
    def is_complete(self) -> bool:
        """Whether the village has filled everything; one that has ended owes nothing."""
        return bool(self.ended) or self.filled == len(self.typed)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The villages of a township in one month. `has_totals` is False for a village's own clerk, who sees one row alone."""

    monthly_return: MonthlyReturn
    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    has_totals: bool

    @property
    def filled(self) -> int:
        """Cells filled."""
        return sum(row.filled for row in self.rows if not row.ended)

    @property
    def fillable(self) -> int:
        """Cells to fill."""
        return sum(len(row.typed) for row in self.rows if not row.ended)

    @property
    def missing_villages(self) -> list[SheetRow]:
        """Villages that have not filled everything."""
        return [row for row in self.rows if not row.is_complete]

    @property
    def missing_words(self) -> str:
        """How many villages are not complete, in words; nothing when all are."""
        count = len(self.missing_villages)
        return _("Villages not complete: %(count)d") % {"count": count} if count else ""

    @property
    def own_words(self) -> str:
        """How far a village's own clerk is, and what happens next."""
        if not self.missing_villages:
            return _("All filled in. The township sends it in with its return.")
        return _("Filled %(filled)d of %(all)d.") % {"filled": self.filled, "all": self.fillable}

    @property
    def problems(self) -> list[Finding]:
        """Findings other than blanks and explained ones, of the rows shown."""
        return [finding for row in self.rows for finding in row.messages]


def load_sheet(monthly_return: MonthlyReturn, *, village: Unit | None = None) -> Sheet:
    """Return the sheet of a return, or one village's row of it alone; a constant number of queries."""
    source = load_source(monthly_return)
    counted = valid_indicators(source.book, monthly_return.year, monthly_return.month)
    indicators = [row for row in counted if is_of_sheet(row, source.book.indicators)]
    columns = tuple(_column(source, row, with_totals=village is None) for row in indicators)
    at_hand = source.book.villages_of(monthly_return.year, monthly_return.month)
    units = [unit for unit in at_hand if village is None or unit.pk == village.pk]
    saved = last_saved(monthly_return, units)
    may_see_ledgers = village is None
    rows = tuple(
        SheetRow(
            unit, tuple(_cell(source, column, unit, may_see_ledgers) for column in columns), saved.get(unit.pk, ""),
            ended_words(unit, monthly_return),
        )
        for unit in units
    )  # fmt: skip
    return Sheet(monthly_return, columns, rows, village is None)


def last_saved(monthly_return: MonthlyReturn, villages: list[Unit]) -> dict[int, str]:
    """Return village id -> which person saved one of its figures last, and when; one query."""
    rows = Figure.objects.filter(monthly_return=monthly_return, unit__in=villages, updated_by__isnull=False)
    rows = rows.order_by("updated_at")
    return {
        unit: f"{name} {timezone.localtime(at):%m-%d %H:%M}"
        for unit, name, at in rows.values_list("unit", "updated_by__display_name", "updated_at")
    }


def is_of_sheet(indicator: Indicator, indicators: dict[str, Indicator]) -> bool:
    """Whether an indicator is counted by village: typed there, or a share of two that are."""
    if indicator.aggregation == Aggregation.RATIO:
        sides = (indicators.get(indicator.formula.get(side, "")) for side in ("numerator", "denominator"))
        return all(side is not None and side.is_by_village for side in sides)
    return indicator.is_by_village


def _column(source: GridSource, indicator: Indicator, *, with_totals: bool) -> SheetColumn:
    total = source.book.total(indicator.code, source.month) if with_totals else None
    units = source.book.villages_in(source.month)
    names = [cell_name(indicator.code, unit.code) for unit in units] if indicator.is_by_village else []
    return SheetColumn(
        code=indicator.code, name=indicator.name, measure=indicator.measure, decimals=indicator.decimals,
        scope=indicator.scope_note, is_year_to_date=indicator.is_year_to_date, is_typed=indicator.has_cell,
        is_counted=indicator.has_cell and not indicator.is_entered,
        total=_total_text(indicator, total, source, names) if with_totals else "",
        last_month=_before_text(source, indicator, None) if with_totals else "",
        filled=sum(not source.cells.get(name, EMPTY).is_blank for name in names) if with_totals else 0,
        to_date=_to_date(source, indicator) if with_totals else "",
    )  # fmt: skip


def _total_text(indicator, total, source, names) -> str:
    """Return the column's total; while villages are missing, what is there so far."""
    if total.value is not None:
        return shown_value(FigureKind.VALUE, total.value, indicator.decimals)
    values = [source.cells[name].value for name in names if name in source.cells and source.cells[name].value is not None]
    return shown_value(FigureKind.VALUE, sum(values, Decimal(0)), indicator.decimals) if values else ""


def _to_date(source: GridSource, indicator: Indicator) -> str:
    """Return the township's sum of the year so far; other aggregations carry it in the month's own figure."""
    if indicator.aggregation != Aggregation.SUM:
        return ""
    month = source.month
    total = source.book.total(indicator.code, Period(month.year, 1, month.last_month))
    return shown_value(FigureKind.VALUE, total.value, indicator.decimals)


def _cell(source: GridSource, column: SheetColumn, unit: Unit, may_see_ledgers: bool) -> SheetCell:
    name = cell_name(column.code, unit.code)
    indicator = source.book.indicators[column.code]
    stored = source.cells.get(name, EMPTY)
    told = ledger_sum(source, indicator, unit) if column.is_typed else None
    return SheetCell(
        name=name, column=column, cell=stored, shown=stored.shown if column.is_typed else _share(source, indicator, unit),
        last_month=_before_text(source, indicator, unit), findings=tuple(source.findings.get(name, ())),
        comments=source.threads[name]["open"] if name in source.threads else 0, before=_old_text(source, name),
        ledger=told, ledger_address=_ledger_address(source, told, unit) if may_see_ledgers else "",
        files=source.files.get(name, 0), needs_evidence=column.is_typed and indicator.needs_evidence,
    )  # fmt: skip


def _ledger_address(source: GridSource, told: LedgerSum | None, village: Unit) -> str:
    about = source.monthly_return
    return rule_address(told.rule, about.unit, about.year, about.month, village) if told and told.shown else ""


def _old_text(source: GridSource, name: str) -> str | None:
    return (source.before[name] or _("blank")) if name in source.before else None


def _share(source: GridSource, indicator: Indicator, unit: Unit) -> str:
    total = source.book.village_totals(indicator.code, source.month).get(unit)
    return shown_value(FigureKind.VALUE, total.value, indicator.decimals) if total else ""


def _before_text(source: GridSource, indicator: Indicator, unit: Unit | None) -> str:
    """Return last month's figure of the township, or of a village with those that have merged into it since."""
    month = source.month.first_month
    if month == 1 or not indicator.has_cell:
        return ""
    at = (indicator, source.month.year, month - 1)
    value = source.forebears.value(*at, unit) if unit else source.book.month_part(*at).value
    return shown_value(FigureKind.VALUE, value, indicator.decimals)
