"""The printed page against GB/T 9704-2012, read back from the PDF."""

import re

import pytest

from reports.document import Annex, Cell, Column, Table
from reports.render import html
from reports.render.pdf import render_pdf
from tests.reports.pdf_reading import (
    BOTTOM,
    LEFT,
    MM,
    NOT_FIRST,
    NOT_LAST,
    PITCH,
    RIGHT,
    STOPS,
    TOP,
    all_text,
    body_lines,
    face,
    is_margin,
    is_portrait,
    page_number,
    pages_of,
    sample_pages,
    short_report,
    text_of,
)
from tests.reports.sample_document import VILLAGES, sample_document

pytestmark = pytest.mark.pdf

HANZI = "全镇干部群众团结一心真抓实干推动高质量发展取得新成效"
RARE = "喆垚㛃𬭚璟婳䶮𠮷"
SMALL_FACES = {"TwrRare", "TwrWide", "TwrWider"}


def portrait_pages():
    return [page for page in sample_pages() if is_portrait(page)]


def landscape_pages():
    return [page for page in sample_pages() if not is_portrait(page)]


@pytest.mark.parametrize("text", [HANZI, RARE], ids=["common", "rare"])
def test_a_full_page_has_22_lines_of_28_characters(text):
    page = pages_of(render_pdf(short_report(text * (3000 // len(text)))).data)[1]
    lines = body_lines(page)
    assert [len(chars) for _, chars in lines] == [28] * 22
    pitches = {round(below - above, 2) for (above, _), (below, _) in zip(lines, lines[1:], strict=False)}
    assert all(abs(pitch - PITCH) < 0.03 for pitch in pitches)


def test_the_text_block_is_156_by_225_mm():
    page = pages_of(render_pdf(short_report(HANZI * 120)).data)[1]
    lines = body_lines(page)
    assert (float(page.width) * MM, float(page.height) * MM) == pytest.approx((210, 297), abs=0.1)
    assert min(chars[0]["x0"] for _, chars in lines) * MM == pytest.approx(LEFT, abs=0.15)
    assert max(chars[-1]["x1"] for _, chars in lines) * MM == pytest.approx(RIGHT, abs=0.3)
    # half a line's leading lies above the first line's characters and below the last line's
    leading = (PITCH - 16 * MM) / 2
    assert lines[0][1][0]["top"] * MM - leading == pytest.approx(TOP, abs=0.5)
    assert lines[-1][1][0]["bottom"] * MM + leading == pytest.approx(BOTTOM, abs=0.5)


def test_nothing_of_the_text_leaves_the_block_but_a_hanging_stop():
    for page in portrait_pages():
        for _, chars in body_lines(page):
            last = chars[-1]
            inside = chars[:-1] if last["text"] in STOPS else chars
            assert chars[0]["x0"] * MM > LEFT - 0.2
            assert inside[-1]["x1"] * MM < RIGHT + 0.3
            assert last["x1"] * MM < RIGHT + 6


def test_the_first_page_holds_the_title_and_body():
    lines = body_lines(sample_pages()[0])
    titles = body_lines(sample_pages()[0], size=22)
    assert [text_of(chars) for _, chars in titles] == ["岚桥镇2025年度宣传工作总结和", "2026年工作计划"]
    for _, chars in titles:
        assert (chars[0]["x0"] + chars[-1]["x1"]) / 2 * MM == pytest.approx((LEFT + RIGHT) / 2, abs=0.5)
    assert text_of(lines[0][1]) == "区委宣传部："
    assert lines[0][1][0]["x0"] * MM == pytest.approx(LEFT, abs=0.3)
    assert lines[1][1][0]["x0"] * MM == pytest.approx(LEFT + 2 * 156 / 28, abs=0.3)
    assert lines[0][0] - titles[-1][0] == pytest.approx(2 * PITCH, abs=1.5)


def faces_of(start: str) -> set[str]:
    for page in sample_pages():
        for _, chars in body_lines(page):
            if text_of(chars).startswith(start):
                return {face(char) for char in chars} - SMALL_FACES
    raise AssertionError(f"no line starts with {start}")


def test_each_level_has_its_typeface():
    assert faces_of("一、") == {"TwrHei", "TwrSansAscii"}
    assert faces_of("（一）") == {"TwrKai"}
    assert faces_of("1.队伍") == {"TwrFang", "TwrSongDigits"}
    for start in ("一是", "镇党委"):
        assert faces_of(start) - {"TwrSongDigits"} == {"TwrFang"}
    assert faces_of("附件1") == {"TwrHei", "TwrSansAscii"}
    titles = {face(char) for page in sample_pages() for _, chars in body_lines(page, size=22) for char in chars}
    assert titles == {"TwrTitle-Bold"}


def test_page_numbers_run_on_at_the_outside_corner():
    for index, page in enumerate(sample_pages(), 1):
        assert text_of(page_number(page)) == f"—{index}—"
    for index, page in enumerate(sample_pages(), 1):
        chars = page_number(page)
        if is_portrait(page):
            assert (chars[0]["top"] + chars[0]["bottom"]) / 2 * MM == pytest.approx(BOTTOM + 7, abs=0.5)
            if index % 2:
                assert chars[-1]["x1"] * MM == pytest.approx(RIGHT - 14 * MM, abs=0.6)
            else:
                assert chars[0]["x0"] * MM == pytest.approx(LEFT + 14 * MM, abs=0.6)


def test_a_landscape_page_keeps_its_number_where_the_portrait_page_has_it():
    for page in landscape_pages():
        chars = page_number(page)
        assert not any(char["upright"] for char in chars)
        middle = (chars[0]["x0"] + chars[0]["x1"]) / 2 * MM
        assert middle == pytest.approx(35 - 7, abs=0.6)
        if page.page_number % 2:  # bottom right, turned clockwise: bottom left
            assert max(char["bottom"] for char in chars) * MM == pytest.approx(184 - 14 * MM, abs=0.6)
        else:
            assert min(char["top"] for char in chars) * MM == pytest.approx(28 + 14 * MM, abs=0.6)


def full_lines(pages):
    """Yield the lines of running text that are followed by a line of the same paragraph."""
    for page in pages:
        lines = body_lines(page)
        for (above, chars), (below, following) in zip(lines, lines[1:], strict=False):
            is_next = below - above < 1.2 * PITCH and following[0]["x0"] * MM < LEFT + 3
            if is_next and not text_of(chars).endswith("："):
                yield chars


def test_full_lines_are_set_flush():
    lines = list(full_lines(portrait_pages()[:-1]))
    ends = [chars[-2 if chars[-1]["text"] in STOPS and chars[-1]["x1"] * MM > RIGHT + 1 else -1]["x1"] * MM for chars in lines]
    flush = sum(abs(end - RIGHT) < 0.35 for end in ends)
    assert len(lines) > 50
    assert flush / len(lines) >= 0.95


def test_a_comma_hangs_rather_than_starting_a_line():
    text = "一" * 26 + "，" + "二" * 27 + "，" + "三" * 28 + "。"
    lines = body_lines(pages_of(render_pdf(short_report(text)).data)[0])
    found = [text_of(chars) for _, chars in lines]
    assert "一" * 26 + "，" in found
    hung = next(chars for _, chars in lines if text_of(chars) == "一" * 26 + "，")
    assert hung[-1]["x0"] * MM == pytest.approx(RIGHT, abs=0.4)


def test_no_line_starts_or_ends_with_the_wrong_mark():
    extra = "今年“一镇一品”1—11月（含补报）累计完成《岚桥文化丛书》·第二辑编纂，完成率97.5%；" * 12
    shifted = [("加" * count) + extra for count in range(9)]
    pages = pages_of(render_pdf(short_report(*shifted)).data) + portrait_pages()
    for page in pages:
        for _, chars in body_lines(page):
            line = text_of(chars)
            assert line[0] not in NOT_FIRST, line
            assert line[-1] not in NOT_LAST, line


def test_no_character_stands_alone_on_a_last_line():
    text = "一" * 26 + "二" * 28 + "三。"
    lines = [text_of(chars) for _, chars in body_lines(pages_of(render_pdf(short_report(text)).data)[0])]
    assert "三。" not in lines
    assert any(line.endswith("三。") for line in lines)


@pytest.mark.parametrize("filler", range(15, 21))
def test_no_heading_is_left_at_the_foot_of_a_page(filler):
    texts = [*(["某村工作正常。"] * filler), "#工作计划", "##总体要求", HANZI * 4]
    for page in pages_of(render_pdf(short_report(*texts)).data):
        assert text_of(body_lines(page)[-1][1]) not in ("工作计划", "总体要求")


@pytest.mark.parametrize("filler", range(11, 21))
def test_the_signature_never_stands_without_text(filler):
    texts = [*(["某村工作正常。"] * filler), HANZI * 4]
    pages = pages_of(render_pdf(short_report(*texts)).data)
    lines = [text_of(chars) for _, chars in body_lines(pages[-1])]
    place = next(index for index, line in enumerate(lines) if line.startswith("岚桥镇宣传办公室"))
    assert place >= 2
    assert lines[place + 1] == "2025年12月18日"


def signature_lines(**changes):
    page = pages_of(render_pdf(short_report("工作正常。", **changes)).data)[0]
    return [(chars[0]["x0"] * MM, chars[-1]["x1"] * MM) for _, chars in body_lines(page)[2:]]


def test_the_date_starts_two_characters_right_of_the_signature():
    unit, date = signature_lines(signature="中共岚桥镇委员会宣传工作办公室")
    assert unit[1] == pytest.approx(RIGHT - 2 * 156 / 28, abs=0.5)
    assert date[0] - unit[0] == pytest.approx(2 * 156 / 28, abs=0.5)


def test_a_date_longer_than_the_signature_ends_two_characters_from_the_right():
    unit, date = signature_lines(signature="岚桥镇")
    assert date[1] == pytest.approx(RIGHT - 2 * 156 / 28, abs=0.5)
    assert date[0] - unit[0] == pytest.approx(2 * 156 / 28, abs=0.5)


def test_a_very_long_signature_stays_inside():
    name = "岚桥镇人民政府宣传思想文化和新时代文明实践工作领导小组办公室联合志愿服务指导中心"
    lines = signature_lines(signature=name)
    assert len(lines) == 3
    assert all(left > LEFT - 0.2 and right < RIGHT + 0.3 for left, right in lines)


def test_the_annex_note_stands_between_text_and_signature():
    page = next(page for page in portrait_pages() if "附件：" in all_text([page]))
    lines = [(y, text_of(chars), chars) for y, chars in body_lines(page)]
    note = next(index for index, line in enumerate(lines) if line[1].startswith("附件："))
    assert lines[note][1] == "附件：1.2025年宣传工作指标分月完成情况表"
    assert lines[note + 1][1].startswith("2.2025年度村（社区）")
    assert lines[note][0] - lines[note - 1][0] == pytest.approx(2 * PITCH, abs=0.1)
    assert lines[note][2][0]["x0"] * MM == pytest.approx(LEFT + 2 * 156 / 28, abs=0.4)
    assert lines[note + 2][1] == "岚桥镇宣传办公室"
    assert lines[note + 2][0] - lines[note + 1][0] == pytest.approx(2 * PITCH, abs=0.1)


def test_a_single_annex_is_not_numbered():
    document = sample_document(blocks=sample_document().blocks[:1])
    one = sample_document(blocks=document.blocks, annexes=document.annexes[1:])
    pages = pages_of(render_pdf(one).data)
    assert "附件：2025年度村" in all_text(pages)
    assert text_of(body_lines(pages[-1])[0][1]) == "附件"


def test_every_annex_starts_a_page_with_its_number_and_title():
    starts = [
        page for page in sample_pages() if text_of(body_lines(page)[0][1] if body_lines(page) else ()) in ("附件1", "附件2")
    ]
    assert len(starts) == 2
    for page in starts:
        (top, number), *_rest = body_lines(page)
        (title_y, _title), *_more = body_lines(page, size=22)
        left = LEFT if is_portrait(page) else 35
        assert number[0]["x0"] * MM == pytest.approx(left, abs=0.4)
        assert title_y - top == pytest.approx(2 * PITCH, abs=1.5)


def test_table_heads_repeat_and_group_rows_stay_with_their_rows():
    pages = landscape_pages()
    assert len(pages) >= 2
    for page in pages:
        text = all_text([page])
        assert "指标单位1月2月3月4月5月6月7月8月9月10月11月12月合计" in text
        rows = body_lines(page, size=8.5)
        last = next(text_of(chars) for _, chars in reversed(rows) if text_of(chars))
        assert not re.match("[一二三四五]、", last)


def test_a_group_row_is_never_the_last_of_its_page():
    columns = (Column("项目", 3), Column("数量", 1))
    plain = (Cell("中心组专题学习"), Cell("3", numeric=True))
    tables = [((plain,) * count + ((Cell("二、媒体录用"), Cell("")),) + (plain,) * 6) for count in range(11, 19)]
    annexes = tuple(Annex(place, "分类情况", (Table("", columns, rows),)) for place, rows in enumerate(tables, 1))
    for page in pages_of(render_pdf(short_report("工作正常。", annexes=annexes)).data):
        rows = body_lines(page, size=10.5)
        if rows:
            assert text_of(rows[-1][1]) != "二、媒体录用"


def test_landscape_tables_stay_inside_the_text_block():
    for page in landscape_pages():
        inside = [char for char in page.chars if not is_margin(char, page)]
        assert min(char["x0"] for char in inside) * MM > 34.8
        assert max(char["x1"] for char in inside) * MM < 260.3
        assert max(char["bottom"] for char in inside) * MM < 184.3


def test_every_character_of_every_text_is_there_as_text():
    document = sample_document()
    text = all_text(sample_pages())
    for place, words in html.texts_of(document):
        wanted = re.sub(r"\s", "", html.clean_text(words))
        assert wanted in text, place
    for village in VILLAGES:
        assert village in text


def test_a_draft_carries_its_mark_outside_the_text():
    document = short_report("工作正常。", annexes=sample_document().annexes[:1], status_mark="未经审核")
    for page in pages_of(render_pdf(document).data):
        above = [char for char in page.chars if char["bottom"] * MM < (TOP if is_portrait(page) else 28)]
        assert text_of(above) == "未经审核"
        assert {face(char) for char in above} == {"TwrHei"}
        assert {char["non_stroking_color"] for char in above} != {(0, 0, 0)}
    assert "未经审核" not in "".join(text_of(page.chars) for page in sample_pages())
