"""缺字: a character no font has is named, shown as 〓, and never lost; what no eye sees is taken out."""

import pytest
from django.test import override_settings

from reports.document import Annex, Block, Cell, Column, Table, Text
from reports.render import fonts
from reports.render.html import clean_text, width_of
from reports.render.pdf import render_pdf
from reports.render.printable import STAND_IN, printable
from tests.reports.pdf_reading import all_text, face, pages_of, short_report
from tests.reports.sample_document import VILLAGES, sample_document

pytestmark = pytest.mark.pdf

NOWHERE = "\ue000"  # private use
UNASSIGNED = "\U0002fffd"
RARE = "喆垚㛃𬭚璟婳䶮㎡μ³〇𠮷𫖮𰻞"


def test_rare_place_names_have_glyphs_in_every_role():
    for role in ("body", "kai", "hei", "title", "table"):
        assert fonts.missing_characters(RARE + "".join(VILLAGES), role) == [], role


@pytest.mark.parametrize(("role", "mark"), [("body", ""), ("hei", "#"), ("kai", "##")])
def test_a_character_prints_in_the_first_face_that_has_it(role, mark):
    chars = "镇2喆垚㐀𠀾𠮷𰀀"
    page = pages_of(render_pdf(short_report(f"{mark}{chars}", addressee="", signature="", issue_date="")).data)[0]
    printed = {char["text"]: face(char) for char in page.chars if 15 < char["size"] < 17}
    for char in chars:
        expected = next(family for family in fonts.ROLES[role] if ord(char) in fonts._reach(family))
        assert printed[char] == expected, char


def test_the_whole_standard_set_of_gb2312_is_there():
    table = [bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF)]
    chars = "".join(code.decode("gb2312", errors="ignore") for code in table)
    assert len(chars) > 7000
    for role in ("body", "kai", "hei", "title", "table"):
        assert fonts.missing_characters(chars, role) == [], role


def test_missing_characters_come_once_in_order():
    assert fonts.missing_characters(f"山{UNASSIGNED}{NOWHERE}水{UNASSIGNED}", "body") == [UNASSIGNED, NOWHERE]


def test_a_missing_character_is_named_with_its_place_and_shown():
    table = Table("", (Column("村"), Column("数")), ((Cell(f"{NOWHERE}村"), Cell("3", numeric=True)),))
    document = short_report(f"到{UNASSIGNED}村宣讲。", f"##走进{NOWHERE}村", annexes=(Annex(1, "名单", (table,)),))
    done = render_pdf(document)
    assert {(glyph.char, glyph.codepoint) for glyph in done.missing} == {(NOWHERE, "U+E000"), (UNASSIGNED, "U+2FFFD")}
    assert len(done.missing) == 3
    assert all(glyph.where for glyph in done.missing)
    text = all_text(pages_of(done.data))
    assert f"到{STAND_IN}村宣讲。" in text
    assert f"走进{STAND_IN}村" in text
    assert f"{STAND_IN}村3" in text


def test_a_script_no_font_has_is_named():
    done = render_pdf(short_report("活动圆满成功𓀀。"))
    assert [(glyph.char, glyph.codepoint) for glyph in done.missing] == [("𓀀", "U+13000")]


def test_a_clean_document_is_left_alone():
    document = sample_document()
    shown, missing = printable(document)
    assert shown is document
    assert missing == ()


def test_figures_keep_their_provenance_when_mended():
    run = sample_document().blocks[3].runs[1]
    broken = Block("k", "paragraph", runs=(Text("有"), type(run)(f"11{NOWHERE}", run.indicator, run.period, run.format, "11")))
    shown, missing = printable(sample_document(blocks=(broken,)))
    assert shown.blocks[0].runs[1].text == f"11{STAND_IN}"
    assert shown.blocks[0].runs[1].value == "11"
    assert missing


def test_a_font_file_that_is_not_there_names_the_way_out(tmp_path):
    with override_settings(FONTS_DIR=tmp_path), pytest.raises(fonts.FontsMissing, match="script/setup") as caught:
        fonts.font_paths()
    assert "FandolFang-Regular.otf" in str(caught.value)


UNCLEAN = [
    ("山\x00水\x07", "山水"),
    ("山\ud800水", "山水"),
    ("山\u200b水\ufeff\u202e", "山水"),
    ("山\ufe0f水\U000e0101", "山水"),
    ("山\r\n水", "山水"),
    ("study\r\nday", "study day"),
    ("a\tb", "a b"),
    ("山 水", "山 水"),
    ("喆𬭚①", "喆𬭚①"),
]


@pytest.mark.parametrize(("text", "clean"), UNCLEAN)
def test_controls_and_unseen_marks_are_taken_out(text, clean):
    assert clean_text(text) == clean


def test_unclean_text_prints():
    done = render_pdf(short_report("山\x00\ud800\u200b水\u202e\r\n长", signature="岚桥\x0b镇"))
    text = all_text(pages_of(done.data))
    assert "山水长" in text
    assert "岚桥镇" in text
    assert done.missing == ()


def test_width_counts_ascii_as_half():
    assert width_of("2025年3月5日") == 6.0
