"""The PDF as a file: tags, bookmarks, metadata, fonts, equal bytes, the warm engine, and documents at the edges."""

import hashlib
import io
import os
import re
import subprocess
import sys
from dataclasses import replace

import pikepdf
import pytest
from django.conf import settings

from reports.document import Annex, Cell, Column, Table
from reports.render import cjk, html, pdf
from reports.render.pdf import RENDERER_VERSION, render_pdf
from tests.reports.pdf_reading import (
    BOTTOM,
    LEFT,
    MM,
    RIGHT,
    TOP,
    all_text,
    body_lines,
    is_margin,
    is_portrait,
    pages_of,
    rendered_sample,
    short_report,
    text_of,
)
from tests.reports.sample_document import month_table, sample_document

pytestmark = pytest.mark.pdf


@pytest.fixture
def sample():
    with pikepdf.open(io.BytesIO(rendered_sample().data)) as file:
        yield file


def outline(file):
    with file.open_outline() as tree:
        return [(item.title, [child.title for child in item.children]) for item in tree.root]


def test_bookmarks_follow_the_headings_and_name_the_annexes(sample):
    entries = outline(sample)
    assert [title for title, _ in entries] == [
        "岚桥镇2025年度宣传工作总结和2026年工作计划",
        "一、2025年工作推进情况",
        "二、2026年主要工作计划",
        "附件1　2025年宣传工作指标分月完成情况表",
        "附件2　2025年度村（社区）志愿服务和荣誉情况表",
    ]
    assert len(entries[1][1]) == 8
    assert entries[1][1][0].startswith("（一）意识形态责任")


def test_bookmarks_of_annexes_point_at_their_pages(sample):
    numbers = {page.objgen: index for index, page in enumerate(sample.pages, 1)}
    with sample.open_outline() as tree:
        targets = {item.title[:3]: numbers[item.destination[0].objgen] for item in tree.root}
    assert targets["附件1"] > targets["二、2"]
    assert targets["附件2"] == len(sample.pages)


def test_metadata_names_the_unit_and_the_day(sample):
    info = {key: str(value) for key, value in sample.docinfo.items()}
    assert info["/Title"] == "岚桥镇2025年度宣传工作总结和2026年工作计划"
    assert info["/Author"] == "岚桥镇"
    assert info["/Subject"].startswith("岚桥镇2025年度")
    assert info["/CreationDate"].startswith("D:20251218")
    assert str(sample.Root.Lang) == "zh-CN"
    assert sample.open_metadata()["pdfuaid:part"] == "1"


def test_the_file_is_tagged(sample):
    assert sample.Root.MarkInfo.Marked
    kinds = set()
    queue = [sample.Root.StructTreeRoot.K[0]]
    while queue:
        node = queue.pop()
        if isinstance(node, pikepdf.Dictionary):
            kinds.add(str(node.get("/S", "")))
            children = node.get("/K", [])
            queue.extend(children if isinstance(children, pikepdf.Array) else [children])
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TR", "/TH", "/TD", "/Sect"} <= kinds


def test_fonts_are_embedded_as_subsets(sample):
    fonts = {str(font.BaseFont): font for page in sample.pages for font in page.Resources.Font.values()}
    assert len(fonts) >= 6
    for name, font in fonts.items():
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert name[7] == "+", name
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor, name
    assert len(rendered_sample().data) < 1_500_000


def test_the_same_document_gives_the_same_bytes():
    assert render_pdf(sample_document()).data == rendered_sample().data


ANOTHER_PROCESS = """
import os, sys, hashlib
os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[1]
from django.conf import settings
import django
django.setup()
from tests.reports.sample_document import sample_document
from reports.render import pdf
assert "weasyprint" not in sys.modules, "importing the renderer loads WeasyPrint"
print(hashlib.sha256(pdf.render_pdf(sample_document()).data).hexdigest())
pdf.limit_process(memory_bytes=1 << 30)
import resource
print(resource.getrlimit(resource.RLIMIT_AS)[0])
pdf.limit_process(memory_bytes=2 << 30)
print(resource.getrlimit(resource.RLIMIT_AS)[0])
"""


def test_another_process_gives_the_same_bytes_and_loads_weasyprint_late():
    arguments = [sys.executable, "-c", ANOTHER_PROCESS, os.environ["DJANGO_SETTINGS_MODULE"]]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(arguments, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    digest, first_limit, second_limit = done.stdout.split()
    assert digest == hashlib.sha256(rendered_sample().data).hexdigest()
    assert int(first_limit) == int(second_limit) == 1 << 30


def test_progress_counts_up_to_its_total():
    steps = []
    render_pdf(short_report("工作正常。"), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_an_edit_of_the_text_reuses_the_annexes_and_prints_the_same():
    document = sample_document()
    render_pdf(document)
    engine = pdf._engine()
    before = engine.reused
    edited = replace(document, addressee="中共云岚区委宣传部：")
    warm = render_pdf(edited)
    assert engine.reused == before + 1
    engine.kept.clear()
    assert render_pdf(edited).data == warm.data


def test_few_annex_layouts_are_kept():
    engine = pdf._engine()
    table = Table("", (Column("项目"),), ((Cell("一"),),))
    for number in range(pdf.KEPT_ANNEXES + 2):
        render_pdf(short_report("工作正常。", annexes=(Annex(1, f"附表之{number}", (table,)),)))
    assert len(engine.kept) == pdf.KEPT_ANNEXES


def test_the_renderer_names_its_version(monkeypatch, tmp_path):
    assert re.fullmatch(r"pdf-70\.\d+-[0-9a-f]{12}", RENDERER_VERSION)
    before = pdf._version()
    style = tmp_path / "print.css"
    style.write_text("p { color: red }")
    monkeypatch.setattr(pdf, "_css_paths", lambda: [style])
    assert pdf._version() != before


def test_another_weasyprint_is_refused(monkeypatch):
    monkeypatch.setattr(cjk.weasyprint, "__version__", "71.0")
    with pytest.raises(RuntimeError, match="71.0"):
        cjk.install()


def inside(page) -> bool:
    chars = [char for char in page.chars if not is_margin(char, page) and char["text"] not in "，。、；：！？ "]
    right, left = (RIGHT, LEFT) if is_portrait(page) else (260, 35)
    return all(left - 0.3 < char["x0"] * MM and char["x1"] * MM < right + 0.4 for char in chars)


def test_a_report_of_thirty_pages():
    paragraph = "全镇干部群众团结一心、真抓实干，推动宣传思想文化工作取得新成效，群众满意度达到97.5%。"
    document = short_report(*[f"第{index}项。" + paragraph * 6 for index in range(1, 66)])
    done = render_pdf(document)
    assert done.pages >= 28
    pages = pages_of(done.data)
    assert all(len(body_lines(page)) == 22 for page in pages[1:-1])
    assert f"第65项。{paragraph}" in all_text(pages[-3:])


EMPTY_ANNEXES = (
    Annex(1, "没有表的附件", ()),
    Annex(2, "没有行的表", (Table("空表", (Column("项目"), Column("数量")), ()),)),
    Annex(3, "没有列的表", (Table("空", (), ()),)),
)


def test_empty_annexes_still_print():
    done = render_pdf(short_report("工作正常。", annexes=EMPTY_ANNEXES))
    assert done.pages == 4
    assert "项目数量" in all_text(pages_of(done.data))


def test_a_report_without_blocks_prints():
    assert render_pdf(short_report()).pages == 1


LONG_WORDS = ["A" * 600, "1234567890" * 60, "，" * 80, "。”" * 60, "—" * 70, "http://example.invalid/" + "x" * 300]


@pytest.mark.parametrize("text", LONG_WORDS, ids=lambda text: text[:8])
def test_very_long_unbroken_text_stays_inside(text):
    pages = pages_of(render_pdf(short_report(text)).data)
    assert all(inside(page) for page in pages)
    assert text in all_text(pages).replace("岚桥镇工作总结区委宣传部：", "")


PLACE = "云岚江上游左岸垚山脚下喆溪古渡口东侧新建异地搬迁安置点第二网格综合文化服务中心站"


def test_a_place_name_of_forty_characters_fits_everywhere():
    columns = (Column("村（社区）", 1), Column(PLACE, 1), Column("数量", 1))
    table = Table(PLACE, columns, ((Cell(PLACE), Cell(PLACE), Cell("1", numeric=True)),), PLACE)
    document = short_report(
        f"##{PLACE}", PLACE, title_lines=(f"{PLACE}年度宣传工作总结",), signature=PLACE, annexes=(Annex(1, PLACE, (table,)),)
    )
    pages = pages_of(render_pdf(document).data)
    assert len(PLACE) == 40
    assert all(inside(page) for page in pages)
    assert all_text(pages).count(PLACE) >= 9


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("岚桥镇年度工作总结",), 1),
        (("岚桥镇2025年度宣传工作总结", "和2026年工作计划"), 2),
        (("中共岚桥镇委员会", "关于2025年度宣传思想文化工作总结", "和2026年工作计划的报告"), 3),
        (("岚桥镇2025年度宣传思想文化工作总结和2026年宣传思想文化工作计划",), 2),
    ],
)
def test_titles_of_several_lines(lines, shown):
    page = pages_of(render_pdf(short_report("工作正常。", title_lines=lines)).data)[0]
    titles = [text_of(chars) for _, chars in body_lines(page, size=22)]
    assert len(titles) == shown
    assert "".join(titles) == "".join(lines)
    assert TOP < body_lines(page)[0][0] < BOTTOM
    if len(lines) == 1 and shown == 2:
        assert titles[1] == "和2026年宣传思想文化工作计划"


def test_an_annex_of_ninety_rows():
    done = render_pdf(short_report("工作正常。", annexes=(Annex(1, "分月情况", (month_table(90),)),)))
    pages = [page for page in pages_of(done.data) if not is_portrait(page)]
    assert len(pages) >= 5
    assert all("指标单位1月" in all_text([page]) for page in pages)


def test_a_row_taller_than_the_page_does_not_hang():
    table = Table("", (Column("说明"), Column("数量")), ((Cell("长" * 3000), Cell("1")), (Cell("末行"), Cell("2"))))
    done = render_pdf(short_report("工作正常。", annexes=(Annex(1, "长行", (table,)),)))
    text = all_text(pages_of(done.data))
    assert text.count("长") >= 3000
    assert "末行" in text


def test_a_title_however_long_is_broken_into_lines_that_fit():
    for title in ("长" * 20_000, "x" * 20_000, "2025年度工作总结" * 2_000):
        lines = html._broken(title, 28)
        assert "".join(lines) == title
        assert max(map(html.width_of, lines)) <= 28
        assert len(lines) <= len(title) / 14


def test_titles_break_where_the_sense_breaks():
    assert html._broken("岚桥镇2025年度宣传思想文化工作总结和2026年工作计划", 20)[0].endswith("总结")
    for line in html._broken("云岚区岚桥镇人民政府2025年度宣传思想文化和新时代文明实践志愿服务工作情况报告", 20):
        assert html.width_of(line) <= 20
        assert not line.startswith(("）", "，"))


WORKER_CHILD = """
import resource
import django
django.setup()
from config.celery import limit_child_memory
limit_child_memory()
print(resource.getrlimit(resource.RLIMIT_AS)[0])
"""


def test_the_workers_child_is_bounded():
    done = subprocess.run([sys.executable, "-c", WORKER_CHILD], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [str(pdf.CHILD_ADDRESS_SPACE)], done.stderr
