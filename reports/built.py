"""Tables, charts and named lists of a report: which figures one asks for, as tokens, so that they are bound like any number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.choices import Aggregation
from metrics.models import Indicator
from metrics.periods import Period, PeriodError, month_range, parse_period
from metrics.queries import ADDED_UP
from reports.binding import Binder
from reports.choices import BUILT_KINDS, BlockKind
from reports.district_book import own_fault
from reports.figure_kinds import FigureKind, kind_of
from reports.models import Block
from reports.scopes import counted_by_village
from reports.tokens import Token, TokenError, parse, tokens_of, write_token
from reports.unit_words import ENDED, place_word, whole_place

BARE = "纯数"
MONTHS, INDICATORS, PLACES = "months", "indicators", "places"
VALUE, PREVIOUS, CHANGE = "value", "previous", "change"
HEADINGS = {PREVIOUS: "上年同期", CHANGE: "同比"}
CHANGE_FORMATS = {FigureKind.COUNT: "同比", FigureKind.STOCK: "同比", FigureKind.RATIO: "百分点"}
LIST_FORMATS = {"names": "列表", "detailed": "列表详", "numbered": "列表"}
NUMBERED = "numbered"
BAR, PIE = "bar", "pie"
TOTAL = "合计"
# How a place that ended is marked, and what the note then says; below a bar there is room for a sign only.
ENDED_MARKS = {BlockKind.TABLE: (ENDED, "已撤并的计至撤并前。"), BlockKind.CHART: ("*", "带*的已撤并，计至撤并前。")}
MOST_INDICATORS, MOST_COLUMNS, MOST_SERIES = 24, 9, 6
MOST_ROWS, MOST_BARS = 80, 60  # three printed pages; on the width of one, a bar is then still seen


class LayoutError(ValueError):
    """A table or chart that cannot be drawn up; str() is the reason, with the way out."""


@dataclass(frozen=True)
class Row:
    """A line: its words (a label, perhaps a unit of measure) and its figures, None where there can be none."""

    words: tuple[str, ...]
    tokens: tuple[Token | None, ...]


@dataclass(frozen=True)
class Layout:
    """What a table or chart asks for: headings of the words, headings of the figures, rows; `unit` where one measure serves all.

    The last row is the whole, of the period or of the places, where `has_total`; `note` says what the headings do not.
    """

    word_headings: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    unit: str = ""
    has_total: bool = False
    note: str = ""


def text_of(block: Block) -> str:
    """Return a block's text as it is read: that of a list in one line goes on with the list itself."""
    if block.kind != BlockKind.LIST or not block.spec:
        return block.text
    return block.text if block.spec["style"] == NUMBERED else f"{block.text}{list_token(block).raw}。"


def list_token(block: Block) -> Token:
    """Return the token of a named list."""
    spec = block.spec
    return _token(spec["list"], spec["period"], LIST_FORMATS[spec["style"]])


def wanted_tokens(block: Block, binder: Binder) -> dict[str, Token]:
    """Return raw -> token of everything that a block quotes."""
    if block.kind not in BUILT_KINDS:
        return {token.raw: token for token in tokens_of(block.text)}
    found = {token.raw: token for token in tokens_of(text_of(block))}
    return found | {token.raw: token for token in _own_tokens(block, binder)}


def _own_tokens(block: Block, binder: Binder) -> Iterator[Token]:
    if block.kind == BlockKind.LIST:
        yield from [list_token(block)] if block.spec else []
        return
    try:
        layout = layout_of(block.kind, block.spec, binder)
    except LayoutError:
        return
    yield from (token for row in layout.rows for token in row.tokens if token)


def layout_of(kind: str, spec: dict, binder: Binder) -> Layout:
    """Return what a table or chart with this spec asks for now. Raises LayoutError."""
    if not spec:
        raise LayoutError(_("Nothing is chosen yet: open it and pick what it shows."))
    rows = [_indicator(code, binder) for code in spec["indicators"]]
    columns = [column for column in spec["columns"] if kind == BlockKind.TABLE or column != CHANGE]
    period = _period(spec["period"], binder)
    if spec["rows"] == PLACES:
        layout = _by_place(kind, rows, columns, spec["period"], period, binder)
    else:
        build = _by_month if spec["rows"] == MONTHS else _by_indicator
        layout = build(kind, rows, columns, spec["period"], period)
    _check(kind, spec, rows, layout)
    return layout


def _check(kind: str, spec: dict, indicators: list[Indicator], layout: Layout) -> None:
    most = MOST_SERIES if kind == BlockKind.CHART else MOST_COLUMNS
    if len(layout.headings) > most:
        reason = _("A page holds %(most)d columns of figures, these are %(count)d; pick fewer indicators or columns.")
        raise LayoutError(reason % {"most": most, "count": len(layout.headings)})
    if len(layout.rows) > MOST_ROWS:
        reason = _("A table in the text holds %(most)d rows, these are %(count)d; leave them to an annex.")
        raise LayoutError(reason % {"most": MOST_ROWS, "count": len(layout.rows)})
    if kind != BlockKind.CHART:
        return
    if spec["rows"] == PLACES:
        _check_bars(spec, layout)
    if len({row.measure for row in indicators}) > 1:
        raise LayoutError(_("One chart has one measure; these indicators have several: %(measures)s.")
                          % {"measures": "、".join(dict.fromkeys(row.measure for row in indicators))})  # fmt: skip
    if spec["chart"] == PIE and len(layout.headings) > 1:
        raise LayoutError(_("A pie shows one row of figures: pick one indicator by month or several as rows, without last year."))


def _check_bars(spec: dict, layout: Layout) -> None:
    if spec["chart"] != BAR:
        raise LayoutError(_("Places side by side are drawn as bars: choose bars, or put the months into the rows."))
    bars = len(layout.rows) * len(layout.headings)
    if bars > MOST_BARS:
        reason = _("A drawing holds %(most)d bars, these are %(count)d; pick fewer indicators, or make it a table.")
        raise LayoutError(reason % {"most": MOST_BARS, "count": bars})


def _indicator(code: str, binder: Binder) -> Indicator:
    found = binder.indicator_of(code)
    if found is None or not is_countable(found):
        raise LayoutError(_("“%(name)s” is no indicator that a table can show.") % {"name": code})
    return found


def is_countable(indicator: Indicator) -> bool:
    """Whether an indicator has a value for any stretch of months: ranks and set parameters have not."""
    return kind_of(indicator.aggregation, indicator.measure) not in (FigureKind.RANK, FigureKind.PARAM)


def _period(word: str, binder: Binder) -> Period:
    try:
        return parse_period(word, year=binder.book.year, cutoff_month=binder.cutoff_month)
    except PeriodError as error:
        raise LayoutError(str(error)) from error


def _by_month(kind: str, indicators, columns, word: str, period: Period) -> Layout:
    """A row a month, and in a table one of the whole period; the indicators side by side."""
    unit = _common_unit(indicators)
    headings = tuple(_heading(row, column, unit, columns, len(indicators)) for row in indicators for column in columns)
    rows = [(f"{month}月", f"{month}月") for month in period.months]
    has_total = kind == BlockKind.TABLE and len(rows) > 1
    rows += [(period.label(), word)] if has_total else []
    lines = tuple(Row((label,), tuple(_cell(row, span, column) for row in indicators for column in columns))
                  for label, span in rows)  # fmt: skip
    return Layout(("月份",), headings, lines, unit, has_total)


def _by_indicator(kind: str, indicators, columns, word: str, period: Period) -> Layout:
    unit = _common_unit(indicators)
    headings = tuple(period.label() if column == VALUE else HEADINGS[column] for column in columns)
    with_unit = kind == BlockKind.TABLE and not unit
    lines = tuple(
        Row((row.name, row.measure) if with_unit else (row.name,), tuple(_cell(row, word, column) for column in columns))
        for row in indicators
    )  # fmt: skip
    return Layout(("指标", "单位") if with_unit else ("指标",), headings, lines, unit)


def _by_place(kind: str, indicators, columns, word: str, period: Period, binder: Binder) -> Layout:
    """A row a village of the period, with last year beside it those of then too, and in a table the township's own total."""
    if wrong := [row.name for row in indicators if not counted_by_village(binder.book, row)]:
        reason = _("Not counted by village: %(names)s. Put months or indicators into the rows, or leave them out.")
        raise LayoutError(reason % {"names": "、".join(wrong)})
    periods = [period, period.previous_year()] if {PREVIOUS, CHANGE} & set(columns) else [period]
    there = {unit.pk for span in periods for unit in binder.book.villages_during(span)}
    places = [unit for unit in binder.book.villages if unit.pk in there]
    if not places:
        raise LayoutError(_("There are no villages in %(period)s.") % {"period": period.label(with_year=True)})
    mark, until = ENDED_MARKS[kind]
    ended = {unit.pk for unit in places} - {unit.pk for unit in binder.book.villages_of(period.year, period.last_month)}
    cells = [(row, column) for row in indicators for column in columns]
    lines = [
        Row((unit.name + (mark if unit.pk in ended else ""),),
            tuple(_place_cell(binder, unit, row, word, column) for row, column in cells))
        for unit in places
    ]  # fmt: skip
    if kind == BlockKind.TABLE:
        lines.append(
            Row((_whole_words(binder, indicators),), tuple(_whole_cell(binder, row, word, column) for row, column in cells))
        )
    unit = _common_unit(indicators)
    headings = tuple(_heading(row, column, unit, columns, len(indicators)) for row, column in cells)
    note = f"注：数据时段为{period.label()}。" + (until if ended else "")
    return Layout((place_word(binder.book.unit),), headings, tuple(lines), unit, kind == BlockKind.TABLE, note)


def _whole_words(binder: Binder, indicators) -> str:
    """Return what the last row is called: rates make no sum, so of rates alone it is the whole place, 全镇 or 全区."""
    are_rates = all(row.aggregation == Aggregation.RATIO for row in indicators)
    return whole_place(binder.book.unit) if are_rates else TOTAL


def _whole_cell(binder: Binder, indicator: Indicator, word: str, column: str) -> Token | None:
    """Return what the last row quotes; nothing where a district's townships make no figure together."""
    is_none = binder.book.unit.is_district and own_fault(indicator, binder.book.indicators)
    return None if is_none else _cell(indicator, word, column)


def _place_cell(binder: Binder, unit: Unit, indicator: Indicator, word: str, column: str) -> Token | None:
    """Return what a village's cell quotes; of one that ended, what flowed until then, and nothing to compare."""
    words = {VALUE: [word], PREVIOUS: [year_before(word)], CHANGE: [word, year_before(word)]}[column]
    until = [_until(binder, unit, span) for span in words]
    if not all(until) or (until != words and (column == CHANGE or indicator.aggregation not in ADDED_UP)):
        return None
    wanted = _cell(indicator, until[0], VALUE if column == PREVIOUS else column)
    return wanted and _token_of_place(wanted, unit)


def _until(binder: Binder, unit: Unit, word: str) -> str:
    """Return the period word as far as a village existed, "" where it did not at all."""
    period = _period(word, binder)
    months = [month for month in period.months if unit in binder.book.villages_of(period.year, month)]
    if not months or months[-1] == period.last_month:
        return word if months else ""
    return ("" if period.year == binder.book.year else "上年") + month_range(period.first_month, months[-1])


def _token_of_place(token: Token, unit: Unit) -> Token:
    """Return the token with a village's name as its scope. Raises LayoutError for a name that no token can hold."""
    try:
        found = parse(write_token(token.name, token.period, token.format, unit.name))[0]
    except TokenError:
        found = token
    if found.scope != unit.name:
        raise LayoutError(_("“%(name)s” cannot be quoted by its name; have the district write it without signs.") % {
            "name": unit.name})  # fmt: skip
    return found


def _common_unit(indicators: list[Indicator]) -> str:
    measures = {row.measure for row in indicators}
    return measures.pop() if len(measures) == 1 else ""


def _heading(indicator: Indicator, column: str, unit: str, columns, count: int) -> str:
    if column == VALUE:
        return indicator.name if unit else f"{indicator.name}（{indicator.measure}）"
    return HEADINGS[column] if count == 1 else indicator.name + HEADINGS[column]


def _cell(indicator: Indicator, word: str, column: str) -> Token | None:
    if column == CHANGE:
        format_ = CHANGE_FORMATS.get(kind_of(indicator.aggregation, indicator.measure))
        return _token(indicator.code, word, format_) if format_ else None
    return _token(indicator.code, word if column == VALUE else year_before(word), BARE)


def year_before(word: str) -> str:
    """Return the period word of the same months one year earlier."""
    return "上年" if word in ("今年以来", "全年") else f"上年{word}"


def _token(name: str, period: str, format_: str) -> Token:
    return parse(write_token(name, period, format_))[0]
