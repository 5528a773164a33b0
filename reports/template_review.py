"""The pages of report templates as data: the years, a template's blocks, what a draft changes. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.alternatives import wordings
from reports.choices import ANNEX_LABELS, BlockKind, TemplateState, UnitClass, When
from reports.models import ReportTemplate
from reports.template_content import HEAD_FIELDS, depth_of, facts_of, label_of
from reports.template_names import Names, indicator_names

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
YEARS_SHOWN = (-1, 2)  # last year to the year after next


@dataclass(frozen=True)
class YearLine:
    """A year: what is in force for it by class, the drafts for it, what was in force before."""

    year: int
    in_force: tuple[ReportTemplate, ...]
    drafts: tuple[ReportTemplate, ...]
    replaced: tuple[ReportTemplate, ...]


@dataclass(frozen=True)
class WordingLine:
    """A wording of a block: "" as condition is the default or only one."""

    condition: str
    text: str


@dataclass(frozen=True)
class BlockLine:
    """A block in the table of its template."""

    key: str
    kind: str
    kind_label: str
    depth: int
    place: int
    lead: str
    label: str
    wordings: tuple[WordingLine, ...]
    is_optional: bool


@dataclass(frozen=True)
class Difference:
    """One thing that a draft changes; kind: added, removed, changed, moved."""

    kind: str
    name: str
    old: str = ""
    new: str = ""


def load_template_years(templates: list[ReportTemplate]) -> list[YearLine]:
    """Return the years around now and every other that has a template, newest first."""
    this_year = timezone.localdate().year
    by_state = defaultdict(list)
    for row in templates:
        by_state[row.year, row.state].append(row)
    years = {row.year for row in templates} | set(range(this_year + YEARS_SHOWN[0], this_year + YEARS_SHOWN[1] + 1))
    states = (TemplateState.PUBLISHED, TemplateState.DRAFT, TemplateState.REPLACED)
    return [YearLine(year, *(tuple(by_state[year, state]) for state in states)) for year in sorted(years, reverse=True)]


def load_blocks(template: ReportTemplate, names: Names) -> list[BlockLine]:
    """Return a template's blocks in order."""
    called = indicator_names(names)
    return [_block_line(row, place, called) for place, row in enumerate(template.content["blocks"], start=1)]


def _block_line(block: dict, place: int, called: dict[str, str]) -> BlockLine:
    rows = tuple(WordingLine(condition_words(row, called), row["text"]) for row in wordings(block))
    if len(rows) > 1:
        rows = (*rows[:-1], WordingLine(_("in every other case"), rows[-1].text))
    kind, lead = BlockKind(block["kind"]), block.get("lead", "")
    label = str(kind.label)
    if kind == BlockKind.ANNEX:
        lead = f"{ANNEX_LABELS.get(block['annex'], block['annex'])}："
    return BlockLine(
        block["key"], kind.value, label, depth_of(block), place, lead, label_of(block), rows, block.get("optional", False)
    )


def condition_words(wording: dict, called: dict[str, str]) -> str:
    """Return a condition in words, "" for the default."""
    if not wording["when"]:
        return ""
    words, code = str(When(wording["when"]).label), wording.get("indicator", "")
    return f"{words}：{called.get(code, code)}" if code else words


def compared_with(template: ReportTemplate) -> ReportTemplate | None:
    """Return what the draft's townships use while it is not in force."""
    rows = ReportTemplate.objects.in_force(template.district_id, template.year).exclude(pk=template.pk)
    return rows.filter(unit_class__in=(UnitClass.ALL, template.unit_class)).first()


def template_differences(old: dict, new: dict) -> list[Difference]:
    """Return what a content changes against another: the head, local facts, blocks in reading order."""
    found = [
        Difference(CHANGED, name, old.get(name, ""), new.get(name, ""))
        for name in HEAD_FIELDS if old.get(name, "") != new.get(name, "")
    ]  # fmt: skip
    found += _compared(
        {row.name: (row.label, row.value) for row in facts_of(old)}, {row.name: (row.label, row.value) for row in facts_of(new)}
    )
    before = {row["key"]: (label_of(row), _printed(row)) for row in old.get("blocks", ())}
    after = {row["key"]: (label_of(row), _printed(row)) for row in new["blocks"]}
    found += _compared(before, after)
    return found + _moved([key for key in before if key in after], [key for key in after if key in before], after)


def _printed(block: dict) -> str:
    """Return everything that makes a block what it is, as lines."""
    rows = [
        f"[{row['when']} {row.get('indicator', '')}] {row['text']}" if row["when"] else row["text"] for row in wordings(block)
    ]
    marks = [block.get("lead", ""), str(block.get("level") or ""), block.get("annex", "")]
    marks += [_("a township may leave it out")] if block.get("optional") else []
    return "\n".join([" ".join(filter(None, marks)), *rows]).strip()


def _compared(old: dict[str, tuple[str, str]], new: dict[str, tuple[str, str]]) -> list[Difference]:
    rows = []
    for key in dict.fromkeys([*new, *old]):
        if key not in old:
            rows.append(Difference(ADDED, new[key][0], "", new[key][1]))
        elif key not in new:
            rows.append(Difference(REMOVED, old[key][0], old[key][1], ""))
        elif old[key] != new[key]:
            rows.append(Difference(CHANGED, new[key][0], old[key][1], new[key][1]))
    return rows


def _moved(before: list[str], after: list[str], labels: dict) -> list[Difference]:
    """Return the blocks that left their place, as few as explain the new order when one block moved."""
    for key in after:
        if [row for row in before if row != key] == [row for row in after if row != key] and before != after:
            places = (str(before.index(key) + 1), str(after.index(key) + 1))
            return [Difference(MOVED, labels[key][0], *places)]
    return [
        Difference(MOVED, labels[key][0], str(before.index(key) + 1), str(place))
        for place, key in enumerate(after, start=1) if before.index(key) != place - 1
    ]  # fmt: skip
