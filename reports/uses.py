"""Where else a report uses a figure: in its text, tables and annexes; and the walk through the numbers that have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.binding import Binder
from reports.choices import BlockKind
from reports.document import Table
from reports.facts import fact_of
from reports.models import BoundFigure
from reports.queries import in_words
from reports.tokens import Token, tokens_of
from reports.unit_words import ENDED

TEXT, ANNEX = "text", "annex"


@dataclass(frozen=True)
class Use:
    """Another place of the report with the same indicator or list; `is_same`: it states the very same fact."""

    anchor: str
    label: str
    shown: str
    token: str
    kind: str = TEXT
    is_same: bool = False


@dataclass(frozen=True)
class Step:
    """A number to go to."""

    pk: int
    anchor: str


@dataclass(frozen=True)
class Walk:
    """The place of a number among those that have changed, counted from 1, 0 when it is none of them; its neighbours."""

    place: int
    count: int
    before: Step | None
    after: Step | None


def walk_of(page, row: BoundFigure) -> Walk | None:
    """Return the walk through the changed numbers as seen from one of them, None when there is nothing to walk through."""
    rows = [stale.row for stale in page.stale]
    if not rows:
        return None
    steps = [Step(other.pk, f"b-{other.block.key}") for other in rows]
    place = next((number for number, other in enumerate(rows) if other.pk == row.pk), None)
    if place is None:
        return Walk(0, len(steps), None, steps[0])
    return Walk(place + 1, len(steps), steps[place - 1] if place else None, steps[place + 1] if place + 1 < len(steps) else None)


def load_uses(page, row: BoundFigure, token: Token) -> Iterator[Use]:
    """Yield the other places, in reading order: text first, tables and charts among it, then annexes. No queries."""
    binder: Binder = page.binder
    names = aliases(binder, token.name)
    yield from _in_text(page, row, token, names)
    yield from _in_annexes(page, names, token.scope)


def _in_text(page, row: BoundFigure, token: Token, names: set[str]) -> Iterator[Use]:
    """Yield uses of the figure by the same scope: a village's are not its township's, nor the district's."""
    fact = fact_of(token, page.binder)
    for view in page.views:
        for other in page.settled.get(view.block.pk, {}).values():
            found = tokens_of(other.token)
            if other.pk != row.pk and found and found[0].name in names and found[0].scope == token.scope:
                is_same = fact_of(found[0], page.binder) == fact
                yield Use(view.anchor, view.label, in_words(other.status, other.shown), other.token, TEXT, is_same)


def _in_annexes(page, names: set[str], scope: str) -> Iterator[Use]:
    """Yield what annex tables say of the figure: in a row or in a column that is called after it."""
    views = [view for view in page.views if view.block.kind == BlockKind.ANNEX and view.prints]
    for view, annex in zip(views, page.document.annexes, strict=False):
        for table in annex.tables:
            for name, shown in (*_as_rows(table, names, scope), *_as_column(table, names, scope)):
                yield Use(view.anchor, view.label, shown, name, ANNEX)


def _as_rows(table: Table, names: set[str], scope: str) -> Iterator[tuple[str, str]]:
    """Yield the rows called after the figure, with their last cell: the year's. They speak of the unit itself alone."""
    for cells in table.rows if not scope else ():
        name = cells[0].text.strip().removeprefix("其中：").removesuffix("*")
        if name in names and (numbers := [cell.text for cell in cells if cell.numeric]):
            yield name, numbers[-1]


def _as_column(table: Table, names: set[str], scope: str) -> Iterator[tuple[str, str]]:
    """Yield the columns called after the figure, with the cell of the place asked for, else of the whole: the last row's."""
    rows = [row for row in table.rows if row[0].text.removesuffix(ENDED) == scope] if scope else table.rows[-1:]
    for place, column in enumerate(table.columns):
        name = column.heading.rpartition("（")[0]  # 名称（单位）
        if name in names and rows:
            yield name, rows[0][place].text


def aliases(binder: Binder, name: str) -> set[str]:
    """Return what else a token may call the same indicator or list."""
    found = binder.indicator_of(name) or binder.lists.get(name)
    return {found.code, found.name, name} if found else {name}
