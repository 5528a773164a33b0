"""Typed numbers: what is read, what counts as which absence, what stays text with a reason and a suggestion."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from metrics.numbers import FAULTS, Kind, Parsed, format_grid, parse_number, plain, round_half_up


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.mark.parametrize(
    ("raw", "options", "value"),
    [
        ("0", {}, "0"),
        ("123", {}, "123"),
        ("007", {}, "7"),
        ("１２３", {}, "123"),
        ("1,234", {}, "1234"),
        ("1，234", {}, "1234"),
        ("1,234,567", {}, "1234567"),
        ("12 34", {}, "1234"),
        ("1 234", {}, "1234"),
        ("1\u2009234", {}, "1234"),
        ("1\u00a0234", {}, "1234"),
        ("1\u3000234", {}, "1234"),
        ("  12\n", {}, "12"),
        ("\u200b12\ufeff", {}, "12"),
        ("12人次", {"measure": "人次"}, "12"),
        ("1,234 人次", {"measure": "人次"}, "1234"),
        ("12", {"measure": "人次"}, "12"),
        ("98.5%", {"measure": "%", "decimals": 1}, "98.5"),
        ("98.5％", {"measure": "%", "decimals": 1}, "98.5"),
        ("12.0", {}, "12"),
        ("12.50", {"decimals": 1}, "12.5"),
        ("1,234.5", {"decimals": 1}, "1234.5"),
        ("１２．５", {"decimals": 1}, "12.5"),
        ("12.25", {"decimals": 2}, "12.25"),
        ("999999999999", {}, "999999999999"),
        ("000000000000000", {}, "0"),
        ("𝟏𝟐", {}, "12"),
        (12, {}, "12"),
        (12.0, {}, "12"),
        (0.1 + 0.2, {"decimals": 1}, "0.3"),
        (Decimal("12.50"), {"decimals": 1}, "12.5"),
        (Decimal("1E+3"), {}, "1000"),
    ],
)
def test_read_as_a_number(raw, options, value):
    parsed = parse_number(raw, **options)
    assert (parsed.kind, parsed.value, parsed.message, parsed.suggestion) == (Kind.VALUE, Decimal(value), "", "")


@pytest.mark.parametrize("raw", [None, "", "  ", "\t\n", "\u3000", "-", "－", "—", "–", "−", "--", "——", "─", "_", "\x00"])
def test_blank_is_not_zero(raw):
    parsed = parse_number(raw)
    assert (parsed.kind, parsed.value, parsed.message) == (Kind.BLANK, None, "")


@pytest.mark.parametrize("raw", ["不适用", " 不适用 ", "无此项工作", "N/A", "n/a", "Ｎ／Ａ", "NA", "不涉及"])
def test_not_applicable(raw):
    assert parse_number(raw).kind == Kind.NOT_APPLICABLE


@pytest.mark.parametrize("raw", ["未统计", "未作统计", "未掌握", "未 统计"])
def test_not_collected(raw):
    assert parse_number(raw).kind == Kind.NOT_COLLECTED


FAULTY = [
    ("1.2万", {}, "spoken", "12000"),
    ("1.2 万", {}, "spoken", "12000"),
    ("1.2万人次", {"measure": "人次"}, "spoken", "12000"),
    ("1.25万", {}, "spoken", "12500"),
    ("3千", {}, "spoken", "3000"),
    ("1万2千", {}, "spoken", "12000"),
    ("1万2", {}, "spoken", ""),
    ("十二", {}, "spoken", "12"),
    ("三百二十", {}, "spoken", "320"),
    ("三百零五", {}, "spoken", "305"),
    ("三百五", {}, "spoken", ""),
    ("五六", {}, "spoken", ""),
    ("两", {}, "spoken", "2"),
    ("二〇二五", {}, "spoken", ""),
    ("9999999万", {}, "spoken", "99999990000"),
    ("9999亿亿", {}, "spoken", ""),
    ("约100", {}, "approximate", "100"),
    ("100多", {}, "approximate", "100"),
    ("100多人次", {"measure": "人次"}, "approximate", "100"),
    ("100余", {}, "approximate", "100"),
    ("100人次以上", {"measure": "人次"}, "approximate", "100"),
    ("近1,200", {}, "approximate", "1200"),
    ("十余", {}, "approximate", "10"),
    ("约1.2万", {}, "approximate", "12000"),
    ("第12期", {"measure": "期"}, "approximate", "12"),
    ("共12", {}, "approximate", "12"),
    ("100+", {}, "approximate", "100"),
    ("大约", {}, "no_number", ""),
    ("无", {}, "none", "0"),
    ("没有", {}, "none", "0"),
    ("零", {}, "none", "0"),
    ("O", {}, "none", "0"),
    ("/", {}, "stroke", "不适用"),
    ("1/2", {}, "fraction", ""),
    ("½", {}, "fraction", ""),
    ("10²", {}, "fraction", ""),
    ("①", {}, "fraction", ""),
    ("三分之一", {}, "fraction", ""),
    ("12，34,5", {}, "separators", ""),
    ("12,34", {}, "separators", ""),
    ("1234,567", {}, "separators", ""),
    ("1,2345", {}, "separators", "12345"),
    (",5", {}, "no_number", ""),
    ("12,", {}, "separators", ""),
    ("-12", {}, "negative", ""),
    ("－１２", {}, "negative", ""),
    ("−12人", {"measure": "人"}, "negative", ""),
    ("(12)", {}, "negative", ""),
    ("12.5", {}, "not_whole", "13"),
    ("12.4", {}, "not_whole", "12"),
    ("12.55", {"decimals": 1}, "decimals", "12.6"),
    ("999999999999.5", {}, "not_whole", ""),
    ("1000000000000", {}, "too_long", ""),
    ("9" * 400, {}, "too_long", ""),
    ("12。5", {"decimals": 1}, "point", "12.5"),
    ("12。", {}, "point", "12"),
    (".5", {"decimals": 1}, "point", "0.5"),
    ("12·5", {"decimals": 1}, "point", "12.5"),
    ("٣٤", {}, "script", "34"),
    ("१२", {}, "script", "12"),
    ("3-5", {}, "range", ""),
    ("3～5", {}, "range", ""),
    ("3至5", {}, "range", ""),
    ("3、5", {}, "range", ""),
    ("50%", {"measure": "次"}, "percentage", ""),
    ("12家次", {"measure": "家"}, "other_unit", ""),
    ("12人", {"measure": "人次"}, "other_unit", ""),
    ("12家次", {}, "no_number", ""),
    ("12\t34", {}, "no_number", ""),
    ("12\n34", {}, "no_number", ""),
    ("1.2.3", {}, "no_number", ""),
    ("1e5", {}, "no_number", ""),
    ("次", {"measure": "次"}, "no_number", ""),
    ("几十", {}, "no_number", ""),
    ("待定", {}, "no_number", ""),
    (float("nan"), {}, "no_number", ""),
    (float("inf"), {}, "no_number", ""),
    (True, {}, "no_number", ""),
]


@pytest.mark.parametrize(("raw", "options", "fault", "suggestion"), FAULTY)
def test_kept_as_text_with_reason_and_suggestion(raw, options, fault, suggestion):
    parsed = parse_number(raw, **options)
    start, _, rest = str(FAULTS[fault]).partition("%(typed)s")
    assert (parsed.kind, parsed.value, parsed.suggestion) == (Kind.TEXT, None, suggestion)
    assert parsed.message.startswith(start)
    assert rest.partition("%(")[0] in parsed.message


def test_every_fault_is_covered():
    assert {fault for _raw, _options, fault, _suggestion in FAULTY} == set(FAULTS)


def test_message_names_the_indicator_and_what_was_typed():
    parsed = parse_number("约100", name="班子成员交流发言", measure="人次")
    assert parsed.message.startswith("班子成员交流发言: “约100”")
    assert "人次" in parse_number("50%", measure="人次").message


def test_text_keeps_what_was_typed():
    assert parse_number(" １，２３４ 人次", measure="人次").text == " １，２３４ 人次"
    assert parse_number("约 100").text == "约 100"
    assert parse_number("未统计").text == "未统计"


def test_text_can_be_stored_anywhere():
    assert parse_number("1\x002\ud800").text == "12?"


def test_a_long_text_is_cut_in_the_message_only():
    parsed = parse_number("说" * 500)
    assert len(parsed.text) == 500
    assert len(parsed.message) < 150


@given(
    st.one_of(
        st.none(),
        st.text(max_size=20),
        st.text(alphabet="0123456789.,，。 -—/%万千百十零二约多余人次１٣½", max_size=10),
        st.floats(),
        st.integers(),
        st.decimals(allow_nan=True, places=3),
    ),
    st.sampled_from(["", "人次", "%", "家"]),
    st.integers(0, 3),
)
def test_any_input_is_read_and_every_suggestion_is_readable(raw, measure, decimals):
    parsed = parse_number(raw, measure=measure, decimals=decimals)
    assert isinstance(parsed, Parsed)
    assert (parsed.value is not None) == (parsed.kind == Kind.VALUE)
    assert bool(parsed.message) == (parsed.kind == Kind.TEXT)
    assert parsed.value is None or 0 <= parsed.value < 10**12
    if parsed.suggestion:
        assert parse_number(parsed.suggestion, measure=measure, decimals=decimals).kind != Kind.TEXT


@given(st.decimals(min_value=0, max_value=10**12 - 1, places=2))
def test_plain_and_grid_forms_read_back(value):
    assert parse_number(plain(value), decimals=2).value == value
    assert parse_number(format_grid(value, 2), decimals=2).value == value


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (None, 0, ""),
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1,000"),
        (Decimal(46820), 0, "46,820"),
        (Decimal(1234567), 0, "1,234,567"),
        (Decimal("98.5"), 1, "98.5"),
        (Decimal(100), 1, "100.0"),
        (Decimal("1234.567"), 2, "1,234.57"),
        (Decimal("2.5"), 0, "3"),
        (Decimal(-1234), 0, "−1,234"),
    ],
)
def test_format_grid(value, decimals, shown):
    assert format_grid(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0, "0"),
        (Decimal("0.00"), "0"),
        (Decimal("-0"), "0"),
        (Decimal("1E+5"), "100000"),
        (Decimal("12.50"), "12.5"),
        (100, "100"),
    ],
)
def test_plain(value, shown):
    assert plain(value) == shown


def test_round_half_up_is_not_bankers_rounding():
    assert [round_half_up(Decimal(text), 0) for text in ("0.5", "1.5", "2.5", "2.4")] == [1, 2, 3, 2]
