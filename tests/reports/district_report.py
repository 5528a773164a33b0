"""The district's own report for tests of people and pages: words and a plan, no figure of the district."""

from reports import services
from reports.choices import BlockKind
from reports.models import Block, Report

SETTINGS = {
    "front_rank_share": "0.34", "lagging_share": "0.60", "lagging_most": "3", "volunteer_target_share": "10",
    "population_kind": "household", "volunteer_standard_hours": "25",
}  # fmt: skip
BLOCKS = (
    ("work", BlockKind.HEADING, 1, "工作开展情况"),
    ("opening", BlockKind.PARAGRAPH, 0, "全区各项工作有序推进。"),
    ("plan", BlockKind.PLAN, 0, "继续抓好各项工作。"),
)


def make_district_report(world, year=2025) -> Report:
    """Make a draft of the reviewer's."""
    report = Report.objects.create(
        unit=world.district, year=year, title="全区工作总结", addressee="区委：", signature="区委宣传部",
        created_by=world.reviewer, settings_copy=SETTINGS, cutoff_month=12,
    )  # fmt: skip
    Block.objects.bulk_create(
        Block(report=report, key=key, order=order, kind=kind, level=level, text=text, is_optional=key == "opening")
        for order, (key, kind, level, text) in enumerate(BLOCKS)
    )
    return now(report)


def now(report: Report) -> Report:
    """Return the report as it is stored."""
    return Report.objects.select_related("unit__parent", "submitted_by", "approved_by").get(pk=report.pk)


def edited(user, report: Report, text: str, key="opening") -> Block:
    """Save another text in a block."""
    block = report.blocks.get(key=key)
    return services.save_block(by=user, block=block, text=text, base_version=block.version)


def submitted(world, report: Report) -> Report:
    """Submit it as the reviewer."""
    services.submit_report(by=world.reviewer, report=report)
    return now(report)


def approved(world, report: Report) -> Report:
    """Submit it as the reviewer, approve it as the administrator."""
    services.approve_report(by=world.admin, report=submitted(world, report))
    return now(report)
