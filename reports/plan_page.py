"""Plan items and outcomes as the report's page shows them: rows under their paragraphs. No HTTP, no HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.numbers import format_grid, plain
from metrics.progress import can_have_target
from reports.choices import BlockKind
from reports.district_book import adding_fault
from reports.models import PlanItem
from reports.outcomes import load_outcomes
from reports.plan_annexes import OUTCOMES, PLAN_ANNEXES, has_rows, quotes_outcomes
from reports.plan_book import PlanBook


@dataclass(frozen=True)
class PlanRow:
    """An item as it is read: its indicator and amount in words, what is wrong with it, and a target that was kept instead.

    `up` and `down` are the items of its paragraph that it would pass, 0 for none.
    """

    item: PlanItem
    indicator: str
    amount: str
    faults: tuple[str, ...] = ()
    kept: str = ""
    up: int = 0
    down: int = 0


@dataclass(frozen=True)
class LoosePlace:
    """Where plan items without a paragraph stand on the page, as problems point to it."""

    anchor: str = "plan-loose"

    @property
    def label(self) -> str:
        """What to call it."""
        return _("Plan items without a paragraph")


LOOSE = LoosePlace()


def add_plan(page) -> None:
    """Hang plan items and outcomes on the views of a loaded report page; items without a paragraph become its loose_items."""
    plan: PlanBook = page.binder.plan.book
    rows: dict[int | None, list[PlanRow]] = {}
    for item in plan.items:
        rows.setdefault(item.block_id, []).append(_row(plan, item))
    rows = {block: _in_order(found) for block, found in rows.items()}
    page.loose_items = rows.pop(None, ())
    place = outcome_key(page.blocks) if plan.accepted_items and page.report.is_editable else ""
    for number, view in enumerate(page.views):
        block = view.block
        prints = view.prints and (block.kind != BlockKind.ANNEX or block.lead not in PLAN_ANNEXES or has_rows(block.lead, plan))
        outcomes = load_outcomes(page.binder.book, plan, page.period) if block.key == place else ()
        page.views[number] = replace(view, items=rows.get(block.pk, ()), outcomes=outcomes, prints=prints)


def outcome_key(blocks) -> str:
    """Return the key of the block under which outcomes are chosen: the first that quotes them, else their annex, else ""."""
    shown = [row for row in blocks if not row.is_dropped]
    quoting = [row.key for row in shown if quotes_outcomes(row.text)]
    annexes = [row.key for row in shown if row.kind == BlockKind.ANNEX and row.lead == OUTCOMES]
    return next(iter(quoting + annexes), "")


def plan_choices(plan: PlanBook) -> list[Indicator]:
    """Return the indicators that a plan item may name, in the order of the form."""
    rows = [row for row in plan.indicators.values() if row.counts_in(plan.report.plan_year) and can_have_target(row)]
    of_district = plan.report.unit.is_district
    return [row for row in rows if not (of_district and adding_fault(row, plan.indicators))]


def _in_order(rows: list[PlanRow]) -> tuple[PlanRow, ...]:
    """Return the rows of a paragraph, each knowing its neighbours."""
    keys = [0, *(row.item.pk for row in rows), 0]
    return tuple(replace(row, up=keys[place], down=keys[place + 2]) for place, row in enumerate(rows))


def _row(plan: PlanBook, item: PlanItem) -> PlanRow:
    indicator = plan.indicators.get(item.code) if item.code else None
    faults = tuple(fault.reason for fault in plan.faults_of(item)) if plan.report.is_editable else ()
    kept = plan.kept.get(item.code)
    return PlanRow(
        item, indicator.name if indicator else item.code, amount_words(item.amount, indicator), faults,
        amount_words(kept.value, indicator) if kept else "",
    )  # fmt: skip


def amount_words(value, indicator: Indicator | None) -> str:
    """Return 1,200次; "" for none."""
    if value is None:
        return ""
    return format_grid(value, indicator.decimals) + indicator.measure if indicator else plain(value)
