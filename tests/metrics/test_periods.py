"""Periods: validation, labels with the one-em dash, and the period words of tokens on both sides of the cut-off."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from metrics.periods import PERIOD_WORDS, Period, PeriodError, month_range, parse_period


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def months_of(text: str, cutoff: int = 11) -> tuple[int, int, int, bool]:
    period = parse_period(text, year=2026, cutoff_month=cutoff)
    return period.year, period.first_month, period.last_month, period.as_of


@pytest.mark.parametrize(
    ("period", "label", "with_year"),
    [
        (Period(2026, 1, 12), "全年", "2026年全年"),
        (Period(2026, 1, 11), "1—11月", "2026年1—11月"),
        (Period(2026, 11, 11), "11月", "2026年11月"),
        (Period(2026, 1, 11, as_of=True), "截至11月", "截至2026年11月"),
        (Period(2026, 1, 12, as_of=True), "截至12月", "截至2026年12月"),
        (Period(2026, 1, 1), "1月", "2026年1月"),
        (Period(2026, 2, 12), "2—12月", "2026年2—12月"),
    ],
)
def test_label(period, label, with_year):
    assert period.label() == label
    assert period.label(with_year=True) == with_year


def test_label_uses_one_em_dash():
    assert Period(2026, 1, 3).label() == "1\u20143月"
    assert month_range(3, 3) == "3月"


def test_months_and_previous_year():
    period = Period(2026, 3, 5, as_of=True)
    assert period.months == (3, 4, 5)
    assert period.previous_year() == Period(2025, 3, 5, as_of=True)
    assert Period(2026, 1, 12).is_whole_year
    assert not Period(2026, 1, 12, as_of=True).is_whole_year


@pytest.mark.parametrize(("first", "last"), [(0, 3), (1, 13), (13, 13), (-1, 2), (5, 4), (12, 1)])
def test_impossible_months_are_refused(first, last):
    with pytest.raises(PeriodError):
        Period(2026, first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今年以来", (2026, 1, 11, False)),
        ("今年", (2026, 1, 11, False)),
        ("目前", (2026, 1, 11, True)),
        ("截至目前", (2026, 1, 11, True)),
        ("上年", (2025, 1, 11, False)),
        ("上年同期", (2025, 1, 11, False)),
        ("上半年", (2026, 1, 6, False)),
        ("一季度", (2026, 1, 3, False)),
        ("第二季度", (2026, 4, 6, False)),
        ("三季度", (2026, 7, 9, False)),
        ("1—11月", (2026, 1, 11, False)),
        ("1-11月", (2026, 1, 11, False)),
        ("1–11月", (2026, 1, 11, False)),
        ("1～11月", (2026, 1, 11, False)),
        ("1~11月", (2026, 1, 11, False)),
        ("1至11月", (2026, 1, 11, False)),
        ("1到11月", (2026, 1, 11, False)),
        ("1月到11月", (2026, 1, 11, False)),
        ("1——11月", (2026, 1, 11, False)),
        ("1一11月", (2026, 1, 11, False)),
        ("１－１１月", (2026, 1, 11, False)),
        (" 1 — 11 月 ", (2026, 1, 11, False)),
        ("01—03月", (2026, 1, 3, False)),
        ("3—3月", (2026, 3, 3, False)),
        ("１１月", (2026, 11, 11, False)),
        ("11月份", (2026, 11, 11, False)),
        ("从4月起", (2026, 4, 11, False)),
        ("自４月份以来", (2026, 4, 11, False)),
        ("从11月起", (2026, 11, 11, False)),
        ("截至3月", (2026, 1, 3, True)),
        ("截至3月底", (2026, 1, 3, True)),
    ],
)
def test_period_words(text, expected):
    assert months_of(text) == expected


@pytest.mark.parametrize("text", ["全年", "1—12月", "12月", "四季度", "下半年", "从12月起", "截至12月"])
def test_cut_off_both_sides(text):
    assert parse_period(text, year=2026, cutoff_month=12)
    with pytest.raises(PeriodError, match="month 11"):
        parse_period(text, year=2026, cutoff_month=11)


@pytest.mark.parametrize(
    ("text", "cutoff"), [("上半年", 6), ("一季度", 3), ("二季度", 6), ("三季度", 9), ("四季度", 12), ("下半年", 12), ("全年", 12)]
)
def test_fixed_periods_need_their_last_month(text, cutoff):
    assert months_of(text, cutoff)[2] == cutoff
    with pytest.raises(PeriodError):
        months_of(text, cutoff - 1)


def test_whole_year_before_december_names_the_way_out():
    with pytest.raises(PeriodError) as caught:
        parse_period("全年", year=2026, cutoff_month=11)
    assert "全年" in str(caught.value)
    assert "1—11月" in str(caught.value)
    assert "今年以来" in str(caught.value)


def test_beyond_the_cut_off_names_the_months_there_are():
    with pytest.raises(PeriodError, match="“10—12月” goes beyond it; use “1—11月”"):
        parse_period("四季度", year=2026, cutoff_month=11)
    with pytest.raises(PeriodError, match="use “1月”"):
        parse_period("2月", year=2026, cutoff_month=1)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "11", "1-11", "十一月", "本月", "11—1月", "0月", "13月", "1—13月", "2025年1—3月", "٣月", "月", "1—月", "9999月"],
)
def test_refused_words(text):
    with pytest.raises(PeriodError) as caught:
        parse_period(text, year=2026, cutoff_month=12)
    assert str(caught.value)


def test_impossible_cut_off_is_refused():
    with pytest.raises(PeriodError):
        parse_period("今年以来", year=2026, cutoff_month=13)


def test_offered_words_are_readable_in_december():
    for word in PERIOD_WORDS:
        assert parse_period(word, year=2026, cutoff_month=12)


@given(st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_label_reads_back(first, last, as_of):
    if first > last:
        first, last = last, first
    period = Period(2026, 1 if as_of else first, last, as_of=as_of)
    assert parse_period(period.label(), year=2026, cutoff_month=12) == period


@given(st.text(alphabet="0123456789１月年季度全上半—-～至到从起截 一", max_size=9) | st.text(max_size=9), st.integers(1, 12))
def test_reading_gives_a_period_within_the_cut_off_or_a_reason(text, cutoff):
    try:
        period = parse_period(text, year=2026, cutoff_month=cutoff)
    except PeriodError as error:
        reason = str(error)
    else:
        reason = period.last_month <= cutoff
    assert reason
