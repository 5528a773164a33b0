"""docs/tokens.md names every format, period word and part that a token may have; the new formats on both sides."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from metrics.periods import AS_OF, FIXED_MONTHS, LAST_YEAR, PERIOD_WORDS, WHOLE_YEAR, YEAR_TO_DATE, Period
from reports.figure_kinds import FigureKind
from reports.formats import FORMATS, Material, show
from reports.plan_binding import PLAN_WORDS
from reports.tokens import AGGREGATES, tokens_of
from reports.wording import EMPTY, OK, REFUSED, Item

REFERENCE = (Path(settings.BASE_DIR) / "docs" / "tokens.md").read_text(encoding="utf-8")
COUNT = FigureKind.COUNT


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def test_the_reference_names_everything():
    heads = "".join(line.split("|")[1] for line in REFERENCE.splitlines() if line.startswith("| "))
    words = set(re.split(r"[,，\s()]+", heads))
    assert set(FORMATS) <= words
    for word in (*PERIOD_WORDS, *YEAR_TO_DATE, *AS_OF, *LAST_YEAR, *WHOLE_YEAR, *PLAN_WORDS[:2], *AGGREGATES):
        assert word in REFERENCE
    assert {"上半年", "一季度", "四季度"} <= set(FIXED_MONTHS)


def test_its_examples_read():
    examples = tokens_of(REFERENCE.split("Examples:")[1].splitlines()[0])
    assert [(token.scope, token.aggregate) for token in examples] == [
        ("东村", ""), ("全区", ""), ("", "月均"), ("", "最高月"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("format_", "value", "shown"),
    [
        ("突破", 1234, "突破1200本"), ("突破", 1200, None), ("突破", 9, None), ("突破3", 12345, "突破12300本"),
        ("以上", 1234, "1200本以上"), ("以上", 1200, None), ("以上", 38, "30本以上"),
        ("约", 1234, "约1200本"), ("约", 1250, "约1300本"), ("约", 1200, None), ("约", 7, None),
        ("超", 1234, "超1200本"), ("近", 1180, "近1200本"), ("近", 31, None), ("余", 1200, None), ("十余", 13, "十余本"),
        ("万2", 59395, "5.94万本"), ("万", 9999, None), ("%", 5, None), ("百分点", 5, None), ("名次", 5, None), ("列表", 5, None),
    ],
)  # fmt: skip
def test_counts_on_both_sides(format_, value, shown):
    found = show(format_, Material(COUNT, "本", value=Decimal(value), period=Period(2026, 1, 11)))
    assert (found.status, found.text) == ((OK, shown) if shown else (REFUSED, ""))
    assert shown or found.reason


@pytest.mark.parametrize(
    ("kind", "format_", "shown"),
    [(FigureKind.RATIO, "同比", None), (FigureKind.RATIO, "百分点", "提高3.2个百分点"), (FigureKind.COUNT, "百分点", None)],
)
def test_a_rate_changes_in_points_and_a_count_in_percent(kind, format_, shown):
    found = show(format_, Material(kind, "%", 1, value=Decimal("53.2"), previous=Decimal("50")))
    assert (found.status, found.text) == ((OK, shown) if shown else (REFUSED, ""))


@pytest.mark.parametrize(
    ("period", "shown"), [(Period(2026, 1, 10, as_of=True), "2026年10月31日"), (Period(2024, 2, 2), "2024年2月29日")]
)
def test_the_day_of_a_period(period, shown):
    assert show("日期", Material(FigureKind.STOCK, "家", value=Decimal(5), period=period)).text == shown


@pytest.mark.parametrize(
    ("items", "status", "shown"),
    [
        ((Item("甲", date_from=date(2026, 3, 5)),), OK, "2026年3月5日"),
        ((Item("甲", date_from=date(2026, 2, 3), date_to=date(2026, 2, 10)),), OK, "2026年2月3日—10日"),
        ((Item("甲"),), REFUSED, ""),
        ((Item("甲", date_from=date(2026, 3, 5)), Item("乙", date_from=date(2026, 3, 5))), REFUSED, ""),
        ((), EMPTY, ""),
    ],
)
def test_the_day_of_an_item(items, status, shown):
    found = show("日期", Material(FigureKind.LIST, items=items, period=Period(2026, 1, 10)))
    assert (found.status, found.text) == (status, shown)
