"""A township's real report with a block of every kind in it, made by the services that the pages call."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from reports import services
from reports.models import Block, Report
from reports.plan_items import PlanInput

SESSIONS, BOOKS, HONOURS = "ideology_study_session_count", "ideology_study_book_count", "list_honour"
TABLE = {"rows": "months", "indicators": [SESSIONS, BOOKS], "columns": ["value"], "period": "一季度"}
LINES = {"rows": "indicators", "indicators": [SESSIONS, BOOKS], "columns": ["value", "change"], "period": "今年以来"}
CHART = {"rows": "months", "indicators": [SESSIONS], "columns": ["value"], "period": "上半年"}
LIST = {"list": HONOURS, "period": "今年以来"}
# kind, text, what else the block has; in the order in which they stand behind the opening.
BLOCKS = (
    ("heading", "〖2〗号专题：补充情况", {"level": 1}),
    ("paragraph", "学习【中心组专题学习|今年以来|次】，见《〖2025〗年意见》。\n另起一行，发书【购发学习书籍|今年以来|本】。", {}),
    ("paragraph", "其中，东村服务【志愿服务时长|今年以来|小时|东村】，开展活动【村站志愿活动|今年以来|场|东村】。", {}),
    ("item", "发书【购发学习书籍|今年以来|本】。", {"lead": "办好〖10〗件实事。"}),
    ("table", "一季度学习情况（〖2025〗版）", {"spec": TABLE}),
    ("table", "全年学习情况", {"spec": LINES}),
    ("chart", "学习次数〖1〗", {"spec": CHART | {"chart": "bar"}}),
    ("chart", "学习走势", {"spec": CHART | {"chart": "line"}}),
    ("chart", "各月构成", {"spec": CHART | {"chart": "pie"}}),
    ("list", "获得荣誉：", {"spec": LIST | {"style": "numbered"}}),
    ("list", "获得", {"spec": LIST | {"style": "names"}}),
    ("list", "先后获得", {"spec": LIST | {"style": "detailed"}}),
)  # fmt: skip
PLANNED = PlanInput(
    measure="开展中心组专题学习",
    code=SESSIONS,
    amount=Decimal(12),
    lead_unit="党政办公室",
    due_date=date(2026, 11, 30),
    note="按季通报",
)


def put_in(world, report: Report, kind: str, text: str, *, lead=None, spec=None, after="opening", **options) -> Block:
    """Put a block in behind another one and write it."""
    block = services.insert_block(by=world.clerk, report=report, kind=kind, after=after, **options)
    return services.save_block(by=world.clerk, block=block, text=text, lead=lead, spec=spec, base_version=block.version)


def make_full_report(world, year: int = 2025) -> Report:
    """Create a year's report and put every kind of block in, a plan item among them."""
    report, after = services.create_report(by=world.clerk, unit=world.town, year=year), "opening"
    for kind, text, options in BLOCKS:
        after = put_in(world, report, kind, text, after=after, **options).key
    put_in(world, report, "annex", "媒体录用情况（〖3〗级）", annex="media_matrix")
    services.add_plan_item(by=world.clerk, report=report, block=report.blocks.get(key="s2.1"), typed=PLANNED)
    return Report.objects.select_related("unit__parent").get(pk=report.pk)
