"""Plan items as data: what was typed, what is wrong with it, and what an approved version keeps of it. No database."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.models import Indicator
from metrics.numbers import plain
from metrics.progress import can_have_target
from reports.district_book import adding_fault


@dataclass(frozen=True)
class PlanInput:
    """What a person typed for an item, read: `code` "" and `amount` None where there is no figure."""

    measure: str
    code: str = ""
    amount: Decimal | None = None
    lead_unit: str = ""
    due_date: date | None = None
    note: str = ""


@dataclass(frozen=True)
class PlanFault:
    """What is wrong with one field of an item, and the way out."""

    field: str
    reason: str


@dataclass(frozen=True)
class AcceptedItem:
    """An item as a frozen version keeps it, in plain JSON types: `amount` in digits and `due` as an ISO date, "" for none."""

    id: int
    measure: str
    code: str = ""
    name: str = ""
    unit: str = ""
    amount: str = ""
    lead_unit: str = ""
    due: str = ""
    note: str = ""

    @property
    def value(self) -> Decimal | None:
        """The planned amount."""
        return Decimal(self.amount) if self.amount else None

    @property
    def has_target(self) -> bool:
        """Whether a figure tells how it was met."""
        return bool(self.code and self.amount)

    def as_fact(self) -> dict:
        """Return it as a document's facts keep it."""
        return asdict(self)


def accepted(item, indicators: dict[str, Indicator]) -> AcceptedItem:
    """Return a PlanItem row as it will be frozen; names are those of the plan year."""
    indicator = indicators.get(item.code)
    return AcceptedItem(
        id=item.pk, measure=item.measure, code=item.code, name=indicator.name if indicator else "",
        unit=indicator.measure if indicator else "", amount=plain(item.amount), lead_unit=item.lead_unit,
        due=item.due_date.isoformat() if item.due_date else "", note=item.note,
    )  # fmt: skip


def item_faults(
    typed, *, year: int, indicators: dict[str, Indicator], others: dict[str, str], of_district=False
) -> list[PlanFault]:
    """Return what is wrong with an item of the plan of `year`; `typed` is a PlanInput or a PlanItem row.

    `indicators` are the plan year's by code, retired ones too; `others` tells which measure has an indicator already. An item
    `of_district` is judged by the townships' sum, so it needs an indicator that has one.
    """
    faults = []
    if not typed.measure.strip():
        faults.append(PlanFault("measure", _("Say in one line what is to be done.")))
    if typed.amount is not None and not typed.code:
        faults.append(PlanFault("code", _("An amount needs an indicator to be counted with: name one, or leave it out.")))
    if typed.code and (reason := _indicator_fault(typed.code, year, indicators, others, of_district)):
        faults.append(PlanFault("code", reason))
    if typed.due_date is not None and typed.due_date.year != year:
        reason = _("%(date)s is not in %(year)d, the year of the plan; choose a day from 1 January to 31 December %(year)d.")
        faults.append(PlanFault("due_date", reason % {"date": typed.due_date.isoformat(), "year": year}))
    return faults


def _indicator_fault(code: str, year: int, indicators: dict[str, Indicator], others: dict[str, str], of_district: bool) -> str:
    indicator = indicators.get(code)
    if indicator is None:
        return _("There is no such indicator in %(year)d; choose one of the list.") % {"year": year}
    words = {"name": indicator.name, "year": year, "measure": others.get(code, "")}
    if not indicator.counts_in(year):
        return _("“%(name)s” is retired and not counted in %(year)d; choose another, or leave it and the amount out.") % words
    if not can_have_target(indicator):
        return _("“%(name)s” takes no target: it is set by the district or is a rank. Choose another.") % words
    if code in others:
        return _("“%(name)s” stands already in the item “%(measure)s”; an indicator has one target. Change that item.") % words
    return adding_fault(indicator, indicators) if of_district else ""
