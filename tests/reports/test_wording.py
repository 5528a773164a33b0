"""Wording of numbers in official prose, each rule on both sides of its limit; and the registry of formats."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from metrics.periods import Period
from reports import wording
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import FORMATS, FormatError, Material, find_format, legal_formats, show
from reports.wording import EMPTY, OK, REFUSED, Item, Shown


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def said(shown: Shown) -> str:
    """Return the text, or the status of what prints nothing; a refusal without a reason fails."""
    assert bool(shown.reason) == (shown.status == REFUSED)
    assert bool(shown.text) == (shown.status == OK)
    return shown.text or shown.status


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        ("11", "次", "11次"),
        ("59395", "人次", "59395人次"),
        ("0", "次", "0次"),
        ("52.50", "小时", "52.5小时"),
        ("1200.00", "", "1200"),
        ("1E+3", "本", "1000本"),
    ],
)
def test_exact(value, measure, text):
    assert said(wording.exact(D(value), measure)) == text


@pytest.mark.parametrize(
    ("value", "above", "over", "in_words"),
    [
        ("0", REFUSED, REFUSED, REFUSED),
        ("9", REFUSED, REFUSED, REFUSED),
        ("9.9", REFUSED, REFUSED, REFUSED),
        ("10", REFUSED, REFUSED, REFUSED),
        ("10.5", "10余次", "超10次", "十余次"),
        ("11", "10余次", "超10次", "十余次"),
        ("13", "10余次", "超10次", "十余次"),
        ("19", "10余次", "超10次", "十余次"),
        ("20", REFUSED, REFUSED, REFUSED),
        ("21", "20余次", "超20次", "二十余次"),
        ("38", "30余次", "超30次", "三十余次"),
        ("45", "40余次", "超40次", "四十余次"),
        ("99", "90余次", "超90次", "九十余次"),
        ("100", REFUSED, REFUSED, REFUSED),
        ("101", "100余次", "超100次", "一百余次"),
        ("238", "230余次", "超230次", "二百三十余次"),
        ("999", "990余次", "超990次", "九百九十余次"),
        ("1000", REFUSED, REFUSED, REFUSED),
        ("1010", "1000余次", "超1000次", "一千余次"),
        ("1200", REFUSED, REFUSED, REFUSED),
        ("1234", "1200余次", "超1200次", "一千二百余次"),
        ("9999", "9900余次", "超9900次", "九千九百余次"),
        ("10001", "10000余次", "超10000次", REFUSED),
        ("38646", "38000余次", "超38000次", REFUSED),
        ("59395", "59000余次", "超59000次", REFUSED),
    ],
)
def test_rounded_down(value, above, over, in_words):
    assert said(wording.above(D(value), "次")) == above
    assert said(wording.over(D(value), "次")) == over
    assert said(wording.above_in_words(D(value), "次")) == in_words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("1234", 1, "1000余本"),
        ("1234", 3, "1230余本"),
        ("1230", 3, REFUSED),
        ("238", 1, "200余本"),
        ("238", 3, REFUSED),
        ("38", 1, "30余本"),
    ],
)
def test_the_place_may_be_chosen(value, digits, text):
    assert said(wording.above(D(value), "本", digits=digits)) == text


def test_many_reads_like_above():
    assert said(wording.above(D(138), "人次", word="多", digits=1)) == "100多人次"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9", REFUSED),
        ("10", REFUSED),
        ("31", REFUSED),
        ("19", "近20本"),
        ("37", REFUSED),
        ("38", "近40本"),
        ("94", REFUSED),
        ("95", "近100本"),
        ("101", REFUSED),
        ("104", REFUSED),
        ("105", "近110本"),
        ("238", "近240本"),
        ("1180", "近1200本"),
        ("1199", "近1200本"),
        ("1200", REFUSED),
        ("1201", "近1210本"),
        ("1234", "近1240本"),
        ("1235", "近1300本"),
        ("9999", "近10000本"),
        ("59395", "近60000本"),
    ],
)
def test_nearly_rounds_up_without_overstating(value, text):
    assert said(wording.nearly(D(value), "本")) == text


@given(st.decimals(min_value=0, max_value=10**9, places=1))
def test_approximations_stay_on_their_side(value):
    number = str.maketrans("", "", "近超余多")
    for shown, below in ((wording.above(value), True), (wording.over(value), True), (wording.nearly(value), False)):
        if shown.status == OK:
            printed = D(shown.text.translate(number))
            assert (printed < value) if below else (value < printed <= value / D("0.95"))


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("9999", 1, REFUSED),
        ("10000", 1, "1万人次"),
        ("59395", 1, "5.9万人次"),
        ("59395", 2, "5.94万人次"),
        ("59395", 0, "6万人次"),
        ("59500", 1, "6.0万人次"),
        ("10500", 1, "1.1万人次"),
        ("10449", 1, "1.0万人次"),
        ("60000", 2, "6万人次"),
        ("59999", 2, "6.00万人次"),
        ("125000", 1, "12.5万人次"),
    ],
)
def test_ten_thousands(value, places, text):
    assert said(wording.ten_thousands(D(value), "人次", places=places)) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("100", 1, "100%"),
        ("100.0", 1, "100%"),
        ("99.96", 1, "99.9%"),
        ("99.96", 2, "99.96%"),
        ("99.6", 0, "99%"),
        ("99.94", 1, "99.9%"),
        ("98.5", 1, "98.5%"),
        ("98.46", 1, "98.5%"),
        ("98.45", 1, "98.5%"),
        ("98.44", 1, "98.4%"),
        ("98.04", 1, "98.0%"),
        ("98", 1, "98%"),
        ("0", 1, "0%"),
        ("33.3333333333", 1, "33.3%"),
        ("120", 1, "120%"),
    ],
)
def test_percent(value, places, text):
    assert said(wording.percent(D(value), places=places)) == text


def test_full_coverage_is_exactly_all():
    assert said(wording.full_coverage(D(100))) == "全覆盖"
    assert said(wording.full_coverage(D("99.99"))) == EMPTY


@pytest.mark.parametrize(
    ("value", "previous", "text"),
    [
        ("95.2", "92", "提高3.2个百分点"),
        ("92", "95.2", "下降3.2个百分点"),
        ("95", "92", "提高3个百分点"),
        ("95.34", "92.05", "提高3.2个百分点"),
        ("95.04", "95.01", "持平"),
        ("95.05", "95.04", "提高0.1个百分点"),
        ("5", "0", "提高5个百分点"),
        ("99.96", "99.5", "提高0.4个百分点"),
        ("99.97", "99.91", "持平"),
        ("100", "99.96", "提高0.1个百分点"),
        ("95", None, REFUSED),
    ],
)
def test_points(value, previous, text):
    assert said(wording.points(D(value), previous and D(previous))) == text


@pytest.mark.parametrize(
    ("value", "previous", "text"),
    [
        ("112.5", "100", "增长12.5%"),
        ("90", "80", "增长12.5%"),
        ("70", "80", "下降12.5%"),
        ("110", "100", "增长10%"),
        ("400", "300", "增长33.3%"),
        ("300", "100", "增长200%"),
        ("0", "100", "下降100%"),
        ("100", "100", "持平"),
        ("10004", "10000", "基本持平"),
        ("10005", "10000", "增长0.1%"),
        ("9996", "10000", "基本持平"),
        ("5", "0", REFUSED),
        ("0", "0", REFUSED),
        ("5", None, REFUSED),
    ],
)
def test_year_on_year(value, previous, text):
    assert said(wording.year_on_year(D(value), previous and D(previous))) == text


def test_praise_needs_a_rise():
    assert said(wording.improved(D("90.1"), D(90))) == "有效提升"
    assert said(wording.improved(D(90), D(90))) == EMPTY
    assert said(wording.improved(D(89), D(90))) == EMPTY
    assert said(wording.improved(D(90), None)) == EMPTY


@pytest.mark.parametrize(
    ("rank", "tied", "place", "standing"),
    [
        (None, 0, EMPTY, EMPTY),
        (1, 0, "第1位", "居全区前列"),
        (4, 0, "第4位", "居全区前列"),
        (5, 0, "第5位", "居全区中上水平"),
        (6, 0, "第6位", "居全区中上水平"),
        (7, 0, "第7位", EMPTY),
        (3, 1, "并列第3位", "居全区前列"),
        (4, 1, "并列第4位", "居全区中上水平"),
        (6, 1, "并列第6位", EMPTY),
        (1, 11, "并列第1位", EMPTY),
    ],
)
def test_ranks_and_ties(rank, tied, place, standing):
    front, upper = wording.default_bands(12)
    assert said(wording.rank_place(rank, tied=tied)) == place
    assert said(wording.standing(rank, front=front, upper=upper, tied=tied)) == standing


def test_bands_of_few_townships_praise_nobody():
    assert wording.default_bands(2) == (0, 1)
    assert wording.default_bands(1) == (0, 0)


@pytest.mark.parametrize(
    ("names", "maximum", "text"),
    [
        ([], None, EMPTY),
        (["", "  "], None, EMPTY),
        (["清源"], None, "清源"),
        (["清源", "净网", "护苗"], None, "清源、净网、护苗"),
        (["清源", "净网", "护苗"], 3, "清源、净网、护苗"),
        (["清源", "净网", "护苗", "秋风"], 3, "清源、净网、护苗等"),
        (["清源", "净网"], 1, "清源等"),
        (["《甲》", "《乙》", "《丙》"], None, "《甲》《乙》《丙》"),
        (["《甲》", "《乙》", "《丙》"], 2, "《甲》《乙》等"),
        (["“甲”", "“乙”"], None, "“甲”“乙”"),
        (["《甲》", "“乙”"], None, "《甲》、“乙”"),
        (["《甲》第三卷", "《乙》"], None, "《甲》第三卷、《乙》"),
        (["“甲”行动", "“乙”行动"], None, "“甲”行动、“乙”行动"),
        ([" 清源； ", "净网。"], None, "清源、净网"),
    ],
)
def test_join_list(names, maximum, text):
    assert said(wording.join_list(names, maximum=maximum)) == text


def test_join_detailed():
    items = (
        Item("《甲》", D(120), "册"),
        Item("《乙》"),
        Item("全国卫生城镇", recipient="青云镇"),
        Item("文明村", D(2), "个", "甲村、乙村"),
        Item(""),
    )
    assert said(wording.join_detailed(items)) == "《甲》（120册）、《乙》、全国卫生城镇（青云镇）、文明村（甲村、乙村，2个）"
    assert said(wording.join_detailed(items, maximum=1)) == "《甲》（120册）等"
    assert said(wording.join_detailed(())) == EMPTY


@pytest.mark.parametrize(
    ("threshold", "maximum", "text"),
    [
        ("60", None, "丙村、甲村、丁村"),
        ("60", 2, "丙村、甲村等"),
        ("60.1", None, "丙村、甲村、丁村、乙村"),
        ("40", None, "丙村"),
        ("10", None, EMPTY),
    ],
)
def test_laggards(threshold, maximum, text):
    rates = [("甲村", D(40)), ("乙村", D(60)), ("丙村", D(10)), ("丁村", D(40)), ("戊村", None)]
    assert said(wording.laggards(rates, threshold=D(threshold), maximum=maximum)) == text


def test_item_counts():
    assert said(wording.item_count(5)) == "5个"
    assert said(wording.item_count(0)) == EMPTY
    assert said(wording.item_count_in_words(5, "项")) == "五项"
    assert said(wording.item_count_in_words(2, "项")) == "两项"
    assert said(wording.item_count_in_words(12, "项")) == "十二项"
    assert said(wording.item_count_in_words(5)) == "五"
    assert said(wording.item_count_in_words(0)) == EMPTY
    assert said(wording.item_count_in_words(99)) == "九十九"
    assert said(wording.item_count_in_words(100)) == REFUSED


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1005, "一千零五"),
        (1010, "一千零一十"),
        (1200, "一千二百"),
        (9999, "九千九百九十九"),
    ],
)
def test_chinese_numerals(number, text):
    assert wording.chinese(number) == text


@pytest.mark.parametrize("number", [-1, 10000])
def test_chinese_numerals_end(number):
    with pytest.raises(ValueError):
        wording.chinese(number)


def test_dates():
    day = date(2025, 3, 5)
    assert wording.full_date(day) == "2025年3月5日"
    assert wording.date_range(day, day) == "2025年3月5日"
    assert wording.date_range(date(2011, 2, 3), date(2011, 2, 10)) == "2011年2月3日—10日"
    assert wording.date_range(day, date(2025, 4, 1)) == "2025年3月5日—4月1日"
    assert wording.date_range(day, date(2026, 3, 5)) == "2025年3月5日—2026年3月5日"
    with pytest.raises(ValueError):
        wording.date_range(date(2026, 1, 1), day)
    assert wording.year_range(2016, 2020) == "2016—2020年"
    assert wording.year_range(2020, 2020) == "2020年"


# The registry

ITEMS = tuple(Item(name) for name in ("清源", "净网", "护苗"))
LEADERS = (("青云镇", D(9)), ("白石镇", D(7)), ("云溪镇", D(5)), ("石埠镇", D(3)))
EXAMPLES = {
    "数": Material(FigureKind.COUNT, "人次", value=D(59395)),
    "纯数": Material(FigureKind.COUNT, "人次", value=D(59395)),
    "余": Material(FigureKind.COUNT, "本", value=D(1234)),
    "多": Material(FigureKind.COUNT, "人次", value=D(101)),
    "近": Material(FigureKind.COUNT, "本", value=D(1180)),
    "超": Material(FigureKind.COUNT, "本", value=D(1234)),
    "突破": Material(FigureKind.COUNT, "本", value=D(1234)),
    "以上": Material(FigureKind.COUNT, "本", value=D(1234)),
    "约": Material(FigureKind.COUNT, "本", value=D(1234)),
    "十余": Material(FigureKind.COUNT, "次", value=D(13)),
    "万": Material(FigureKind.COUNT, "人次", value=D(59395)),
    "%": Material(FigureKind.RATIO, "%", 1, value=D("98.46")),
    "百分点": Material(FigureKind.RATIO, "%", 1, value=D("95.2"), previous=D(92)),
    "全覆盖": Material(FigureKind.RATIO, "%", 1, value=D(100)),
    "同比": Material(FigureKind.COUNT, "篇", value=D(90), previous=D(80)),
    "提升": Material(FigureKind.STOCK, "分", 1, value=D(91), previous=D(90)),
    "名次": Material(FigureKind.RANK, rank=3, front=4, upper=6),
    "位次评价": Material(FigureKind.RANK, rank=3, front=4, upper=6),
    "位次": Material(FigureKind.RANK, rank=3, front=4, upper=6),
    "列表": Material(FigureKind.LIST, items=ITEMS),
    "列表详": Material(FigureKind.LIST, items=(Item("全国卫生城镇", recipient="甲镇"),)),
    "项数": Material(FigureKind.LIST, items=ITEMS + ITEMS[:2]),
    "中文项数": Material(FigureKind.LIST, items=ITEMS + ITEMS[:2]),
    "中文数": Material(FigureKind.LIST, items=ITEMS + ITEMS[:2]),
    "期数": Material(FigureKind.SERIAL, "期", value=D(12)),
    "月份": Material(FigureKind.COUNT, "次", period=Period(2026, 1, 11)),
    "日期": Material(FigureKind.STOCK, "家", period=Period(2026, 1, 10, as_of=True)),
    "欠佳名单": Material(FigureKind.RATIO, "%", 1, rates=(("乙社区", D(50)), ("甲村", D(40))), threshold=D(60)),
    "前列名单": Material(FigureKind.COUNT, "次", rates=LEADERS),
    "后列名单": Material(FigureKind.COUNT, "次", rates=tuple((name, -value) for name, value in LEADERS)),
    "属地列表": Material(FigureKind.LIST, items=(Item("晚霞读报班", owners=("青云镇",)),)),
    "目标": Material(FigureKind.COUNT, "次", value=D(11), target=D(12)),
    "完成率": Material(FigureKind.COUNT, "次", value=D(11), target=D(12)),
    "完成情况": Material(FigureKind.COUNT, "次", value=D(12), target=D(12)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_prints_its_example(name):
    known = FORMATS[name]
    assert said(show(name, EXAMPLES[name])) == known.example
    assert str(known.description)


@pytest.mark.parametrize("kind", FigureKind)
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_refused_outside_its_kinds(name, kind):
    shown = show(name, Material(kind))
    if kind not in FORMATS[name].kinds:
        assert "does not suit" in shown.reason
    else:
        assert "does not suit" not in shown.reason


@pytest.mark.parametrize(
    ("text", "material", "expected"),
    [
        ("", EXAMPLES["余"], "1234本"),
        ("本", EXAMPLES["余"], "1234本"),
        ("数", EXAMPLES["余"], "1234本"),
        (" 余 ", EXAMPLES["余"], "1200余本"),
        ("余1", EXAMPLES["余"], "1000余本"),
        ("余４", EXAMPLES["余"], REFUSED),
        ("余0", EXAMPLES["余"], REFUSED),
        ("册", EXAMPLES["余"], REFUSED),
        ("本1", EXAMPLES["余"], REFUSED),
        ("万", EXAMPLES["余"], REFUSED),
        ("万2", EXAMPLES["万"], "5.94万人次"),
        ("万5", EXAMPLES["万"], REFUSED),
        ("", EXAMPLES["%"], "98.5%"),
        ("％", EXAMPLES["%"], "98.5%"),
        ("%2", EXAMPLES["%"], "98.46%"),
        ("%0", EXAMPLES["%"], "98%"),
        ("纯数", EXAMPLES["%"], "98.5"),
        ("同比", EXAMPLES["%"], REFUSED),
        ("百分点", EXAMPLES["同比"], REFUSED),
        ("同比0", EXAMPLES["同比"], "增长13%"),
        ("余", EXAMPLES["%"], REFUSED),
        ("余", EXAMPLES["期数"], REFUSED),
        ("", EXAMPLES["期数"], "12期"),
        ("列表2", EXAMPLES["列表"], "清源、净网等"),
        ("列表0", EXAMPLES["列表"], REFUSED),
        ("", EXAMPLES["列表"], REFUSED),
        ("列表", Material(FigureKind.LIST, items=()), EMPTY),
        ("项数", Material(FigureKind.LIST, items=()), EMPTY),
        ("中文数", Material(FigureKind.COUNT, "个", value=D(5)), "五"),
        ("中文项数", Material(FigureKind.COUNT, "个", value=D(5)), "五个"),
        ("中文数", Material(FigureKind.COUNT, "个", value=D(0)), REFUSED),
        ("中文数", Material(FigureKind.COUNT, "小时", 1, value=D("2.5")), REFUSED),
        ("欠佳名单1", EXAMPLES["欠佳名单"], "甲村等"),
        ("月份", Material(FigureKind.LIST, period=Period(2026, 11, 11)), "11月"),
        ("月份", Material(FigureKind.COUNT, period=Period(2026, 1, 12)), "1—12月"),
        ("", Material(FigureKind.AVERAGE, "分", 1, value=D(10) / 3), "3.3分"),
        ("", Material(FigureKind.COUNT, "次"), REFUSED),
        ("名次", Material(FigureKind.RANK), EMPTY),
        ("位次评价", Material(FigureKind.RANK), EMPTY),
        ("位次评价", Material(FigureKind.RANK, rank=3, front=4, upper=6, district="县"), "居全县前列"),
        ("位次评价", Material(FigureKind.RANK, rank=5, front=4, upper=6, district="旗"), "居全旗中上水平"),
        ("位次", Material(FigureKind.RANK), EMPTY),
        ("位次", Material(FigureKind.RANK, rank=3, tied=1, front=4, upper=6, district="县"), "以并列第3位居全县前列"),
        ("位次", Material(FigureKind.RANK, rank=7, front=4, upper=6, district="县"), "列全县第7位"),
        ("胡", EXAMPLES["列表"], REFUSED),
    ],
)
def test_show(text, material, expected):
    assert said(show(text, material)) == expected


def test_a_neighbouring_measure_word_is_another_figure():
    with pytest.raises(FormatError, match="家"):
        find_format("家次", measure="家")
    assert find_format("家次", measure="家次")[0].name == "数"


def test_refusal_names_what_is_legal():
    reason = show("同比", EXAMPLES["%"]).reason
    assert "百分点" in reason
    assert "a percentage" in reason


def test_every_kind_has_formats_and_every_aggregation_a_kind():
    assert all(legal_formats(kind) for kind in FigureKind)
    assert kind_of("avg", "%") == kind_of("ratio", "%") == FigureKind.RATIO
    assert kind_of("ratio", "人次/次") == FigureKind.AVERAGE
    assert kind_of("sum", "次") == kind_of("distinct_ytd", "人") == FigureKind.COUNT
    assert kind_of("max", "期") == FigureKind.SERIAL


@given(
    st.text(max_size=6),
    st.sampled_from(sorted(FigureKind)),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12),
)
def test_show_never_raises(text, kind, value):
    material = Material(kind, "次", 1, Period(2026, 1, 3), value, value, ITEMS, 1, rates=(), threshold=D(60))
    for format_text in (text, *FORMATS):
        assert show(format_text, material).status in (OK, EMPTY, REFUSED)
