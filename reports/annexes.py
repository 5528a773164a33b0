"""The annex tables of a report, from the same totals as its text."""

from django.utils.translation import gettext as _

from metrics.checks import valid_indicators
from metrics.choices import Aggregation, Source
from metrics.models import Indicator
from metrics.numbers import format_grid
from metrics.periods import Period
from metrics.queries import Total, YearBook
from reports.document import Annex, Cell, Column, Table

ABSENT = {"not_applicable": "不适用", "not_collected": "未统计", "missing": "—"}
VILLAGE_COLUMNS = ("vol_qualified_person_count", "vol_service_hours", "vol_village_activity_count", "vol_household_population",
                   "vol_share_of_population")  # fmt: skip
MEDIA_LEVELS = (("国家级", "media_adopted_national"), ("省级", "media_adopted_province"), ("市级", "media_adopted_city"),
                ("区级", "media_adopted_district"))  # fmt: skip


def build_annexes(book: YearBook, year: int, cutoff_month: int, wanted: list[tuple[str, str]]) -> tuple[Annex, ...]:
    """Return the annexes for `wanted` (kind, title) in order, numbered from 1."""
    makers = {"monthly_figures": _monthly, "village_volunteers": _villages, "media_matrix": _media}
    annexes = []
    for kind, title in wanted:
        full_title = f"{book.unit.name}{year}年{title}"
        annexes.append(makers[kind](book, year, cutoff_month, len(annexes) + 1, full_title))
    return tuple(annexes)


def shown_total(total: Total) -> str:
    """Return a total as tables print it: grouped digits, or the word of its absence."""
    if total.status != "ok":
        return ABSENT[total.status]
    return format_grid(total.value, _table_decimals(total.indicator))


def _table_decimals(indicator: Indicator) -> int:
    return max(indicator.decimals, 1) if indicator.aggregation in (Aggregation.RATIO, Aggregation.AVG) else indicator.decimals


def _number(total: Total) -> Cell:
    return Cell(shown_total(total), numeric=True)


def _monthly(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Every indicator by month: flows, stocks and running figures as entered, rates recomputed for each month."""
    months = range(1, cutoff_month + 1)
    columns = (Column(_("Indicator"), 4.6), Column(_("Measure"), 1.5), *(Column(f"{month}月", 1.55) for month in months),
               Column(_("Whole year") if cutoff_month == 12 else Period(year, 1, cutoff_month).label(), 2.1))  # fmt: skip
    rows, area = [], None
    for indicator in _printed_indicators(book, year):
        if indicator.area != area:
            area = indicator.area
            rows.append((Cell(area.name), *(Cell("") for _column in columns[1:])))
        by_month = (_number(book.total(indicator.code, Period(year, month, month))) for month in months)
        name = f"　其中：{indicator.name}" if indicator.parent_id else indicator.name
        mark = "*" if indicator.is_year_to_date else ""
        rows.append(
            (
                Cell(name + mark),
                Cell(indicator.measure),
                *by_month,
                _number(book.total(indicator.code, Period(year, 1, cutoff_month))),
            )
        )
    note = _("Columns marked * carry the year's running figure up to that month; stocks are as of the end of the month; "
             "rates are computed from the totals of the period.")  # fmt: skip
    return Annex(number, title, (Table("", columns, tuple(rows), note),), landscape=True)


def _printed_indicators(book: YearBook, year: int) -> list[Indicator]:
    return [row for row in valid_indicators(book, year) if row.source not in (Source.PARAM, Source.RANK, Source.LIST)]


def _villages(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Volunteer service by village; the last row is the township, its share recomputed from sums."""
    period = Period(year, 1, cutoff_month)
    indicators = [book.indicators[code] for code in VILLAGE_COLUMNS if code in book.indicators]
    columns = (Column(_("Village (community)"), 3), *(Column(f"{row.name}（{row.measure}）", 2) for row in indicators))
    totals = {row.code: book.village_totals(row.code, period) for row in indicators}
    rows = [(Cell(unit.name), *(_number(totals[row.code][unit]) for row in indicators)) for unit in book.villages_in(period)]
    rows.append((Cell(_("Total")), *(_number(book.total(row.code, period)) for row in indicators)))
    return Annex(number, title, (Table("", columns, tuple(rows)),), landscape=False)


def _media(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Adopted items by level and medium; the national level has no split by medium."""
    period = Period(year, 1, cutoff_month)
    columns = (Column(_("Level")), Column(_("Print media")), Column(_("New media")), Column(_("Total")))
    rows = []
    for label, code in MEDIA_LEVELS:
        split = [f"{code}_print", f"{code}_new_media"]
        parts = [_number(book.total(part, period)) if part in book.indicators else Cell("—", numeric=True) for part in split]
        rows.append((Cell(label), *parts, _number(book.total(code, period))))
    whole = book.total("media_adopted_count", period)
    rows.append((Cell(_("Total")), Cell("—", numeric=True), Cell("—", numeric=True), _number(whole)))
    return Annex(number, title, (Table("", columns, tuple(rows), _("Measure: items")),), landscape=False)
