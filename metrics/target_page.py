"""The page of a district's targets as data: a grid of townships by indicators, filled from a block of a spreadsheet or by a
formula. What is filled in is shown, not saved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Unit
from metrics.books import load_books
from metrics.ledger_forms import folded
from metrics.models import Indicator, Target
from metrics.numbers import format_grid, plain
from metrics.periods import Period
from metrics.progress import can_have_target
from metrics.services import TargetInput, TargetResult

FIELD = "t-"
MOST_CELLS = 3000
ROUNDINGS = {
    "unit": gettext_lazy("to the indicator's decimals"), "ten": gettext_lazy("to tens"), "hundred": gettext_lazy("to hundreds"),
    "up": gettext_lazy("up to the next whole number"),
}  # fmt: skip
TEN = {"ten": Decimal(10), "hundred": Decimal(100)}


@dataclass(frozen=True)
class Formula:
    """How a target is made from last year's result: times a factor, plus a number, rounded."""

    factor: Decimal = Decimal("1.05")
    addend: Decimal = Decimal(0)
    rounding: str = "unit"

    def of(self, result: Decimal, decimals: int) -> Decimal:
        """Return the target; never below 0."""
        value = max(result * self.factor + self.addend, Decimal(0))
        if self.rounding == "up":
            return value.to_integral_value(ROUND_CEILING)
        step = TEN.get(self.rounding) or Decimal(1).scaleb(-decimals)
        return (value / step).to_integral_value(ROUND_HALF_UP) * step


@dataclass
class TargetCell:
    """One cell: what stands in the input, what is stored, last year's result as number and in words, what became of a save."""

    name: str
    text: str
    stored: str
    version: int
    result: str
    last: Decimal | None = None
    message: str = ""
    note: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether saving would write it."""
        return self.text.strip() != self.stored


@dataclass
class TargetPage:
    """The grid: columns are indicators, rows townships with their cells in the order of columns."""

    year: int
    columns: list[Indicator]
    rows: list[tuple[Unit, list[TargetCell]]]
    offered: list[Indicator]
    too_many: int = 0
    months: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def cells(self) -> list[TargetCell]:
        """All cells."""
        return [cell for _unit, cells in self.rows for cell in cells]

    @property
    def changed(self) -> int:
        """How many cells wait to be saved."""
        return sum(cell.is_changed for cell in self.cells)

    @property
    def seen(self) -> str:
        """What the page shows as stored, cell -> [version, text], for the form to be compared with."""
        return json.dumps({cell.name: [cell.version, cell.stored] for cell in self.cells}, ensure_ascii=False)


def load_target_page(district: Unit, year: int, asked: list[str]) -> TargetPage:
    """Return the page of a year; columns are the indicators that have targets, and those asked for.

    A constant number of queries.
    """
    units = list(Unit.objects.townships().filter(parent=district).order_by("order", "code"))
    rows = Indicator.objects.of_year(district, year).counted_in(year)
    indicators = {row.code: row for row in rows if can_have_target(row)}
    stored = {(row.unit_id, row.code): row for row in Target.objects.filter(unit__in=units, year=year)}
    wanted = {code for _unit, code in stored} | set(asked)
    columns = [row for code, row in indicators.items() if code in wanted]
    most = max(1, MOST_CELLS // max(1, len(units)))
    too_many, columns = max(0, len(columns) - most), columns[:most]
    books = load_books(district, units, year - 1, [row.code for row in columns]) if columns else {}
    page = TargetPage(year, columns, [], [row for code, row in indicators.items() if code not in wanted], too_many)
    for unit in units:
        page.rows.append((unit, [_cell(unit, row, stored.get((unit.pk, row.code)), books.get(unit.pk)) for row in columns]))
    return page


def _cell(unit: Unit, indicator: Indicator, target: Target | None, book) -> TargetCell:
    text = plain(target.value.normalize()) if target else ""
    result, months = last_result(book, indicator)
    words = ""
    if result is not None:
        words = f"{months} {format_grid(result, max(indicator.decimals, 1 if indicator.measure == '%' else 0))}"
    cell = TargetCell(f"{FIELD}{unit.pk}-{indicator.code}", text, text, target.version if target else 0, words, result)
    cell.note = target.note if target else ""
    return cell


def last_result(book, indicator: Indicator) -> tuple[Decimal | None, str]:
    """Return the result of the book's year up to its last approved month, and these months in words."""
    returns = book.returns.items() if book else ()
    months = [month for (year, month), facts in returns if year == book.year and facts.is_approved]
    if not months or book.indicator_of(indicator.code, book.year) is None:
        return None, ""
    period = Period(book.year, 1, max(months))
    return book.total(indicator.code, period).value, period.label(with_year=True)


def sensible(factor: Decimal, result: Decimal) -> Formula:
    """Return the formula for one target with a rounding that suits its size: tens from 1,000 on, hundreds from 10,000 on."""
    rounding = "hundred" if result >= 10_000 else "ten" if result >= 1_000 else "unit"
    return Formula(factor=factor, rounding=rounding)


def overlay(page: TargetPage, texts: dict[str, str]) -> None:
    """Put typed texts into the page's cells: nothing that was typed is lost by filling or by a refusal."""
    for cell in page.cells:
        cell.text = texts.get(cell.name, cell.text)


def propose(page: TargetPage, formula: Formula, *, only_empty: bool) -> int:
    """Fill cells from last year's results; returns how many. Where there is no result, nothing is filled in."""
    filled = 0
    for _unit, cells in page.rows:
        for indicator, cell in zip(page.columns, cells, strict=True):
            if cell.last is not None and not (only_empty and cell.text.strip()):
                cell.text = plain(formula.of(cell.last, indicator.decimals).normalize())
                filled += 1
    return filled


def paste(page: TargetPage, text: str) -> int:
    """Fill cells from a pasted block whose first row names indicators and first column townships, or the other way round.

    Returns how many cells were filled; what was not found is said in the page's notes, never left out in silence.
    """
    lines = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines() if line.strip()]
    if not lines:
        page.notes.append(_("The pasted block is empty. Copy the cells with their names and paste again."))
        return 0
    units = {folded(unit.name): number for number, (unit, _cells) in enumerate(page.rows)}
    columns = {folded(row.name): number for number, row in enumerate(page.columns)}
    if any(folded(cell) in units for cell in lines[0][1:]):
        width = max(map(len, lines))
        lines = [list(row) for row in zip(*([*line, *[""] * (width - len(line))] for line in lines), strict=True)]
    heads = [columns.get(folded(cell)) for cell in lines[0][1:]]
    body = lines[1:]
    if not any(head is not None for head in heads) and len(columns) == 1 and len(lines[0]) == 2:
        heads, body = [0], lines if folded(lines[0][0]) in units else lines[1:]
    elif unknown := [cell for cell, head in zip(lines[0][1:], heads, strict=True) if head is None and cell]:
        page.notes.append(_("No column of this page is called: %(names)s. Add the indicator first, or correct the name.")
                          % {"names": "、".join(unknown)})  # fmt: skip
    return _place(page, body, heads, units)


def _place(page: TargetPage, body, heads, units: dict[str, int]) -> int:
    filled, unknown = 0, []
    for line in body:
        at = units.get(folded(line[0]))
        if at is None:
            unknown.append(line[0] or "—")
            continue
        for typed, head in zip(line[1:], heads, strict=False):
            if head is not None and typed:
                page.rows[at][1][head].text = typed
                filled += 1
    if unknown:
        page.notes.append(_("No township is called: %(names)s. These rows were left out.") % {"names": "、".join(unknown)})
    return filled


def mark(page: TargetPage, results: list[TargetResult]) -> None:
    """Put what was refused beside its cell, with what was typed."""
    cells = {cell.name: cell for cell in page.cells}
    for result in results:
        name = f"{FIELD}{result.typed.unit}-{result.typed.code}"
        if result.status in ("refused", "conflict") and name in cells:
            cells[name].message, cells[name].text = result.message, result.typed.raw


def read_form(data) -> list[TargetInput]:
    """Return the cells of a posted form that differ from what its page showed."""
    seen = _seen(data.get("seen", ""))
    inputs = []
    for name, text in typed_texts(data).items():
        unit, _dash, code = name.removeprefix(FIELD).partition("-")
        version, shown = seen.get(name, (0, ""))
        if unit.isascii() and unit.isdigit() and len(unit) < 12 and text.strip() != shown:
            inputs.append(TargetInput(int(unit), code, text[:200], version))
    return inputs


def typed_texts(data) -> dict[str, str]:
    """Return cell -> text of a posted form."""
    return {name: text for name, text in data.items() if name.startswith(FIELD)}


def _seen(text: str) -> dict[str, tuple[int, str]]:
    try:
        return {name: (int(version), str(shown)) for name, (version, shown) in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}
