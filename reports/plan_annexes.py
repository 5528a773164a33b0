"""The annexes of plan and targets as tables, and what keeps a plan from being submitted. Words are the document's, so Chinese."""

from __future__ import annotations

from datetime import date

from metrics.numbers import format_grid
from metrics.periods import Period
from reports.choices import BlockKind
from reports.document import Annex, Cell, Column, Table
from reports.outcomes import ItemOutcome, load_outcomes
from reports.plan_binding import ALL_TARGETS, open_reason
from reports.plan_book import PlanBook
from reports.tokens import fixed_parts, printed_words, tokens_of

ITEMS, OUTCOMES = "plan_items", "plan_outcomes"
PLAN_ANNEXES = (OUTCOMES, ITEMS)
NOTHING = "—"
ITEM_COLUMNS = (Column("序号", 0.6), Column("措施", 4.2), Column("指标", 2), Column("目标", 1.2), Column("牵头单位", 1.8),
                Column("完成时限", 1.6), Column("备注", 1.6))  # fmt: skip
OUTCOME_COLUMNS = (Column("序号", 0.6), Column("措施", 4), Column("指标", 2), Column("目标", 1.2), Column("完成数", 1.2),
                   Column("完成率", 1.1), Column("结果", 2), Column("牵头单位", 1.6))  # fmt: skip


def has_rows(kind: str, plan: PlanBook | None) -> bool:
    """Whether an annex of the plan has anything to show."""
    return plan is not None and bool(plan.planned if kind == ITEMS else plan.accepted_items)


def plan_annex(kind: str, book, plan: PlanBook | None, period: Period, number: int, title: str) -> list[Annex]:
    """Return the annex in a list, an empty list when it has no rows. The table of items speaks of the year after."""
    if not has_rows(kind, plan):
        return []
    rows = _item_rows(plan) if kind == ITEMS else _outcome_rows(load_outcomes(book, plan, period))
    columns, note = (ITEM_COLUMNS, "") if kind == ITEMS else (OUTCOME_COLUMNS, _note(period))
    year = period.year + (kind == ITEMS)
    full_title, table = f"{book.unit.name}{year}年{printed_words(title)}", Table("", columns, tuple(rows), note)
    return [Annex(number, full_title, (table,), landscape=True, fixed=fixed_parts(title))]


def _item_rows(plan: PlanBook):
    for place, item in enumerate(plan.planned, start=1):
        indicator = plan.indicators.get(item.code)
        amount = f"{_number(item.amount, indicator)}{indicator.measure}" if indicator and item.amount is not None else NOTHING
        yield (
            Cell(str(place)), Cell(item.measure), Cell(indicator.name if indicator else NOTHING), Cell(amount, numeric=True),
            Cell(item.lead_unit or NOTHING), Cell(short_date(item.due_date) if item.due_date else NOTHING), Cell(item.note),
        )  # fmt: skip


def _outcome_rows(rows: tuple[ItemOutcome, ...]):
    for place, row in enumerate(rows, start=1):
        result = "：".join(part for part in (row.shown or NOTHING, row.words) if part)
        numbers = (Cell(text or NOTHING, numeric=True) for text in (row.target_text, row.value_text, row.rate_text))
        name = row.indicator.name if row.indicator else NOTHING
        yield (Cell(str(place)), Cell(row.item.measure), Cell(name), *numbers, Cell(result), Cell(row.item.lead_unit or NOTHING))


def _number(value, indicator) -> str:
    return format_grid(value, max(indicator.decimals, 1) if indicator.measure == "%" else indicator.decimals)


def _note(period: Period) -> str:
    rule = "达到目标为完成，未达到为推进，没有发生为未启动；没有量化指标的由本单位认定。"
    return f"注：完成数为{period.label(with_year=True)}数据；{rule}"


def short_date(day: date) -> str:
    """Return 12月31日: the year stands in the title."""
    return f"{day.month}月{day.day}日"


def plan_problems(book, plan: PlanBook, blocks, cutoff_month: int):
    """Yield (block key, reason) of what keeps the plan from being submitted; "" as key: an item without a paragraph."""
    for item in plan.planned:
        for fault in plan.faults_of(item):
            yield item.block.key if item.block else "", f"{item.measure}：{fault.reason}"
    annex = next((row for row in blocks if row.kind == BlockKind.ANNEX and row.lead == OUTCOMES), None)
    if annex is None or not plan.accepted_items or any(quotes_outcomes(row.text) for row in blocks):
        return  # where the text quotes them, the token itself says what is open
    if reason := open_reason(load_outcomes(book, plan, Period(book.year, 1, cutoff_month))):
        yield annex.key, reason


def quotes_outcomes(text: str) -> bool:
    """Whether a text quotes the year's targets as a whole."""
    return any(token.name == ALL_TARGETS for token in tokens_of(text))
