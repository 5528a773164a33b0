"""What is wrong or odd in a return, in two levels: errors block submission (never saving), queries take an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.cells import Cell, load_cells
from metrics.choices import Aggregation, FigureKind, Parts
from metrics.models import Figure, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import format_grid, parse_number
from metrics.periods import Period
from metrics.queries import Status, YearBook

ERROR, QUERY = "error", "query"
SMALL = Decimal(10)  # below this a jump says nothing: 1 -> 3 is no outlier


@dataclass(frozen=True)
class Finding:
    """One message: level, the cell it hangs on, what is wrong with the compared numbers, and the way out.

    `code` names the rule; `fix` is a value that one click may put into the cell, or "".
    """

    level: str
    code: str
    cell: str
    message: str
    fix: str = ""
    explained: bool = False


def return_findings(
    monthly_return: MonthlyReturn, book: YearBook | None = None, cells: dict[str, Cell] | None = None
) -> list[Finding]:
    """Return all findings of a return in the order of the form.

    `book` and `cells`: figures already loaded, unapproved ones included, and the return's own cells.
    """
    book = book or YearBook.load(monthly_return.unit, monthly_return.year, approved_only=False)
    cells = load_cells(monthly_return, book) if cells is None else cells
    month = Period(monthly_return.year, monthly_return.month, monthly_return.month)
    found: list[Finding] = []
    for indicator in valid_indicators(book, monthly_return.year):
        for unit in cells_of(indicator, book, month):
            found += _cell_findings(indicator, unit, cells, book, month)
        found += _relation_findings(indicator, book, month)
    return found


def valid_indicators(book: YearBook, year: int) -> list[Indicator]:
    """Return the year's indicators from what the book has loaded, in its order: that of the form."""
    return [row for row in book.indicators.values() if row.valid_from <= year and (row.valid_to or year) >= year]


def cells_of(indicator: Indicator, book: YearBook, month: Period) -> list:
    """Return the units that have a typed cell of this indicator in the month: the township, its villages, or none."""
    if not indicator.is_entered:
        return []
    return book.villages_in(month) if indicator.is_by_village else [book.unit]


def _cell_findings(indicator, unit, cells, book, month) -> list[Finding]:
    cell = cell_name(indicator.code, unit.code if indicator.is_by_village else "")
    figure = cells.get(cell)
    where = f"{indicator.name}（{unit.name}）" if indicator.is_by_village else indicator.name
    if figure is None or figure.kind == FigureKind.BLANK:
        return [_blank(cell, where)] if indicator.is_required else []
    if figure.kind == FigureKind.TEXT:
        read = parse_number(figure.raw, measure=indicator.measure, decimals=indicator.decimals, name=where)
        return [Finding(ERROR, "text", cell, str(read.message), read.suggestion)]
    if figure.kind != FigureKind.VALUE:
        return []
    village = unit if indicator.is_by_village else None
    shrunk = _running_total(indicator, figure, cell, book, month, village)
    return shrunk if village else _jump(indicator, figure, cell, book, month) + shrunk


def _blank(cell: str, where: str) -> Finding:
    message = _("%(name)s is not filled. Type the figure; type 0 when there was none, or 不适用 / 未统计 when that is so.")
    return Finding(ERROR, "blank", cell, message % {"name": where})


def _jump(indicator, figure, cell, book, month) -> list[Finding]:
    """Query a change against last month beyond the indicator's own limit."""
    if month.first_month == 1 or indicator.aggregation not in (Aggregation.SUM, Aggregation.LAST):
        return []
    before = book.month_part(indicator, month.year, month.first_month - 1).value
    if not before or max(before, figure.value) < SMALL or not indicator.warn_ratio:
        return []
    change = (figure.value - before) / before
    if abs(change) <= indicator.warn_ratio:
        return []
    message = _("%(name)s is %(now)s, last month %(before)s: a change of %(change)s%%, beyond the reminder line of ±%(limit)s%%. "
                "If it is right, say why in one line; if not, correct it.")  # fmt: skip
    values = {
        "name": indicator.name, "now": format_grid(figure.value, indicator.decimals),
        "before": format_grid(before, indicator.decimals), "change": f"{change * 100:+.0f}",
        "limit": f"{indicator.warn_ratio * 100:.0f}",
    }  # fmt: skip
    return [Finding(QUERY, "jump", cell, message % values, explained=bool(figure.explanation.strip()))]


def _running_total(indicator, figure, cell, book, month, village=None) -> list[Finding]:
    """Query a year-to-date figure that is smaller than last month's: distinct counts and serial numbers do not shrink."""
    if indicator.aggregation not in (Aggregation.DISTINCT_YTD, Aggregation.MAX) or month.first_month == 1:
        return []
    before = book.month_part(indicator, month.year, month.first_month - 1, village).value
    if before is None or figure.value >= before:
        return []
    message = _("%(name)s is a running figure of the year: %(now)s is below last month's %(before)s. "
                "Type the figure from January to now, or say why it fell.")  # fmt: skip
    where = f"{indicator.name}（{village.name}）" if village else indicator.name
    values = {"name": where, "now": format_grid(figure.value, indicator.decimals),
              "before": format_grid(before, indicator.decimals)}  # fmt: skip
    return [Finding(QUERY, "shrunk", cell, message % values, explained=bool(figure.explanation.strip()))]


def _relation_findings(indicator: Indicator, book: YearBook, month: Period) -> list[Finding]:
    """Check a whole against its parts, a rate against 100 %, a figure against the one it should not exceed.

    A rate is checked only where its numerator lies within its denominator: reports adopted this month may have been
    submitted last month, so that rate may pass 100 %.
    """
    findings = []
    if indicator.parts:
        findings += _parts(indicator, book, month)
    if indicator.aggregation == Aggregation.RATIO and indicator.measure == "%":
        findings += _over_hundred(indicator, book, month)
    if indicator.not_above and not _is_rated(indicator, book):
        findings += _above(indicator, book, month)
    return findings


def _parts(indicator, book, month) -> list[Finding]:
    children = [row for row in book.children.get(indicator.pk, ()) if row.is_entered]
    whole = book.total(indicator.code, month)
    parts = [book.total(child.code, month) for child in children]
    if whole.value is None or not indicator.is_entered or any(part.status == Status.MISSING for part in parts):
        return []
    values = [part.value or Decimal(0) for part in parts]
    if indicator.parts == Parts.SUBSET:
        return [
            _part_above(child, value, indicator, whole)
            for child, value in zip(children, values, strict=True)
            if value > whole.value
        ]
    if not parts or sum(values) == whole.value:
        return []
    message = _("The parts of %(name)s (%(parts)s) add up to %(sum)s, but the whole is %(whole)s. Correct the part or the whole.")
    names = "、".join(child.name for child in children)
    shown = {"name": indicator.name, "parts": names, "sum": format_grid(sum(values), indicator.decimals),
             "whole": format_grid(whole.value, indicator.decimals)}  # fmt: skip
    return [Finding(ERROR, "parts", indicator.code, message % shown, str(sum(values)))]


def _part_above(child, value, indicator, whole) -> Finding:
    message = _("%(part)s (%(value)s) is a part of %(name)s (%(whole)s) and cannot be larger. Correct one of the two.")
    shown = {"part": child.name, "value": format_grid(value, child.decimals), "name": indicator.name,
             "whole": format_grid(whole.value, indicator.decimals)}  # fmt: skip
    return Finding(ERROR, "subset", child.code, message % shown)


def _over_hundred(indicator, book, month) -> list[Finding]:
    rate = book.total(indicator.code, month)
    above, below = (book.indicators[indicator.formula[side]] for side in ("numerator", "denominator"))
    if rate.value is None or rate.value <= 100 or above.not_above != below.code:
        return []
    message = _(
        "%(name)s comes to %(rate)s%%: %(above)s is larger than %(below)s. A rate cannot exceed 100%%; check both figures."
    )
    shown = {"name": indicator.name, "rate": f"{rate.value:.1f}", "above": above.name, "below": below.name}
    return [Finding(ERROR, "rate", above.code, message % shown)]


def _is_rated(indicator, book) -> bool:
    """Whether a rate of this indicator over its limit reports the same fault already, as an error."""
    pair = (indicator.code, indicator.not_above)
    return any((row.formula.get("numerator"), row.formula.get("denominator")) == pair for row in book.indicators.values())


def _above(indicator, book, month) -> list[Finding]:
    value, limit = book.total(indicator.code, month).value, book.total(indicator.not_above, month).value
    if value is None or limit is None or value <= limit:
        return []
    other = book.indicators[indicator.not_above]
    explained = _explanation(book, indicator, month)
    message = _("%(name)s (%(value)s) is larger than %(other)s (%(limit)s). If that is right, say why in one line.")
    shown = {"name": indicator.name, "value": format_grid(value, indicator.decimals), "other": other.name,
             "limit": format_grid(limit, other.decimals)}  # fmt: skip
    return [Finding(QUERY, "above", indicator.code, message % shown, explained=explained)]


def _explanation(book, indicator, month) -> bool:
    facts = book.returns.get((month.year, month.first_month))
    rows = Figure.objects.filter(monthly_return=facts.pk, indicator=indicator) if facts else Figure.objects.none()
    return rows.exclude(explanation="").exists()
