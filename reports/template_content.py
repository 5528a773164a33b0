"""The content of a report template as plain data: its blocks, texts and local facts. Changes copies; writes nothing."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.alternatives import wordings
from reports.choices import BlockKind, UnitClass
from reports.template_files import template_values

HEAD_FIELDS = ("title", "addressee", "signature", "mark", "issuer")
# Values that block_values adds once there is a report.
OF_REPORT = ("cutoff_month", "population")
PARAMETER = re.compile(r"\{([^{}]*)\}")
VALUE_LENGTH = 100
YEARLIKE = re.compile(r"[12][0-9]{3}")
LEVELS = (1, 2)
# What the parameters of the template files are called, where the file does not say so.
SHIPPED_LABELS = {
    "good_person_title": "好人好事称号", "newsletter_start": "通讯稿起报月份", "plan_slogan": "下一年工作口号",
    "plan_study_sessions": "全年专题学习次数", "study_plenary": "重点学习的会议精神", "commemoration": "重点学习的纪念大会精神",
    "home_brand": "群众活动阵地品牌", "district_founded": "建区（县、市）年份",
    "video_episodes": "宣传视频集数", "outreach_topics": "对外宣传亮点", "spring_event_date": "迎新春“三下乡”活动时间",
}  # fmt: skip
OWN_FACT = "fact"
NEW_KEY = "own"


@dataclass(frozen=True)
class Fact:
    """A local fact: the name that texts use in {}, what it is called, its value; without one its sentences drop out."""

    name: str
    label: str
    value: str

    @property
    def braced(self) -> str:
        """The name as texts write it."""
        return "{" + self.name + "}"


def facts_of(content: dict) -> list[Fact]:
    """Return the template's local facts and parameters in their order."""
    local, params, own = (content.get(part, {}) for part in ("local", "params", "local_values"))
    values = params | own
    labels, known = SHIPPED_LABELS | local, {*params, *local, *own}
    # PostgreSQL keeps no order of keys: what the district's form has put in order first, then the shipped ones in theirs.
    order = [*content.get("order", ()), *SHIPPED_LABELS, *sorted(known)]
    return [Fact(name, labels.get(name) or name, values.get(name, "")) for name in dict.fromkeys(order) if name in known]


def with_facts(content: dict, facts: list[Fact]) -> dict:
    """Return the content with these local facts and no others."""
    labels, values = {row.name: row.label for row in facts}, {row.name: row.value for row in facts}
    return {**content, "params": {}, "local": labels, "local_values": values, "order": [row.name for row in facts]}


def value_fault(name: str, value: str) -> str:
    """Return why a local fact cannot have a value, "" when it can; one whose name ends with _founded is a year."""
    if len(value) > VALUE_LENGTH or set(value) & set("{}【】〖〗\n"):
        reason = _("“%(name)s”: at most %(most)d characters on one line, without {} 【】 〖〗.")
        return reason % {"name": name, "most": VALUE_LENGTH}
    if name.endswith("_founded") and value.strip() and not YEARLIKE.fullmatch(value.strip()):
        return _("“%(name)s” is a year of four digits, such as 1983.") % {"name": name}
    return ""


def new_fact_name(facts: list[Fact]) -> str:
    """Return a name that no fact has."""
    taken = {row.name for row in facts}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{OWN_FACT}{number}") not in taken)


def texts_of(block: dict) -> list[str]:
    """Return every text of a block: run-in title, and each wording."""
    return [block.get("lead", ""), *(wording["text"] for wording in wordings(block))]


def all_texts(content: dict) -> list[str]:
    """Return every text of the template that may hold parameters, its head included."""
    return [content.get(name, "") for name in HEAD_FIELDS] + [text for block in content["blocks"] for text in texts_of(block)]


def users_of(content: dict, name: str) -> list[str]:
    """Return the labels of the blocks, or the keys of the head's lines, that use a parameter."""
    braced = "{" + name + "}"
    head = [field for field in HEAD_FIELDS if braced in content.get(field, "")]
    return head + [label_of(block) for block in content["blocks"] if any(braced in text for text in texts_of(block))]


def sample_values(district: Unit, year: int, unit_class: str, content: dict) -> dict[str, str]:
    """Return what the parameters stand for in a township that is none, or in the district: for judging a template."""
    is_district = unit_class == UnitClass.DISTRICT
    unit = district if is_district else Unit(name="某某", kind=unit_class or UnitClass.TOWN, parent=district)
    return dict.fromkeys(OF_REPORT, "") | template_values(unit, year, content)


def unknown_parameters(text: str, values: dict[str, str]) -> list[str]:
    """Return the {names} of a text that stand for nothing."""
    return [name for name in PARAMETER.findall(text) if name not in values]


def label_of(block: dict) -> str:
    """Return what to call a block: its run-in title, or its first words."""
    words = block.get("lead") or wordings(block)[-1]["text"] or block["key"]
    return words if len(words) <= 24 else words[:22] + "…"


def block_of(content: dict, key: str) -> dict | None:
    """Return a block by its key."""
    return next((block for block in content["blocks"] if block["key"] == key), None)


def mark_of(data) -> str:
    """Return a mark that changes with the data: what an editor has seen."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def head_of(content: dict) -> dict[str, str]:
    """Return the lines of the head."""
    return {name: content.get(name, "") for name in HEAD_FIELDS}


def with_block(content: dict, block: dict) -> dict:
    """Return the content with the block of this key replaced."""
    return {**content, "blocks": [block if row["key"] == block["key"] else row for row in content["blocks"]]}


def with_new_block(content: dict, block: dict, after: str) -> tuple[dict, dict]:
    """Return the content with a block more, behind that of the key `after` (none: at the beginning), and the block as added."""
    taken = {row["key"] for row in content["blocks"]}
    key = next(key for number in range(1, len(taken) + 2) if (key := f"{NEW_KEY}.{number}") not in taken)
    block, rows = {**block, "key": key}, list(content["blocks"])
    place = next((place for place, row in enumerate(rows, start=1) if row["key"] == after), 0)
    rows.insert(place, block)
    return {**content, "blocks": rows}, block


def with_moved_block(content: dict, key: str, place: int) -> dict:
    """Return the content with a block at a place, from 1; beyond the ends means the end."""
    rows = [row for row in content["blocks"] if row["key"] != key]
    rows.insert(min(max(place - 1, 0), len(rows)), block_of(content, key))
    return {**content, "blocks": rows}


def without_block(content: dict, key: str) -> dict:
    """Return the content without a block."""
    return {**content, "blocks": [row for row in content["blocks"] if row["key"] != key]}


def depth_of(block: dict) -> int:
    """Return how far a block is set in where the template is listed."""
    return block.get("level", 1) - 1 if block["kind"] == BlockKind.HEADING else 0 if block["kind"] == BlockKind.ANNEX else 2
