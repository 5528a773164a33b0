"""Every kind of figure in every format, every period, list and evaluative sentence, bound to approved figures and printed."""

# ruff: noqa: E501

from datetime import date
from decimal import Decimal

import pytest

from metrics.models import Figure, Highlight, NamedList
from metrics.periods import AS_OF, FIXED_MONTHS, LAST_YEAR, PERIOD_WORDS, WHOLE_YEAR, YEAR_TO_DATE
from metrics.services import TargetInput, save_targets
from reports import services
from reports.assembly import assemble, build_block, load_binder, settled_figures
from reports.figure_kinds import FigureKind, kind_of
from reports.formats import legal_formats
from reports.models import Block, Report
from reports.plan_binding import PLAN_WORDS
from reports.plan_items import PlanInput
from reports.render.docx import render_docx
from reports.render.json import render_json
from reports.services.settling import settle_blocks
from reports.tokens import AGGREGATES, tokens_of
from tests.factories import make_item
from tests.reports.full_report import put_in
from tests.reports.office_reading import json_words, squeezed, word_text
from tests.reports.test_district_report import district_report
from tests.reports.world import LIST_ITEMS, change_figure, lasting

pytestmark = pytest.mark.django_db
COUNT, STOCK, AVERAGE, RATIO = FigureKind.COUNT, FigureKind.STOCK, FigureKind.AVERAGE, FigureKind.RATIO
SERIAL, PARAM, RANK, LIST = FigureKind.SERIAL, FigureKind.PARAM, FigureKind.RANK, FigureKind.LIST
# Approved figures of October (year, code, value) over those of the world, so that each format has a number that suits it.
FIGURES = (
    (2026, "ideology_study_book_count", 59377), (2025, "ideology_study_book_count", 49991),
    (2026, "culture_entertainment_event_count", 5), (2026, "apip_cultural_venue_total", 1187),
    (2025, "apip_cultural_venue_total", 1250), (2026, "xuexi_target_users", 59395), (2026, "xuexi_activity_rate", 95),
    (2026, "ideology_winter_training_attended", 96), (2026, "ideology_party_member_total", 100),
    (2026, "opinion_report_adoption_points", 22), (2026, "civ_visit_group_count", 22), (2026, "civ_civilization_index", 92), (2025, "ideology_study_session_count", 41),
)  # fmt: skip
PLANNED = PlanInput(
    measure="开展中心组专题学习", code="ideology_study_session_count", amount=Decimal(24), due_date=date(2027, 12, 31)
)
BY_VILLAGE = (
    ("vol_qualified_person_count", "东村", 1),
    ("vol_household_population", "西村", 10),
    ("vol_service_hours", "东村", 12346),
)
TARGETS = {
    "ideology_study_book_count": "60000", "apip_cultural_venue_total": "1000", "opinion_points_per_report": "2.5",
    "ideology_winter_training_coverage_rate": "95", "vol_series_issue_no_audio": "20",
}  # fmt: skip
MONTHS, DAY = "1—10月", "2026年10月31日"
# kind -> name, format -> what it prints of 今年以来; where another figure suits the format, its name comes first.
WRITTEN = {
    COUNT: ("购发学习书籍", {
        "数": "59395本", "纯数": "59395", "余": "59000余本", "多": "59000多本", "近": "近60000本", "超": "超59000本", "突破": "突破59000本",
        "以上": "59000本以上", "约": "约59000本", "万": "5.9万本", "同比": "增长18.8%", "提升": "有效提升", "目标": "60000本",
        "完成率": "99.0%", "完成情况": "推进", "月份": MONTHS, "日期": DAY, "十余": ("节日文娱活动", "二十余次"),
        "中文项数": ("节日文娱活动", "二十三次"), "中文数": ("节日文娱活动", "二十三"), "欠佳名单": ("达标志愿者", "东村"),
        "前列名单": ("志愿服务时长", "东村", 1), "后列名单": ("达标志愿者", "东村", 1),
    }),
    STOCK: ("文化经营单位", {
        "数": "1187家", "纯数": "1187", "余": "1100余家", "多": "1100多家", "近": "近1200家", "超": "超1100家", "突破": "突破1100家",
        "以上": "1100家以上", "约": "约1200家", "十余": "一千一百余家", "同比": "下降5.0%", "目标": "1000家", "完成率": "118.7%",
        "完成情况": "完成", "月份": MONTHS, "日期": DAY, "万": ("学习强国应注册", "5.9万人"), "提升": ("学习强国应注册", "有效提升"),
        "欠佳名单": ("户籍人口", "西村"), "前列名单": ("户籍人口", "东村、南社区", 2), "后列名单": ("户籍人口", "西村", 1),
    }),
    AVERAGE: ("篇均录用分", {
        "数": "2分/篇", "纯数": "2", "提升": "有效提升", "目标": "2.5分/篇", "完成率": "80%", "完成情况": "推进", "月份": MONTHS, "日期": DAY,
    }),
    RATIO: ("党员冬训覆盖率", {
        "数": "96%", "纯数": "96", "%": "96%", "百分点": "提高86个百分点", "提升": "有效提升", "目标": "95%", "完成率": "101.1%",
        "完成情况": "完成", "月份": MONTHS, "日期": DAY, "全覆盖": ("舆情录用率", "全覆盖"), "欠佳名单": ("达标志愿者占比", "东村"),
        "前列名单": ("达标志愿者占比", "西村", 1), "后列名单": ("达标志愿者占比", "东村", 1),
    }),
    SERIAL: ("听书专栏期号", {
        "数": "11期", "纯数": "11", "期数": "11期", "目标": "20期", "完成率": "55%", "完成情况": "推进", "月份": MONTHS, "日期": DAY,
    }),
    PARAM: ("人均达标时长", {"数": "25小时", "纯数": "25", "月份": MONTHS, "日期": DAY}),
    RANK: ("活跃度排名", {"名次": "第1位", "位次评价": "居全区前列", "位次": "以第1位居全区前列", "月份": MONTHS, "日期": DAY}),
    LIST: ("荣誉", {
        "列表": "甲项、《乙项》《丙项》", "列表详": "甲项（甲村，12人）、《乙项》《丙项》", "项数": "3个", "中文项数": "三项", "中文数": "三",
        "月份": MONTHS, "日期": ("志愿服务品牌", "2026年3月5日"),
    }),
}  # fmt: skip
# What names townships: a mean has no villages, and in a township's own report everything is its own.
OF_THE_DISTRICT = {
    (AVERAGE, "前列名单"): ("【篇均录用分|今年以来|前列名单1】", "青云镇"),
    (AVERAGE, "后列名单"): ("【平均每团人次|今年以来|后列名单1】", "青云镇"),
    (LIST, "属地列表"): ("【志愿服务品牌|今年以来|属地列表】", "青云镇“志愿红”"),
}
# period word -> what 党员远程教育, two a month and one a month the year before, prints in a report up to October
PERIODS = {
    "今年以来": "20次", "今年": "20次", "本年累计": "20次", "目前": "20次", "截至目前": "20次", "上年": "10次", "上年同期": "10次",
    "去年同期": "10次", "上半年": "12次", "一季度": "6次", "二季度": "6次", "三季度": "6次", "1—10月": "20次", "9月": "2次",
    "从4月起": "14次", "截至9月底": "18次", "上年1—9月": "9次",
}  # fmt: skip
# and in one of the whole year before
OF_A_WHOLE_YEAR = {"全年": "12次", "下半年": "6次", "四季度": "3次", "今年以来": "12次"}
TOGETHER = {"【出动检查人员|1—10月|人次|月均】": "2人次", "【购发学习书籍|今年以来|月份|最高月】": "10月",
            "【购发学习书籍|今年以来|本|最高月】": "59377本", "【志愿服务时长|今年以来|万1|东村】": "1.2万小时"}  # fmt: skip
# Sentences of the source document whose claim rests on figures: what prints, "" where the figures do not bear it out.
SENTENCES = {
    "其中【达标志愿者占比|目前|欠佳名单】完成情况欠佳。": "其中东村完成情况欠佳。",
    "其中【学习强国覆盖率|目前|欠佳名单】完成情况欠佳。": "",
    "目前学习强国活跃度【活跃度排名|目前|位次评价】。": "目前学习强国活跃度居全区前列。",
    "目前学习强国活跃度【活跃度排名|目前|位次】。": "目前学习强国活跃度以第1位居全区前列。",
    "有效促使党员冬训覆盖率达【党员冬训覆盖率|今年以来|%】。": "有效促使党员冬训覆盖率达96%。",
    "党员冬训【党员冬训覆盖率|今年以来|全覆盖】。": "",
    "舆情录用【舆情录用率|今年以来|全覆盖】。": "舆情录用全覆盖。",
    "全镇文明指数【文明指数|目前|提升】。": "",
    "应注册人数【学习强国应注册|目前|提升】。": "应注册人数有效提升。",
    "学习次数【中心组专题学习|今年以来|同比】。": "学习次数下降60%。",
    "形成【工作机制|今年以来|列表】。": "形成甲项、《乙项》《丙项》。",
    "今年【党员冬训覆盖率|1—3月|月份】开展冬训。": "今年1—3月开展冬训。",
    "从4月起，报送通讯稿【报送通讯稿|从4月起|篇】。": "从4月起，报送通讯稿14篇。",
    "累计检查印刷企业【检查印刷企业|今年以来|家】。": "累计检查印刷企业11家。",
    "开展了为期【专项服务天数|今年以来|天】的服务。": "开展了为期20天的服务。",
    "听书专栏更新至【听书专栏期号|目前|期数】。": "听书专栏更新至11期。",
    "【志愿服务品牌|今年以来|日期】，启动【志愿服务品牌|今年以来|列表】。": "2026年3月5日，启动“志愿红”。",
    "骨干力量拟由【服务队骨干来源|今年以来|列表】担任。": "骨干力量拟由甲项、《乙项》《丙项》担任。",
}  # fmt: skip


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker, townships=4) as world:
        for year, code, value in FIGURES:
            change_figure(world, code, value, year=year)
        for code, village, value in BY_VILLAGE:
            rows = Figure.objects.filter(monthly_return__year=2026, monthly_return__month=10, indicator__code=code)
            rows.filter(unit__name=village).update(value=value, raw=str(value))
        Highlight.objects.filter(unit=world.town, date_from__year=2026, named_list__code="list_vol_brand").delete()
        make_item(world.town, NamedList.objects.get(code="list_vol_brand"), "“志愿红”", 2026, date_from=date(2026, 3, 5))
        honour = Highlight.objects.filter(unit=world.town, date_from__year=2026, named_list__code="list_honour").first()
        Highlight.objects.filter(pk=honour.pk).update(recipient="甲村", quantity=12, quantity_measure="人")
        inputs = [TargetInput(world.town.pk, code, value) for code, value in TARGETS.items()]
        save_targets(by=world.admin, district=world.district, year=2026, inputs=inputs)
        yield world


@pytest.fixture
def report(world):
    return services.create_report(by=world.clerk, unit=world.town, year=2026)


def tokens_written() -> list[tuple[FigureKind, str, str]]:
    """Return (kind, token, what it prints) of the table."""
    found = []
    for kind, (name, formats) in WRITTEN.items():
        for format_, printed in formats.items():
            figure, words, *most = printed if isinstance(printed, tuple) else (name, printed)
            found.append((kind, f"【{figure}|今年以来|{format_}{''.join(map(str, most))}】", words))
    return found


def printed_lines(world, report, lines: list[str]) -> list[str]:
    """Write lines into a report as one paragraph and return those that print, as every format has them."""
    block = put_in(world, report, "paragraph", "\n".join(lines))
    assembled = assemble(Report.objects.select_related("unit__parent").get(pk=report.pk))
    assert [fault.reason for fault in assembled.problems if fault.block_key == block.key] == []
    blocks = tuple(row for row in assembled.document.blocks if row.key.partition("~")[0] == block.key)
    document = type(assembled.document)(**{**vars(assembled.document), "blocks": blocks, "annexes": ()})
    texts = [row.text for row in blocks]
    assert json_words(render_json(document)) == [squeezed(text) for text in texts]
    assert squeezed("".join(texts)) in word_text(render_docx(document)[0])
    return texts


def test_the_table_has_every_format_of_every_kind():
    found = {(kind, name) for kind, (_name, formats) in WRITTEN.items() for name in formats} | set(OF_THE_DISTRICT)
    assert found == {(kind, row.name) for kind in FigureKind for row in legal_formats(kind)}


def test_every_name_of_the_table_is_of_its_kind(world, report):
    binder = load_binder(report)
    for kind, token, _words in tokens_written():
        (read,) = tokens_of(token)
        indicator = binder.indicator_of(read.name)
        found = LIST if indicator is None else kind_of(indicator.aggregation, indicator.measure)
        assert found == kind, token


def test_every_format_of_every_kind_prints(world, report):
    rows = tokens_written()
    lines = [f"其中{token}。" for _kind, token, _words in rows]
    assert printed_lines(world, report, lines) == [f"其中{words}。" for _kind, _token, words in rows]


def test_every_period_prints(world, report):
    words = {*PERIOD_WORDS, *YEAR_TO_DATE, *AS_OF, *LAST_YEAR, *WHOLE_YEAR, *FIXED_MONTHS}
    assert words <= {*PERIODS, *OF_A_WHOLE_YEAR}
    lines = [f"开展【党员远程教育|{word}|次】。" for word in PERIODS]
    assert printed_lines(world, report, lines) == [f"开展{shown}。" for shown in PERIODS.values()]
    last_year = services.create_report(by=world.clerk, unit=world.town, year=2025)
    lines = [f"开展【党员远程教育|{word}|次】。" for word in OF_A_WHOLE_YEAR]
    assert printed_lines(world, last_year, lines) == [f"开展{shown}。" for shown in OF_A_WHOLE_YEAR.values()]


def test_every_word_for_the_plan_prints(world, report):
    block = report.blocks.get(key="s2.1")
    services.add_plan_item(by=world.clerk, report=report, block=block, typed=PLANNED)
    lines = [f"计划开展【中心组专题学习|{word}|次】。" for word in PLAN_WORDS]
    assert printed_lines(world, report, lines) == ["计划开展24次。"] * len(PLAN_WORDS)


def test_months_taken_together_and_a_village_print(world, report):
    assert {token.rpartition("|")[2].rstrip("】") for token in TOGETHER} >= set(AGGREGATES)
    assert printed_lines(world, report, [f"其中{token}。" for token in TOGETHER]) == [
        f"其中{shown}。" for shown in TOGETHER.values()
    ]


def test_the_district_prints_once_all_townships_are_approved(world, report):
    block = put_in(world, report, "paragraph", "全区学习【中心组专题学习|今年以来|次|全区】。")
    row = report.bound_figures.get(block=block)
    assert (row.status, row.shown) == ("ok", "80次")


@pytest.mark.parametrize("key", OF_THE_DISTRICT, ids=lambda key: key[1])
def test_what_the_district_alone_can_say_prints_in_its_report(world, key):
    token, printed = OF_THE_DISTRICT[key]
    block = Block.objects.create(report=district_report(world), key="extra", order=15, kind="paragraph", text=f"其中{token}。")
    settle_blocks([block], load_binder(block.report))
    assert [row.text for row in build_block(block, settled_figures(block.report)[block.pk])[0]] == [f"其中{printed}。"]


def test_every_named_list_of_the_catalogue_prints_in_both_ways(world, report):
    names = list(NamedList.objects.exclude(code="list_vol_brand").values_list("name", flat=True))
    assert len(names) >= 29
    lines = [f"包括【{name}|今年以来|列表】。" for name in names]
    assert printed_lines(world, report, lines) == ["包括甲项、《乙项》《丙项》。"] * len(names)
    numbered = put_in(world, report, "list", "如下：", spec={"list": "list_honour", "period": "今年以来", "style": "numbered"})
    shown = [
        row.number + row.text.removeprefix(row.number)
        for row in assemble(report).document.blocks
        if row.key.startswith(numbered.key)
    ]
    assert shown == ["如下：", "1.甲项；", "2.《乙项》；", "3.《丙项》。"]
    assert LIST_ITEMS == ("甲项", "《乙项》", "《丙项》")


def test_every_evaluative_sentence_prints_where_the_figures_bear_it_out_and_nowhere_else(world, report):
    assert printed_lines(world, report, list(SENTENCES)) == [text for text in SENTENCES.values() if text]
    assert "" in SENTENCES.values()
