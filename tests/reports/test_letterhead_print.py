"""The red head and the 版记 against GB/T 9704-2012, read back from the PDF: millimetres of characters, lines and ink."""

import json

import pypdfium2
import pytest

from reports.document import Letterhead, ReportDocument
from reports.render.pdf import render_pdf
from tests.reports.pdf_reading import BOTTOM, LEFT, MM, PITCH, RIGHT, TOP, all_text, face, is_portrait, pages_of, short_report
from tests.reports.sample_document import sample_document

pytestmark = pytest.mark.pdf
COPIES = "区委办公室，区政府办公室，区人大常委会办公室，区政协办公室，区纪委监委机关，各村、社区"
HEAD = Letterhead("岚桥镇人民政府文件", "岚政发〔2026〕5号", "张三", COPIES, "岚桥镇党政综合办公室", "2026年1月8日")
CELL = 156 / 28
HANZI = "全镇干部群众团结一心真抓实干推动高质量发展取得新成效"


@pytest.fixture(scope="module")
def data():
    return render_pdf(short_report(HANZI * 20, letterhead=HEAD)).data


@pytest.fixture(scope="module")
def pages(data):
    return pages_of(data)


def chars_of(page, words: str) -> list:
    """The characters of the first run of these words on the page, in order."""
    chars = [char for char in page.chars if char["text"].strip()]
    text = "".join(char["text"] for char in chars)
    start = text.index(words)
    return chars[start : start + len(words)]


def red_ink(data: bytes) -> tuple[list[float], list[float]]:
    """Rows and columns with red on the first page, mm from above and from the left."""
    with pypdfium2.PdfDocument(data) as pdf:
        picture = pdf[0].render(scale=300 / 72).to_pil().convert("RGB")
    mask = picture.split()[1].point(lambda value: 255 if value < 100 else 0)
    reds = picture.split()[0].point(lambda value: 255 if value > 200 else 0)
    from PIL import ImageChops

    both = ImageChops.multiply(mask, reds)
    width, height = both.size
    rows = [y * 25.4 / 300 for y in range(height) if both.crop((0, y, width, y + 1)).getbbox()]
    columns = [x * 25.4 / 300 for x in range(width) if both.crop((x, 0, x + 1, height)).getbbox()]
    return rows, columns


def rules_of(page) -> list[tuple[float, float]]:
    """Full-width black lines as (top, bottom) in mm: the edges of frames, an outer and an inner rectangle each."""
    wide = [rect for rect in page.rects if (rect["x1"] - rect["x0"]) * MM == pytest.approx(RIGHT - LEFT, abs=0.1)]
    edges = sorted({round(rect[side] * MM, 2) for rect in wide for side in ("top", "bottom")})
    return [(above, below) for above, below in zip(edges, edges[1:], strict=False) if below - above < 1]


def test_the_mark_is_red_centred_and_begins_35_mm_below_the_text_block(data, pages):
    rows, columns = red_ink(data)
    assert rows[0] == pytest.approx(TOP + 35, abs=0.5)
    mark = chars_of(pages[0], HEAD.mark)
    assert (mark[0]["x0"] + mark[-1]["x1"]) / 2 * MM == pytest.approx((LEFT + RIGHT) / 2, abs=0.5)
    assert {face(char) for char in mark} == {"TwrTitle-Bold"}
    assert {char["non_stroking_color"] for char in mark} == {(1, 0, 0)}


def mark_bottom(rows) -> float:
    """Where the ink of the mark ends, mm from above."""
    return next(row for row, after in zip(rows, rows[1:], strict=False) if after - row > 5)


def test_the_number_stands_two_lines_below_the_mark_one_character_in(data, pages):
    number = chars_of(pages[0], HEAD.number)
    leading = (PITCH - 16 * MM) / 2
    empty = number[0]["top"] * MM - mark_bottom(red_ink(data)[0])
    assert empty == pytest.approx(2 * PITCH + leading, abs=0.6)
    assert number[0]["x0"] * MM == pytest.approx(LEFT + CELL, abs=0.4)
    signatory = chars_of(pages[0], "签发人：张三")
    assert signatory[-1]["x1"] * MM == pytest.approx(RIGHT - CELL, abs=0.4)
    assert signatory[0]["top"] == pytest.approx(number[0]["top"], abs=0.6)
    assert [face(char) for char in signatory[-2:]] == ["TwrKai"] * 2
    assert face(signatory[0]) == "TwrFang"


def test_without_a_signatory_the_number_is_centred():
    downward = Letterhead(HEAD.mark, HEAD.number)
    page = pages_of(render_pdf(short_report(HANZI, letterhead=downward)).data)[0]
    number = chars_of(page, HEAD.number)
    assert (number[0]["x0"] + number[-1]["x1"]) / 2 * MM == pytest.approx((LEFT + RIGHT) / 2, abs=0.6)


def test_the_red_line_lies_4_mm_below_the_number_as_wide_as_the_text_block(data, pages):
    rows, columns = red_ink(data)
    line_top = next(row for row in rows if row > mark_bottom(rows) + 1)
    number = chars_of(pages[0], HEAD.number)
    assert line_top - number[0]["bottom"] * MM == pytest.approx(4, abs=0.5)
    assert (columns[0], columns[-1]) == (pytest.approx(LEFT, abs=0.3), pytest.approx(RIGHT, abs=0.3))


def test_the_title_stands_two_lines_below_the_red_line(data, pages):
    rows, _columns = red_ink(data)
    title = chars_of(pages[0], "岚桥镇工作总结")
    plain = pages_of(render_pdf(short_report(HANZI)).data)[0]
    below_top = chars_of(plain, "岚桥镇工作总结")[0]["top"] * MM - TOP  # one empty line, where no red line is
    assert title[0]["top"] * MM - rows[-1] == pytest.approx(below_top + PITCH, abs=0.3)


def test_the_first_page_shows_body(pages):
    assert HANZI[:6] in "".join(char["text"] for char in pages[0].chars)


def test_the_colophon_ends_on_the_lower_edge_of_the_last_page(pages):
    found = rules_of(pages[-1])
    assert found[-1][1] == pytest.approx(BOTTOM, abs=0.3)
    assert [round(bottom - top, 2) for top, bottom in found] == [0.35, 0.25, 0.35]
    copies, issuer = chars_of(pages[-1], "抄送：" + COPIES[:4]), chars_of(pages[-1], HEAD.issuer)
    day = chars_of(pages[-1], "2026年1月8日印发")
    small = 14 * MM
    assert {round(char["size"]) for char in (*copies, *issuer, *day)} == {14}
    assert copies[0]["x0"] * MM == pytest.approx(LEFT + small, abs=0.4)
    assert issuer[0]["x0"] * MM == pytest.approx(LEFT + small, abs=0.4)
    assert day[-1]["x1"] * MM == pytest.approx(RIGHT - small, abs=0.4)
    assert "各村、社区。" in all_text([pages[-1]]).replace("\n", "")


def test_turnovers_of_the_copies_stand_under_the_first_organ(pages):
    first = chars_of(pages[-1], "抄送：区委")[3]
    lines = {round(char["top"]): char for char in reversed(pages[-1].chars) if round(char["size"]) == 14 and char["text"].strip()}
    second = lines[min(top for top in lines if top > round(first["top"]) + 5)]
    assert second["x0"] == pytest.approx(first["x0"], abs=1)


def test_nothing_lies_under_the_colophon():
    """Whatever the length of the text, the last line of it ends above the first line of the 版记."""
    seen = set()
    for lines in range(22, 36, 2):
        found = pages_of(render_pdf(short_report(HANZI[:25] * lines, letterhead=HEAD)).data)
        top = rules_of(found[-1])[-3][0]
        body = [char["bottom"] * MM for char in found[-1].chars if round(char["size"]) == 16 and char["text"].strip()]
        assert all(bottom < top for bottom in body)
        seen.add(len(found))
    assert len(seen) > 1, "the lengths have to reach over a page's end"


@pytest.mark.parametrize("paragraphs", [1, 12])
def test_after_annexes_the_colophon_has_a_page_of_its_own_on_an_even_side(paragraphs):
    document = short_report(*[HANZI * 12] * paragraphs, letterhead=HEAD, annexes=sample_document().annexes[:1])
    found = pages_of(render_pdf(document).data)
    last = found[-1]
    assert is_portrait(last)
    assert len(found) % 2 == 0
    assert rules_of(last)[-1][1] == pytest.approx(BOTTOM, abs=0.3)
    blank = not [char for char in found[-2].chars if char["text"].strip() and char["top"] * MM > TOP - 12]
    numbered = [char for char in last.chars if char["bottom"] * MM > BOTTOM + 3 and char["text"].strip()]
    assert bool(numbered) is not blank, "an empty page before it takes the number of both away"


def test_long_marks_fit_the_text_block():
    wide = Letterhead("中共岚桥镇委员会岚桥镇人民政府党政综合办公室文件", HEAD.number)
    mark = chars_of(pages_of(render_pdf(short_report(HANZI, letterhead=wide)).data)[0], wide.mark)
    assert len({round(char["top"]) for char in mark}) == 1
    assert mark[0]["x0"] * MM > LEFT
    assert mark[-1]["x1"] * MM < RIGHT


def test_a_missing_character_of_the_head_is_named():
    rendered = render_pdf(short_report(HANZI, letterhead=Letterhead("岚桥镇\ue000文件", HEAD.number, "张\ue001")))
    assert [glyph.codepoint for glyph in rendered.missing] == ["U+E000", "U+E001"]


def test_a_frozen_report_from_before_reads_and_verifies():
    old = sample_document()
    assert "letterhead" not in json.loads(old.to_json())
    again = ReportDocument.from_json(old.to_json())
    assert (again, again.sha256, again.letterhead) == (old, old.sha256, None)


def test_a_red_head_is_kept_in_the_frozen_report():
    document = sample_document(letterhead=HEAD)
    again = ReportDocument.from_json(document.to_json())
    assert (again, again.sha256) == (document, document.sha256)
    assert document.sha256 != sample_document().sha256
