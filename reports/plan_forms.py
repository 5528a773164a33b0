"""The form of a plan item: numbers by the one reader of numbers, an indicator by name or code, an amount proposed on request."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.models import Indicator
from metrics.numbers import Kind, format_grid, parse_number, plain
from metrics.queries import YearBook
from metrics.target_page import last_result, sensible
from reports.choices import Outcome
from reports.models import PlanItem
from reports.plan_book import PlanBook
from reports.plan_items import PlanInput, item_faults

FACTORS = {"1.05": "+5%", "1": "+0%", "1.03": "+3%", "1.10": "+10%", "1.20": "+20%"}
MOST_DECIMALS = 4
MOST_PERCENT = Decimal(100)
FIELD_OF = {"code": "indicator"}
NO_CHOICE = gettext_lazy("Choose 完成, 推进 or 未启动.")


class PlanItemForm(forms.Form):
    """An item as typed; what cannot be read or stands against a rule is named beside its field, and stays typed."""

    measure = forms.CharField(label=gettext_lazy("Measure"), max_length=200, required=False)
    indicator = forms.CharField(label=gettext_lazy("Indicator"), max_length=80, required=False)
    amount = forms.CharField(label=gettext_lazy("Target"), max_length=40, required=False)
    lead_unit = forms.CharField(label=gettext_lazy("Lead unit"), max_length=80, required=False)
    due_date = forms.DateField(label=gettext_lazy("Due date"), required=False, input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"])
    note = forms.CharField(label=gettext_lazy("Remarks"), max_length=200, required=False)
    factor = forms.ChoiceField(choices=list(FACTORS.items()), required=False)
    version = forms.IntegerField(required=False, min_value=0)

    def __init__(self, *args, plan: PlanBook, book: YearBook | None = None, item: PlanItem | None = None, **options):
        """Take the report's plan, the book of its year for proposals, and the item that is edited."""
        initial = _initial(plan, item) | options.pop("initial", {})
        super().__init__(*args, initial=initial, **options)
        self.plan, self.book, self.item, self.read, self.hint = plan, book, item, None, ""

    @property
    def due_text(self) -> str:
        """The due date as the browser's field takes it, or as it was typed."""
        value = self["due_date"].value()
        return value.isoformat() if hasattr(value, "isoformat") else value or ""

    def clean(self):
        """Read indicator and amount, then hold the item against the rules of the plan."""
        values = super().clean()
        indicator = self._indicator(values.get("indicator", ""))
        amount = self._amount(values.get("amount", ""), indicator)
        self.read = PlanInput(
            measure=" ".join(values.get("measure", "").split()), code=indicator.code if indicator else "", amount=amount,
            lead_unit=" ".join(values.get("lead_unit", "").split()), due_date=values.get("due_date"),
            note=" ".join(values.get("note", "").split()),
        )  # fmt: skip
        plan = self.plan
        for fault in item_faults(self.read, others=plan.others(self.item), **plan.rules):
            field = FIELD_OF.get(fault.field, fault.field)
            if field not in self.errors:
                self.add_error(field, fault.reason)
        return values

    def _indicator(self, typed: str) -> Indicator | None:
        found = self.plan.indicator_of(typed) if typed else None
        if typed and found is None:
            words = {"name": typed, "year": self.plan.report.plan_year}
            self.add_error("indicator", _("There is no indicator called “%(name)s” in %(year)d; choose one of the list.") % words)
        return found

    def _amount(self, typed: str, indicator: Indicator | None) -> Decimal | None:
        measure, decimals = (indicator.measure, indicator.decimals) if indicator else ("", MOST_DECIMALS)
        read = parse_number(typed, measure=measure, decimals=decimals)
        if read.kind not in (Kind.VALUE, Kind.BLANK):
            self.add_error("amount", read.message or _("Type the target in digits, or leave it blank where there is none."))
        return read.value

    def propose(self) -> None:
        """Fill in the amount from the result of the report's year; where there is none, the hint says why."""
        indicator = self.plan.indicator_of(self["indicator"].value() or "")
        if indicator is None:
            self.hint = _("Name the indicator first; its result of the year is what a proposal starts from.")
            return
        result, months = last_result(self.book, indicator)
        if result is None:
            self.hint = _("“%(name)s” has no approved result yet, so nothing can be proposed.") % {"name": indicator.name}
            return
        factor = self["factor"].value()
        factor = factor if factor in FACTORS else next(iter(FACTORS))
        value = sensible(Decimal(factor), result).of(result, indicator.decimals)
        value = min(value, MOST_PERCENT) if indicator.measure == "%" else value
        self.initial["amount"] = plain(value.normalize())
        shown = format_grid(result, max(indicator.decimals, 1 if indicator.measure == "%" else 0))
        self.hint = f"{months} {shown}{indicator.measure} {FACTORS[factor]}"


class OutcomeForm(forms.Form):
    """How an item that no figure measures was met."""

    outcome = forms.ChoiceField(choices=Outcome.choices, error_messages=dict.fromkeys(("required", "invalid_choice"), NO_CHOICE))
    words = forms.CharField(max_length=120, required=False)
    version = forms.IntegerField(min_value=0)

    @property
    def fault(self) -> str:
        """The first thing that is wrong, in words."""
        return next(str(error) for errors in self.errors.values() for error in errors)


def _initial(plan: PlanBook, item: PlanItem | None) -> dict:
    if item is None:
        return {"factor": next(iter(FACTORS)), "version": 0}
    indicator = plan.indicators.get(item.code)
    return {
        "measure": item.measure, "indicator": indicator.name if indicator else item.code, "amount": plain(item.amount),
        "lead_unit": item.lead_unit, "due_date": item.due_date, "note": item.note, "factor": next(iter(FACTORS)),
        "version": item.version,
    }  # fmt: skip
