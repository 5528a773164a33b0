"""How what was planned for a year was met: the one rule for 完成, 推进, 未启动, and the items of the plan judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.models import Indicator
from metrics.numbers import format_grid
from metrics.periods import Period
from metrics.queries import Status, Total
from reports import wording
from reports.choices import Outcome
from reports.plan_items import AcceptedItem

HUNDRED = Decimal(100)
# The document's words, so Chinese in every UI.
TAGS = {Outcome.DONE: "ok", Outcome.UNDERWAY: "wait", Outcome.NOT_STARTED: "warn"}
OUTCOME_WORDS = {Outcome.DONE: "完成", Outcome.UNDERWAY: "推进", Outcome.NOT_STARTED: "未启动"}


def judge(value: Decimal | None, target: Decimal) -> Outcome:
    """Return how a target was met by the value at the period's end.

    Reached or passed is 完成, anything above 0 is 推进, 0 or no figure is 未启动. More is better for every indicator that
    can have a target: ranks, where less is better, have none (metrics.progress.can_have_target). Rates, means and stocks
    follow the same rule with their value at the end: below the target but above 0 they are 推进, whatever they began with.
    """
    if value is not None and value >= target:
        return Outcome.DONE
    return Outcome.UNDERWAY if value else Outcome.NOT_STARTED


def completion_rate(value: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return the share of the target reached as a percent number; None without a figure or with a target of 0."""
    return value * HUNDRED / target if value is not None and target else None


def is_open(total: Total) -> bool:
    """Whether a total is not there yet: months are missing, or were not collected where every month is required."""
    return total.status == Status.MISSING or (total.status == Status.PARTIAL and total.indicator.is_required)


# What the formats 目标, 完成率 and 完成情况 write; `material` is a reports.formats.Material, the number after a name its places.


def write_target(material, _places: int | None) -> wording.Shown:
    """Return 12次 or 95%."""
    if material.measure == "%":
        return wording.percent(material.target, places=material.decimals)
    return wording.exact(material.target, material.measure)


def write_rate(material, places: int | None) -> wording.Shown:
    """Return 91.7%, one decimal unless stated; without a figure the sentence drops out, a target of 0 is refused."""
    if not material.target:
        return wording.refused(_("The target is 0, so there is no rate."))
    rate = completion_rate(material.value, material.target)
    return wording.empty() if rate is None else wording.percent(rate, places=1 if places is None else places)


def write_outcome(material, _places: int | None) -> wording.Shown:
    """Return 完成, 推进 or 未启动."""
    return wording.Shown(OUTCOME_WORDS[judge(material.value, material.target)])


# Rows of formats.FORMATS: name, description, example, writer, argument, needs. For whatever can have a target.
TARGET_ROWS = (
    ("目标", gettext_lazy("The target of the year with its measure word"), "12次", write_target, None, ("target",)),
    ("完成率", gettext_lazy("Share of the year's target reached"), "91.7%", write_rate, (0, 4), ("target",)),
    ("完成情况", gettext_lazy("完成, 推进 or 未启动 against the year's target"), "完成", write_outcome, None, ("target",)),
)
TARGET_FORMATS = tuple(row[0] for row in TARGET_ROWS)


@dataclass(frozen=True)
class ItemOutcome:
    """An item of the year's plan and how it was met. `outcome` is "" while months are missing or nobody has chosen."""

    item: AcceptedItem
    outcome: str
    indicator: Indicator | None = None
    target: Decimal | None = None
    total: Total | None = None
    words: str = ""
    version: int = 0

    @property
    def is_measured(self) -> bool:
        """Whether a figure decides, not the township."""
        return self.target is not None

    @property
    def value(self) -> Decimal | None:
        """What was reached."""
        return self.total.value if self.total else None

    @property
    def rate(self) -> Decimal | None:
        """The share of the target reached, in per cent."""
        return completion_rate(self.value, self.target)

    @property
    def shown(self) -> str:
        """The outcome as it prints, "" while it is open."""
        return OUTCOME_WORDS.get(self.outcome, "")

    @property
    def target_text(self) -> str:
        """The target as tables print it, with its measure word; "" for none."""
        return self._amount(self.target)

    @property
    def value_text(self) -> str:
        """What was reached, likewise."""
        return self._amount(self.value)

    @property
    def rate_text(self) -> str:
        """The rate with one decimal; never rounded up to 100."""
        return "" if self.rate is None else wording.percent(self.rate).text

    @property
    def tag(self) -> str:
        """The colour of the outcome on the page; the word says it too."""
        return TAGS.get(self.outcome, "")

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What may be chosen."""
        return tuple(OUTCOME_WORDS.items())

    def _amount(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        places = max(self.indicator.decimals, 1) if self.indicator.measure == "%" else self.indicator.decimals
        return format_grid(value, places) + self.indicator.measure


def load_outcomes(book, plan, period: Period) -> tuple[ItemOutcome, ...]:
    """Return every item of the plan of the book's year with its outcome; `plan` is a reports.plan_book.PlanBook.

    An item with a figure is measured against the target in force, which the district may have changed since; where that
    was taken away, against what was planned. An item without one, or whose indicator is no longer known, is chosen.
    """
    return tuple(_outcome(book, plan, item, period) for item in plan.accepted_items)


def _outcome(book, plan, item: AcceptedItem, period: Period) -> ItemOutcome:
    indicator = book.indicators.get(item.code) if item.has_target else None
    if indicator is None:
        chosen = plan.chosen.get(item.id)
        kept = {"words": chosen.words, "version": chosen.version} if chosen else {}
        return ItemOutcome(item, chosen.outcome if chosen else "", **kept)
    target = plan.target_of(item.code)
    target = item.value if target is None else target
    total = book.total(item.code, period)
    outcome = "" if is_open(total) else judge(total.value, target)
    return ItemOutcome(item, outcome, indicator, target, total)


def outcome_sentence(rows: tuple[ItemOutcome, ...]) -> str:
    """Return 年初确定的8项目标任务，完成5项、推进2项、未启动1项; what nobody is in is left out."""
    counted = [(word, sum(row.outcome == outcome for row in rows)) for outcome, word in OUTCOME_WORDS.items()]
    parts = "、".join(f"{word}{count}项" for word, count in counted if count)
    return f"年初确定的{len(rows)}项目标任务，{parts}"
