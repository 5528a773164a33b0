"""Reads over the rounds of a return: what was submitted, how it ended, what changed to the round before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from metrics.grid import in_tree_order
from metrics.grid_source import cell_texts, snapshot_texts
from metrics.models import Indicator, MonthlyReturn
from workflow.choices import Subject
from workflow.models import Comment, Round


@dataclass(frozen=True)
class RoundLine:
    """One round in the list: how many cells changed to the round before, how many threads were opened in it."""

    round: Round
    changed: int
    threads: int


@dataclass(frozen=True)
class RoundCell:
    """One cell as submitted. `before` is its text in the round before, None when it is the same or there was none.

    `files` are its evidence as the round keeps it: {"file", "name", "sha256", "caption"}.
    """

    cell: str
    name: str
    place: str
    measure: str
    shown: str
    kind: str
    explanation: str
    before: str | None
    threads: tuple[Comment, ...]
    files: tuple[dict, ...] = ()


@dataclass(frozen=True)
class RoundArea:
    """A work area's cells of a round."""

    name: str
    cells: tuple[RoundCell, ...]


@dataclass(frozen=True)
class RoundPage:
    """A round, readable for ever: values, calculated ones too, comments, outcome, differences between cells."""

    round: Round
    previous_number: int | None
    next_number: int | None
    areas: tuple[RoundArea, ...]

    @property
    def changed(self) -> list[RoundCell]:
        """Cells that differ from the round before."""
        return [cell for area in self.areas for cell in area.cells if cell.before is not None]


def load_rounds(monthly_return: MonthlyReturn) -> list[RoundLine]:
    """Return all rounds of a return, newest first."""
    rounds = _rounds(monthly_return)
    indicators = _indicators(monthly_return)
    texts = [snapshot_texts(row.snapshot, indicators) for row in rounds]
    anchors = Comment.objects.about(Subject.RETURN, monthly_return.pk).filter(parent__isnull=True)
    numbers = list(anchors.values_list("round_number", flat=True))
    lines = []
    for place, row in enumerate(rounds):
        changed = len(_differences(texts[place], texts[place - 1])) if place else 0
        lines.append(RoundLine(row, changed, numbers.count(row.number)))
    return lines[::-1]


def load_round(monthly_return: MonthlyReturn, this: Round) -> RoundPage:
    """Return one round as it was submitted, beside the one before."""
    indicators = _indicators(monthly_return)
    others = {row.number: row for row in _rounds(monthly_return)}
    before = others.get(this.number - 1)
    old = snapshot_texts(before.snapshot, indicators) if before else None
    new = snapshot_texts(this.snapshot, indicators)
    changes = _differences(new, old) if old is not None else {}
    calculated = this.snapshot.get("totals", {})
    new |= cell_texts(calculated, indicators)
    threads = _threads(monthly_return, this.number)
    cells = defaultdict(list)
    for name in _in_form_order({*this.snapshot["cells"], *calculated, *this.snapshot.get("evidence", {}), *changes}, indicators):
        cells[indicators[name.partition("@")[0]].area].append(_cell(name, this, before, new, changes, threads, indicators))
    areas = tuple(RoundArea(area.name, tuple(cells[area])) for area in sorted(cells, key=lambda area: area.order))
    previous = before.number if before else None
    return RoundPage(this, previous, this.number + 1 if this.number + 1 in others else None, areas)


def _rounds(monthly_return) -> list[Round]:
    rows = Round.objects.about(Subject.RETURN, monthly_return.pk).order_by("number")
    return list(rows.select_related("submitted_by", "signed_off_by", "decided_by"))


def _indicators(monthly_return) -> dict[str, Indicator]:
    rows = Indicator.objects.of_year(monthly_return.unit.parent_id, monthly_return.year)
    return {row.code: row for row in rows}


def _differences(new: dict[str, str], old: dict[str, str]) -> dict[str, str]:
    """Return cell -> old text, for the cells whose text differs."""
    return {name: old.get(name, "") for name in {*new, *old} if new.get(name, "") != old.get(name, "")}


def _in_form_order(names, indicators) -> list[str]:
    """Return cell names in the order of the form, villages by code; cells of a deleted indicator cannot occur (rows are kept)."""
    ordered = in_tree_order(sorted(indicators.values(), key=lambda row: (row.area.order, row.order)))
    place = {indicator.code: number for number, (indicator, _depth) in enumerate(ordered)}
    return sorted(names, key=lambda name: (place[name.partition("@")[0]], name))


def _threads(monthly_return, number) -> dict[str, list[Comment]]:
    rows = Comment.objects.about(Subject.RETURN, monthly_return.pk).filter(round_number=number).select_related("author")
    found = defaultdict(list)
    for row in rows:
        found[row.anchor].append(row)
    return found


def _cell(name, this, before, new, changes, threads, indicators) -> RoundCell:
    stated = this.snapshot["cells"] | this.snapshot.get("totals", {})
    stored = stated.get(name) or (before.snapshot["cells"].get(name) if before else None)
    stored = stored or _unfilled(indicators[name.partition("@")[0]])
    in_this = name in stated
    return RoundCell(
        cell=name, name=stored["name"], place=stored["unit"], measure=stored["measure"], shown=new.get(name, ""),
        kind=stored["kind"] if in_this else "blank", explanation=stored["explanation"] if in_this else "",
        before=changes.get(name), threads=tuple(threads.get(name, ())),
        files=tuple(this.snapshot.get("evidence", {}).get(name, ())),
    )  # fmt: skip


def _unfilled(indicator: Indicator) -> dict:
    """Return what a snapshot would say of a cell that has files and no figure."""
    return {"name": indicator.name, "measure": indicator.measure, "unit": "", "kind": "blank", "explanation": ""}
