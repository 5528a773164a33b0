"""Which column of a file fills which field: by what the township's files said before, by label, by the words people use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import override

from metrics.ledger_forms import folded
from metrics.ledgers import LedgerKind
from metrics.workbooks.reading import ReadSheet, SheetRow

FILE_LANGUAGE = "zh-hans"  # what stands in files is Chinese, whatever language the page is in
LOOKED_AT = 15  # rows among which the head is looked for
MOST_HEAD = 80  # characters of a head that are kept
EXAMPLE_MARKS = ("（示例）", "(示例)", "示例：", "示例:")
CLOSING_WORDS = ("合计", "小计", "总计", "累计")
CLOSING_STARTS = ("填表人", "填报人", "单位负责人", "统计负责人", "审核人", "注：", "注:", "说明：", "说明:")
BRACKETS = re.compile(r"[（(][^（）()]*[)）]|[*＊:：]")

WORDS = {
    "date": "日期 时间 活动日期 活动时间 开展日期 开展时间 刊发日期 发布日期 检查日期 检查时间 成立日期 成立时间 开始日期",
    "date_from": "日期 时间 开始日期 起始日期 起 获得日期 印发日期",
    "date_to": "结束日期 截止日期 止 至",
    "name": "名称 活动名称 主题 标题 题目 稿件标题 内容 活动内容 学习内容 检查名称 队伍名称 行动名称 事项 事项名称",
    "place": "地点 活动地点 地址 场所 举办地点 检查地点",
    "kind": "类别 类型 种类 活动类别 检查类型 活动类型",
    "organiser": "主办单位 组织单位 承办单位 主办",
    "speeches": "交流发言 发言人次 交流发言人次",
    "attendees": "参加人次 参加人数 参学人次 参会人数 人次 人数",
    "copies": "册数 书籍册数 发放册数 数量",
    "channel": "渠道 发布渠道 平台类别",
    "level": "级别 媒体级别 层级 来访级别",
    "medium": "介质 载体 媒体类型 媒介",
    "outlet": "媒体名称 媒体 刊发媒体 刊登媒体 录用媒体 平台",
    "is_joint": "联合报送 是否联合 联合稿件 联合",
    "link": "链接 网址 稿件链接",
    "is_booked": "预约 是否预约",
    "groups": "批次 团数 批数",
    "person_times": "人次 参观人次 人数 参加人次",
    "campaign": "专项行动 行动名称",
    "venue_kind": "场所类别 场所类型",
    "premises": "检查单位 单位名称 被检查单位 场所名称 企业名称",
    "visits": "家次 检查家次",
    "inspectors": "出动人次 检查人次 执法人次 出动人数",
    "seized": "收缴 收缴数 收缴册数",
    "destroyed": "销毁 销毁数 销毁册数",
    "village": "村 村社区 村（社区） 所属村 村名 村居",
    "participants": "参与人次 参加人次 参与人数 人次 人数 志愿者人数",
    "hours": "时长 服务时长 小时 志愿服务时长 服务时间",
    "series": "系列 栏目",
    "issue_number": "期数 期号 站点序号 站次",
    "status": "状态 成立情况",
    "event": "成立活动 成立仪式",
    "backbone": "骨干单位 骨干力量",
    "recruited": "招募人数 招募志愿者",
    "channels": "招募渠道",
    "named_list": "清单 事项类别 列表",
    "note": "备注 说明 附注",
}


@dataclass(frozen=True)
class Target:
    """A field that a column may fill; `label` is its name in files."""

    name: str
    label: str
    is_required: bool
    words: tuple[str, ...]


def targets_of(kind: LedgerKind) -> tuple[Target, ...]:
    """Return the fields of a ledger in the order of its columns."""
    with override(FILE_LANGUAGE):
        return tuple(
            Target(name, str(kind.field(name).verbose_name), not kind.field(name).blank, tuple(WORDS.get(name, "").split()))
            for name in kind.columns
        )


def folded_head(head: str) -> str:
    """Return a head as heads are compared: folded, at most as long as it is remembered."""
    return folded(head)[:MOST_HEAD]


def match_heads(heads: tuple[str, ...], targets: tuple[Target, ...], memory: dict[str, str]) -> dict[str, int]:
    """Return field -> place of its column, from 0. `memory` maps folded heads to fields; a field of "" means: leave it out.

    First what was matched before, then labels, then words, then both without what stands in brackets; each column once.
    """
    found: dict[str, int] = {}
    names = {target.name for target in targets}
    taken = {place for place, head in enumerate(heads) if memory.get(folded_head(head)) == ""}
    for place, head in enumerate(heads):
        field = memory.get(folded_head(head))
        if field in names and field not in found:
            found[field] = place
            taken.add(place)
    for known, simplified in ((_labels, False), (_words, False), (_labels, True), (_words, True)):
        _match(found, taken, heads, targets, known, simplified)
    return found


def _labels(target: Target) -> tuple[str, ...]:
    return target.label, target.name


def _words(target: Target) -> tuple[str, ...]:
    return target.words


def _match(found, taken, heads, targets, known, simplified: bool) -> None:
    for target in targets:
        if target.name in found:
            continue
        wanted = {_plain(word, simplified) for word in known(target)}
        for place, head in enumerate(heads):
            if place not in taken and _plain(head, simplified) in wanted:
                found[target.name] = place
                taken.add(place)
                break


def _plain(head: str, simplified: bool) -> str:
    return folded(BRACKETS.sub("", head)) if simplified else folded(head)


@dataclass(frozen=True)
class Head:
    """Where a table begins: the sheet, the number of its head row, the heads, and what they fill."""

    sheet: str
    row: int
    heads: tuple[str, ...]
    columns: dict[str, int]


def find_head(sheets: list[ReadSheet], targets: tuple[Target, ...], memory: dict[str, str]) -> Head:
    """Return the row that reads most like a head; without one, the first row of at least two texts."""
    best = None
    for sheet in sheets:
        for row in sheet.rows[:LOOKED_AT]:
            columns = match_heads(row.texts, targets, memory)
            if columns and (best is None or len(columns) > len(best.columns)):
                best = Head(sheet.name, row.number, row.texts, columns)
    if best and len(best.columns) >= min(2, len(targets)):
        return best
    for sheet in sheets:
        for row in sheet.rows[:LOOKED_AT]:
            if sum(bool(text) for text in row.texts) >= 2:
                return Head(sheet.name, row.number, row.texts, match_heads(row.texts, targets, memory))
    first = sheets[0].rows[0]
    return Head(sheets[0].name, first.number, first.texts, {})


def data_rows(sheets: list[ReadSheet], sheet: str, head_row: int, columns: dict[str, int]) -> list[tuple[int, dict[str, str]]]:
    """Return (row number, field -> text) of what stands below the head; examples, totals and signature lines are left out."""
    chosen = next((row for row in sheets if row.name == sheet), sheets[0])
    rows = []
    for row in chosen.rows:
        if row.number <= head_row or is_beside_the_data(row):
            continue
        raw = {field: row.texts[place] if place < len(row.texts) else "" for field, place in columns.items()}
        if any(raw.values()):
            rows.append((row.number, raw))
    return rows


def is_beside_the_data(row: SheetRow) -> bool:
    """Whether a row is the template's example, a total, or the line for signatures."""
    first = next((text for text in row.texts if text), "")
    if folded(first) in CLOSING_WORDS or first.startswith(CLOSING_STARTS):
        return True
    return any(text.startswith(EXAMPLE_MARKS) for text in row.texts)
