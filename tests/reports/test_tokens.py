"""Tokens and sentences: what is read, what is refused where, and that no character of a text is ever lost."""

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from reports.numerals import DIGITS
from reports.tokens import (
    Token,
    TokenError,
    drop_empty,
    parse,
    phrases,
    problems,
    sentences,
    typed_spans,
    words_and_fixed,
    write_token,
)

TEXTS = st.text(alphabet="甲乙12１，。；！？;!?“”‘’（）《》【】|｜〖〗 \n", max_size=40)


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def test_words_and_tokens():
    text = "今年以来，共学习【中心组专题学习|今年以来|次】，发放【书籍|1—11月|余】。"
    before, first, between, second, after = parse(text)
    assert (before, between, after) == ("今年以来，共学习", "，发放", "。")
    assert (first.name, first.period, first.format) == ("中心组专题学习", "今年以来", "次")
    assert (second.name, second.period, second.format) == ("书籍", "1—11月", "余")
    assert text[first.start : first.end] == first.raw == "【中心组专题学习|今年以来|次】"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("【甲|目前|】", ("甲", "目前", "")),
        ("【甲|目前】", ("甲", "目前", "")),
        ("【 甲 ｜ 目前 ｜ %1 】", ("甲", "目前", "%1")),
        ("【甲|目前|列表3】", ("甲", "目前", "列表3")),
    ],
)
def test_forms_of_a_token(text, expected):
    (token,) = parse(text)
    assert (token.name, token.period, token.format, token.raw) == (*expected, text)


def test_no_token_and_no_text():
    assert parse("") == ()
    assert parse("没有数字。") == ("没有数字。",)
    assert len(parse("【甲|目前】【乙|目前】")) == 2


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("共【甲|目前|次", 1, "no closing"),
        ("共【甲|目前\n|次】", 1, "no closing"),
        ("共【", 1, "no closing"),
        ("【甲【乙|目前|次】", 0, "do not nest"),
        ("甲】", 1, "no “【” before"),
        ("【】", 0, "names no figure"),
        ("【|目前|次】", 0, "names no figure"),
        ("【 |目前|次】", 0, "names no figure"),
        ("【甲】", 0, "names no period"),
        ("【甲||次】", 0, "names no period"),
        ("【甲| |次】", 0, "names no period"),
        ("【甲|目前|次|东村|月均|多】", 0, "too many"),
        ("【甲|目前|次|东村|西村】", 0, "too many"),
        ("【甲|目前|次|月均|最高月】", 0, "too many"),
        ("【甲|目前|次|月均|东村】", 0, "too many"),
        ("【甲|目前|次|】", 0, "nothing behind"),
        ("【甲|目前|次||月均】", 0, "nothing behind"),
        ("第〖2025年", 1, "pairs"),
        ("2025〗年", 4, "pairs"),
    ],
)
def test_broken_tokens(text, position, reason):
    with pytest.raises(TokenError, match=reason) as caught:
        parse(text)
    assert caught.value.position == position
    assert caught.value.reason == str(caught.value)
    assert "".join(piece if isinstance(piece, str) else piece.raw for piece in parse(text, strict=False)) == text


def test_a_broken_token_does_not_take_the_next_with_it():
    text = "【甲【乙|目前|次】和【丙】。【丁|目前"
    words, token, rest = parse(text, strict=False)
    assert (words, token.name, rest) == ("【甲", "乙", "和【丙】。【丁|目前")
    assert [problem.position for problem in problems(text)] == [0, 11, 15]


def test_fixed_text_is_words():
    text = "〖2025〗年〖【甲|目前】〗【乙|目前】"
    words, token = parse(text)
    assert (words, token.name) == ("〖2025〗年〖【甲|目前】〗", "乙")
    assert words_and_fixed(words) == (("2025", True), ("年", False), ("【甲|目前】", True))
    assert words_and_fixed("〖没有结束〖〗") == (("〖没有结束", False),)


@given(TEXTS)
def test_no_character_is_lost(text):
    pieces = parse(text, strict=False)
    assert "".join(piece if isinstance(piece, str) else piece.raw for piece in pieces) == text
    assert all(text[piece.start : piece.end] == piece.raw for piece in pieces if isinstance(piece, Token))
    assert "".join(sentences(text)) == text
    assert drop_empty(sentences(text), lambda sentence: sentence) == text


@given(TEXTS)
def test_strict_raises_the_first_problem_or_agrees(text):
    found = problems(text)
    if found:
        with pytest.raises(TokenError) as caught:
            parse(text)
        assert caught.value.position == found[0].position
    else:
        assert parse(text) == parse(text, strict=False)


PARTS = st.text(alphabet="甲乙1—月%", min_size=1, max_size=5)


@given(PARTS, PARTS, PARTS | st.just(""))
def test_written_tokens_read_back(name, period, format_text):
    (token,) = parse(write_token(name, period, format_text))
    assert (token.name, token.period, token.format) == (name, period, format_text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("甲", ("甲",)),
        ("甲。", ("甲。",)),
        ("甲。乙；丙！丁？", ("甲。", "乙；", "丙！", "丁？")),
        ("甲;乙!丙", ("甲;", "乙!", "丙")),
        ("甲！！乙？！", ("甲！！", "乙？！")),
        ("甲。乙", ("甲。", "乙")),
        ("甲。 乙。 ", ("甲。", " 乙。 ")),
        ("甲，乙、丙：丁。", ("甲，乙、丙：丁。",)),
        ("他说：“好。再来！”甲；乙。", ("他说：“好。再来！”甲；", "乙。")),
        ("甲（一；二）乙；丙。", ("甲（一；二）乙；", "丙。")),
        ("《何去？》甲。乙。", ("《何去？》甲。", "乙。")),
        ("【甲？|目前；|次】。乙", ("【甲？|目前；|次】。", "乙")),
        ("〖甲。乙〗。丙", ("〖甲。乙〗。", "丙")),
        ("（甲。乙。", ("（甲。", "乙。")),
        ("“甲。乙。", ("“甲。", "乙。")),
        ("甲）。乙。", ("甲）。", "乙。")),
        ("（甲（乙。）丙。）丁。戊。", ("（甲（乙。）丙。）丁。", "戊。")),
        ("3.5万。12,000次。", ("3.5万。", "12,000次。")),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲；乙。", "甲；乙。"),
        ("甲；空。", "甲。"),
        ("空；乙。", "乙。"),
        ("甲；空；乙。", "甲；乙。"),
        ("甲；空；空。", "甲。"),
        ("甲；空。乙。", "甲。乙。"),
        ("甲；空！乙；丙。", "甲。乙；丙。"),
        ("甲。空。", "甲。"),
        ("甲！空。", "甲！"),
        ("空。", ""),
        ("空；空。", ""),
        ("", ""),
        ("甲；空", "甲。"),
        ("甲；空；", "甲；"),
        ("甲;空。", "甲。"),
        ("甲； 空。 ", "甲。"),
        ("空。甲；", "甲；"),
    ],
)
def test_drop_empty(text, expected):
    assert drop_empty(sentences(text), lambda sentence: "" if "空" in sentence else sentence) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("按层级分，空；乙。丙。", "按层级分，乙。丙。"),
        ("按层级分，空；空；乙。", "按层级分，乙。"),
        ("按层级分，空；空。丙。", "丙。"),
        ("前。按层级分，空；乙。", "前。按层级分，乙。"),
        ("甲，丁；乙，空；丙。", "甲，丁；丙。"),
        ("共【甲|今年以来】次，空；乙。", "乙。"),
        ("按层级分，空。乙。", "乙。"),
    ],
)
def test_the_words_that_open_a_group_pass_on(text, expected):
    assert drop_empty(sentences(text), lambda sentence: "" if "空" in sentence else sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("甲，乙、丙。", [("甲", "，"), ("乙", "、"), ("丙", "。")]),
        ("甲（一，二）、“三、四”，乙", [("甲（一，二）", "、"), ("“三、四”", "，"), ("乙", "")]),
        ("【甲，乙|今年以来|次】、丙。 ", [("【甲，乙|今年以来|次】", "、"), ("丙", "。 ")]),
        ("甲。", [("甲", "。")]),
        ("", [("", "")]),
    ],
)
def test_phrases(sentence, parts):
    assert list(phrases(sentence)) == parts
    assert "".join(words + mark for words, mark in phrases(sentence)) == sentence


def test_many_unclosed_marks_cost_no_quadratic_time():
    text = "（" * 50_000 + "。"
    assert len(sentences(text)) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("没有数字。", []),
        ("共11次，１２人。", ["11", "１２"]),
        ("达59,395人次、98.5%。", ["59,395", "98.5"]),
        ("【指标1|1—11月|%1】", []),
        ("共3次【甲|1月】和4次", ["3", "4"]),
        ("〖2025〗年3月", ["3"]),
        ("【指标1", ["1"]),
        ("十一次、三会一课", []),
    ],
)
def test_spans_outside_tokens_and_fixed_text(text, found):
    assert [text[start:end] for start, end in typed_spans(text, re.compile(DIGITS))] == found
