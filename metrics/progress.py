"""How far a unit is on the way to its target of the year, against the calendar (时序进度). One query a unit and year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import Aggregation, Source
from metrics.models import Indicator, Target
from metrics.numbers import format_grid, round_half_up

# What grows through the year is measured against the calendar; a stock, a mean or a rate is reached or not.
GROWING = (Aggregation.SUM, Aggregation.DISTINCT_YTD, Aggregation.COUNT, Aggregation.MAX)
WITHOUT_TARGET = (Source.PARAM, Source.RANK)
HUNDRED, MONTHS = Decimal(100), 12


@dataclass(frozen=True, slots=True)
class Progress:
    """A target as the grid shows it: `share` of it reached in per cent (None without a figure or with a target of 0),
    `due` the calendar's share (None for what does not grow), `pace` in words."""

    target: str
    share: Decimal | None
    due: Decimal | None
    pace: str
    is_behind: bool

    @property
    def share_text(self) -> str:
        """The share as shown, "" without one; what is not reached never reads 100 %."""
        if self.share is None:
            return ""
        whole = round_half_up(self.share, 0)
        return f"{min(whole, Decimal(99)) if self.share < HUNDRED else whole}%"


def load_targets(unit, year: int) -> dict[str, Decimal]:
    """Return code -> target of a unit's year. One query."""
    return dict(Target.objects.filter(unit=unit, year=year).values_list("code", "value"))


def can_have_target(indicator: Indicator) -> bool:
    """Whether a target makes sense: not for what the district sets itself, nor for a rank."""
    return indicator.source not in WITHOUT_TARGET


def progress_of(indicator: Indicator, target: Decimal, value: Decimal | None, month: int) -> Progress:
    """Compare a value (of the year up to a month, or at its end) with the target of the year."""
    shown = format_grid(target, indicator.decimals)
    share = value * HUNDRED / target if value is not None and target else None
    grows = indicator.aggregation in GROWING
    due = HUNDRED * month / MONTHS if grows else None
    if value is None:
        return Progress(shown, None, due, "", False)
    if share is None or not grows:
        reached = value >= target
        return Progress(shown, share, None, _("reached") if reached else _("not reached"), not reached)
    points = int(round_half_up(share - due, 0))
    if points > 0:
        return Progress(shown, share, due, _("ahead %(points)d") % {"points": points}, False)
    if points < 0:
        return Progress(shown, share, due, _("behind %(points)d") % {"points": -points}, True)
    return Progress(shown, share, due, _("on schedule"), False)


def target_progress(targets: dict[str, Decimal], indicator: Indicator, total, month: int) -> Progress | None:
    """Return the progress of an indicator by its total of the year up to a month; None without a target or a total."""
    target = targets.get(indicator.code)
    return None if target is None or total is None else progress_of(indicator, target, total.value, month)
