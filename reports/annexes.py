"""The annex tables of a report, from the same totals as its text. Their words are the document's, so Chinese in every UI."""

from dataclasses import replace

from metrics.checks import valid_indicators
from metrics.choices import Aggregation, Source
from metrics.models import Indicator
from metrics.numbers import format_grid
from metrics.periods import Period
from metrics.queries import Total, YearBook
from reports.choices import OF_DISTRICT
from reports.district_book import adding_fault
from reports.document import Annex, Cell, Column, Table
from reports.plan_annexes import PLAN_ANNEXES, plan_annex
from reports.plan_book import PlanBook
from reports.tokens import fixed_parts, printed_words
from reports.unit_words import ENDED, district_level, district_word, levels_in_words, place_word

PARTIAL, PARTIAL_NOTE = "△", "带△的合计不含未统计的月份。"
# How the last column comes about from the months, as its row says it.
YEAR_CELL = {
    Aggregation.SUM: "合计", Aggregation.COUNT: "合计", Aggregation.AVG: "均值", Aggregation.LAST: "期末",
    Aggregation.MAX: "最高", Aggregation.DISTINCT_YTD: "累计", Aggregation.RATIO: "比率",
}  # fmt: skip
MONTHLY_NOTE = (
    "注：“取法”一栏说明末栏由各月怎样得出：合计为各月相加；均值为有数月份的平均（正文写“目前”的取最近一月）；期末为时段最后一月的月末数；最高为各月中的最高；"
    "累计（带*指标）为本年截至最后一月的累计数；比率按时段的合计数重新计算，不取各月平均。" + PARTIAL_NOTE
)

ABSENT = {"not_applicable": "不适用", "not_collected": "未统计", "missing": "—"}
VILLAGE_COLUMNS = ("vol_qualified_person_count", "vol_service_hours", "vol_village_activity_count", "vol_household_population",
                   "vol_share_of_population")  # fmt: skip
# What the table of townships shows, by area.
UNIT_COLUMNS = (
    ("ideology_study_session_count", "ideology_outreach_session_count", "ideology_study_book_count", "xuexi_coverage_rate",
     "xuexi_activity_rate", "opinion_report_submitted_count"),
    ("media_adopted_count", "media_adopted_national", "media_adopted_province", "media_adopted_city", "media_adopted_district",
     "xuexi_article_count", "team_training_person_times"),
    ("culture_entertainment_event_count", "culture_enterprise_visit_count", "culture_delegation_reception_count",
     "culture_output_count", "civ_civilization_index", "civ_visit_group_count", "civ_visit_person_times"),
    ("apip_concentrated_inspection_count", "apip_inspection_visit_count", "apip_inspector_person_times", "apip_campaign_count",
     "apip_newsletter_submitted_count"),
    ("vol_qualified_person_count", "vol_share_of_population", "vol_service_hours", "vol_station_activity_count",
     "vol_team_total_count"),
)  # fmt: skip
MEDIA_LEVELS = (("国家级", "media_adopted_national"), ("省级", "media_adopted_province"), ("市级", "media_adopted_city"),
                ("", "media_adopted_district"))  # fmt: skip
MEDIA = ("_print", "_new_media")


def build_annexes(
    book: YearBook, year: int, cutoff_month: int, wanted: list[tuple[str, str]], plan: PlanBook | None = None
) -> tuple[Annex, ...]:
    """Return the annexes for `wanted` (kind, title) in order, numbered from 1.

    Those of a plan without items, and a table of townships in the report of one, are left out.
    """
    makers = {"monthly_figures": _monthly, "village_volunteers": _villages, "media_matrix": _media, OF_DISTRICT: _units}
    annexes = []
    for kind, title in wanted:
        if kind == OF_DISTRICT and not book.unit.is_district:
            continue
        if kind in PLAN_ANNEXES:
            annexes += plan_annex(kind, book, plan, Period(year, 1, cutoff_month), len(annexes) + 1, title)
            continue
        full_title = f"{book.unit.name}{year}年{printed_words(title)}"
        annex = makers[kind](book, year, cutoff_month, len(annexes) + 1, full_title)
        annexes.append(replace(annex, fixed=fixed_parts(title)))
    return tuple(annexes)


def shown_total(total: Total) -> str:
    """Return a total as tables print it: grouped digits, or the word of its absence."""
    if total.status not in ("ok", "partial") or total.value is None:
        return ABSENT.get(total.status, ABSENT["not_collected"])
    mark = PARTIAL if total.status == "partial" else ""
    return mark + format_grid(total.value, _table_decimals(total.indicator))


def _table_decimals(indicator: Indicator) -> int:
    return max(indicator.decimals, 1) if indicator.aggregation in (Aggregation.RATIO, Aggregation.AVG) else indicator.decimals


def _number(total: Total) -> Cell:
    return Cell(shown_total(total), numeric=True)


def _monthly(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Every indicator by month: flows, stocks and running figures as entered, rates recomputed for each month."""
    months = range(1, cutoff_month + 1)
    whole = "全年" if cutoff_month == 12 else Period(year, 1, cutoff_month).label()
    columns = (Column("指标", 3.8), Column("单位", 1.25), *(Column(f"{month}月", 1.34) for month in months),
               Column(whole, 1.6), Column("取法", 0.9))  # fmt: skip
    rows, area = [], None
    for indicator in _printed_indicators(book, year):
        if indicator.area != area:
            area = indicator.area
            rows.append((Cell(area.name), *(Cell("") for _column in columns[1:])))
        by_month = (_number(book.total(indicator.code, Period(year, month, month))) for month in months)
        name = _indented(indicator, _depth(indicator, book))
        mark = "*" if indicator.is_year_to_date else ""
        rows.append(
            (
                Cell(name + mark),
                Cell(indicator.measure),
                *by_month,
                _number(book.total(indicator.code, Period(year, 1, cutoff_month))),
                Cell(YEAR_CELL[indicator.aggregation]),
            )
        )
    return Annex(number, title, (Table("", columns, tuple(rows), MONTHLY_NOTE),), landscape=True)


def _indented(indicator: Indicator, depth: int) -> str:
    return {0: "", 1: "　其中："}.get(depth, "　" * (depth + 1)) + indicator.name


def _depth(indicator: Indicator, book: YearBook) -> int:
    """How deep a part (其中) lies below its whole."""
    parent = next((row for row in book.indicators.values() if row.pk == indicator.parent_id), None)
    return 1 + _depth(parent, book) if parent else 0


def _printed_indicators(book: YearBook, year: int) -> list[Indicator]:
    shown = [row for row in valid_indicators(book, year) if row.source not in (Source.PARAM, Source.RANK, Source.LIST)]
    return [row for row in shown if not adding_fault(row, book.indicators)] if book.unit.is_district else shown


def _villages(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Volunteer service by village, of a district by township; the last row is the whole, its share recomputed from sums."""
    period = Period(year, 1, cutoff_month)
    indicators = [book.indicators[code] for code in VILLAGE_COLUMNS if code in book.indicators]
    columns = (Column(place_word(book.unit), 3), *(Column(f"{row.name}（{row.measure}）", 2) for row in indicators))
    table = Table("", columns, tuple(_unit_rows(book, indicators, period)))
    table = replace(table, note=f"注：{PARTIAL_NOTE}") if _has_partial([table]) else table
    return Annex(number, title, (table,), landscape=False)


def _has_partial(tables: list[Table]) -> bool:
    return any(cell.text.startswith(PARTIAL) for table in tables for row in table.rows for cell in row)


def _units(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """The main indicators of the five areas by township, an area a table; the last row is the district."""
    period, tables = Period(year, 1, cutoff_month), []
    printed = {row.code: row for row in valid_indicators(book, year)}
    for codes in UNIT_COLUMNS:
        indicators = [printed[code] for code in codes if code in printed]
        if indicators:
            columns = (Column(place_word(book.unit), 2.4), *(Column(f"{row.name}（{row.measure}）", 2) for row in indicators))
            tables.append(Table(indicators[0].area.name, columns, tuple(_unit_rows(book, indicators, period))))
    whole = f"全{district_word(book.unit)}"
    note = f"注：{period.label(with_year=True)}数据；末行为{whole}合计，比率按合计数重新计算，平均数和得分不相加。"
    note += PARTIAL_NOTE if _has_partial(tables) else ""
    tables[-1:] = [replace(table, note=note) for table in tables[-1:]]
    return Annex(number, title, tuple(tables), landscape=False)


def _unit_rows(book: YearBook, indicators: list[Indicator], period: Period):
    """Yield a row a village or township of the period, then the whole's."""
    totals = {row.code: book.village_totals(row.code, period) for row in indicators}
    at_end = book.villages_of(period.year, period.last_month)
    for unit in book.villages_during(period):
        name = unit.name if unit in at_end else unit.name + ENDED
        yield (Cell(name), *(_number(totals[row.code][unit]) for row in indicators))
    yield (Cell("合计"), *(_whole(book, row, period) for row in indicators))


def _whole(book: YearBook, indicator: Indicator, period: Period) -> Cell:
    """Return the last row's cell; a dash where townships' figures make none together."""
    adds_up = not book.unit.is_district or not adding_fault(indicator, book.indicators)
    return _number(book.total(indicator.code, period)) if adds_up else Cell(ABSENT["missing"], numeric=True)


def _media(book: YearBook, year: int, cutoff_month: int, number: int, title: str) -> Annex:
    """Adopted items by level and medium; the national level has no split, so the two media total the other levels."""
    period, district = Period(year, 1, cutoff_month), book.unit.district
    columns = (Column("级别"), Column("纸媒"), Column("新媒体"), Column("合计"))
    rows = []
    for label, code in MEDIA_LEVELS:
        level = label or district_level(district)
        rows.append((Cell(level), *(_part(book, code + medium, period) for medium in MEDIA), _number(book.total(code, period))))
    sums = (_media_sum(book, medium, period) for medium in MEDIA)
    rows.append((Cell("合计"), *sums, _number(book.total("media_adopted_count", period))))
    note = f"单位：篇。国家级媒体不区分纸媒和新媒体，纸媒、新媒体合计为{levels_in_words(district)}之和。"
    return Annex(number, title, (Table("", columns, tuple(rows), note),), landscape=False)


def _part(book: YearBook, code: str, period: Period) -> Cell:
    return _number(book.total(code, period)) if code in book.indicators else Cell(ABSENT["missing"], numeric=True)


def _media_sum(book: YearBook, medium: str, period: Period) -> Cell:
    """Return the sum of a medium over the levels that split by it; one that is not there leaves no sum."""
    codes = [code + medium for _label, code in MEDIA_LEVELS if code + medium in book.indicators]
    totals = [book.total(code, period) for code in codes]
    if not totals or any(total.status != "ok" for total in totals):
        return Cell(ABSENT["missing"], numeric=True)
    return Cell(format_grid(sum(total.value for total in totals), 0), numeric=True)
