"""Charts as SVG: every kind, values at the edges, hostile words, and what a strict page may carry."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from reports.document import Block, Chart, Series
from reports.preview import build_sheet
from reports.render import html
from reports.render.charts import chart_svg, describe, number_of
from reports.render.pdf import render_pdf
from reports.render.plain_text import width_of
from tests.reports.pdf_reading import all_text, pages_of, short_report
from tests.reports.rich_document import charts, rich_document

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("bar", "line", "pie")


def one(kind: str, *values, names=None) -> Chart:
    names = names or tuple(f"第{place}项" for place in range(len(values)))
    return Chart(kind, "题", "篇", names, (Series("甲", values),))


def words_of(svg: str) -> list[str]:
    return [node.text for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.kind)
def test_a_chart_names_its_categories_and_values(chart):
    words = "".join(words_of(chart_svg(chart)))
    assert all(name in words for name in chart.categories)
    values = [value for row in chart.series for value in row.values if value]
    assert all(value in words for value in values)
    assert f"单位：{chart.unit}" in words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "values",
    [(), ("0",), ("0", "0"), (None,), (None, "3"), ("-5", "4"), ("-5", "-4"), ("0.0001",), ("999999999999",), ("7", "7")],
    ids=str,
)
def test_values_at_the_edges_draw_inside_the_frame(kind, values):
    root = ET.fromstring(chart_svg(one(kind, *values)))
    _x, _y, width, height = map(float, root.get("viewBox").split())
    for node in root.iter(f"{SVG}rect"):
        assert 0 <= float(node.get("x")) <= width
        assert 0 <= float(node.get("y")) <= height
        assert 0 <= float(node.get("height")) <= height
    assert "nan" not in ET.tostring(root).decode()


@pytest.mark.parametrize("value", ["", None, "abc", "NaN", "Infinity", "1e99", "１２x", "--1"])
def test_what_is_no_number_is_not_drawn(value):
    assert number_of(value) is None
    assert "暂无数据" in words_of(chart_svg(one("bar", value)))


def test_bars_are_as_long_as_their_values():
    root = ET.fromstring(chart_svg(one("bar", "10", "5", "0")))
    heights = [float(node.get("height")) for node in root.iter(f"{SVG}rect")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[2] == 0


def test_a_gap_breaks_the_line():
    path = re.search(r'<path d="(M[^"]+)"', chart_svg(one("line", "1", "2", None, "4")))[1]
    assert path.count("M") == 2


def test_slices_are_shares_of_the_whole():
    words = "".join(words_of(chart_svg(one("pie", "1", "3"))))
    assert "1（25.0%）" in words
    assert "3（75.0%）" in words
    assert "<circle" in chart_svg(one("pie", "4", "0"))


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_stay_words(kind):
    nasty = "</svg><script>alert(1)</script>\"'&\x00\ud800\u202e"
    chart = Chart(kind, nasty, nasty, (nasty, "b"), (Series(nasty, ("1", nasty)), Series(nasty, ("2",))), nasty)
    root = ET.fromstring(chart_svg(chart, families=("TwrHei",)))
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {"svg", "title", "text", "rect", "line", "path", "circle"}
    assert "alert(1)" in ET.tostring(root, encoding="unicode")


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.kind)
def test_only_presentation_attributes_and_greys(chart):
    svg = chart_svg(chart, families=("TwrHei",))
    assert not re.search(r"\b(style|class|id|href|on\w+)=", svg)
    colours = re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', svg)
    assert colours
    assert all(len(set(re.findall("..", colour[1:] if len(colour) == 7 else colour[1:] * 2))) == 1 for colour in colours)


@pytest.mark.pdf
def test_a_chart_prints_its_words_and_says_its_values_to_a_screen_reader():
    chart = charts()[0]
    done = render_pdf(replace(
        short_report("见图。"), blocks=(Block("c", "chart", number="图1", chart=chart),)))  # fmt: skip
    shown = all_text(pages_of(done.data))
    assert "图1各级媒体录用情况" in shown
    assert "国家级" in shown
    assert describe(chart).startswith("各级媒体录用情况（篇）。2024年：国家级3，省级27")


def test_too_many_categories_or_series_are_refused():
    many = one("bar", *["1"] * (html.MAX_CATEGORIES + 1))
    rows = replace(one("bar", "1"), series=tuple(Series(str(place), ("1",)) for place in range(html.MAX_SERIES + 1)))
    for chart in (many, rows):
        with pytest.raises(html.ReportRefused, match="[0-9]"):
            html.check_size(replace(short_report(), blocks=(Block("c", "chart", chart=chart),)))


def test_the_sheet_on_the_page_shows_the_same_tables_and_charts():
    shown = render_to_string("reports/_sheet_body.html", {"sheet": build_sheet(rich_document()), "whole": True})
    for chart in charts():
        assert chart_svg(chart) in shown
    assert "图1　各级媒体录用情况" in shown
    assert "表1　媒体录用情况" in shown
    assert "单位：篇" in shown
    assert ' style="' not in shown


def test_a_legend_of_many_long_names_stays_in_the_frame():
    rows = tuple(Series(f"第{place}个名称很长的数据系列", ("1", "2")) for place in range(html.MAX_SERIES))
    root = ET.fromstring(chart_svg(Chart("bar", "题", "人次", ("甲", "乙"), rows)))
    ends = [float(node.get("x")) + width_of(node.text) * 11 for node in root.iter(f"{SVG}text") if "…" in (node.text or "")]
    assert len(ends) == html.MAX_SERIES
    assert max(ends) <= 560


def test_slices_are_numbered_where_greys_repeat():
    few, many = (words_of(chart_svg(one("pie", *map(str, range(1, count + 1))))) for count in (6, 7))
    assert not [word for word in few if word.isdecimal()]
    assert [word for word in many if word.isdecimal()] == ["1", "2", "3", "4", "5", "6", "7"]
    assert any(word.startswith("7 第6项　7") for word in many)
