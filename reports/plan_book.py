"""What a report plans, and what the year before planned for its year: each part is read once, when it is first asked for."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

from accounts.choices import PopulationKind
from metrics.models import Indicator, Target
from metrics.population import name_by_population, population_words
from reports.binding import by_any_name
from reports.document import ReportDocument
from reports.models import PlanItem, PlanOutcome, PlanTarget, Report, ReportVersion
from reports.plan_items import AcceptedItem, PlanFault, accepted, item_faults

FACT = "plan_items"


class PlanBook:
    """Plan items, targets and outcomes of one report."""

    def __init__(self, report: Report):
        """Take the report; nothing is read yet."""
        self.report = report

    @cached_property
    def items(self) -> tuple[PlanItem, ...]:
        """The report's items in reading order: by paragraph, then by entry; those without a paragraph last."""
        if self.report.pk is None:  # a draft that is only tried, or about to be created
            return ()
        rows = PlanItem.objects.filter(report=self.report).select_related("block", "updated_by")
        return tuple(sorted(rows, key=lambda row: (row.block is None, row.block.order if row.block else 0, row.order)))

    @property
    def planned(self) -> tuple[PlanItem, ...]:
        """The items that print and become targets: not those under a paragraph that is left out."""
        return tuple(row for row in self.items if row.block is None or not row.block.is_dropped)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The plan year's indicators by code, retired ones too."""
        report = self.report
        rows = list(Indicator.objects.of_year(report.district_id, report.plan_year))
        name_by_population(rows, report.settings_copy.get("population_kind", ""))
        return {row.code: row for row in rows}

    @cached_property
    def _by_name(self) -> dict[str, Indicator]:
        return by_any_name(sorted(self.indicators.values(), key=lambda row: row.counts_in(self.report.plan_year)))

    def indicator_of(self, name: str) -> Indicator | None:
        """Return the plan year's indicator of a name or code."""
        return self._by_name.get(name) or self._by_name.get(population_words(name, PopulationKind.RESIDENT))

    def item_of(self, code: str) -> PlanItem | None:
        """Return the planned item of an indicator."""
        return next((row for row in self.planned if row.code == code), None)

    def faults_of(self, item: PlanItem) -> list[PlanFault]:
        """Return what is wrong with an item by now: an indicator may have been retired since it was chosen."""
        return item_faults(item, others={}, **self.rules)

    @property
    def rules(self) -> dict:
        """What an item is held against beside the other items: arguments of plan_items.item_faults."""
        return {
            "year": self.report.plan_year, "indicators": self.indicators, "of_district": self.report.unit.is_district,
        }  # fmt: skip

    def others(self, item: PlanItem | None = None) -> dict[str, str]:
        """Return code -> measure of the other items that have an indicator."""
        return {row.code: row.measure for row in self.items if row.code and (item is None or row.pk != item.pk)}

    def facts(self) -> list[dict]:
        """Return the planned items as a frozen version keeps them."""
        return [accepted(row, self.indicators).as_fact() for row in self.planned]

    # What the year before planned for the report's own year

    @cached_property
    def version(self) -> ReportVersion | None:
        """The newest frozen version of the report of the year before: what was accepted, even while it is reopened."""
        rows = ReportVersion.objects.filter(report__unit=self.report.unit_id, report__year=self.report.year - 1)
        return rows.select_related("report", "approved_by").order_by("-number").first()

    @cached_property
    def accepted_items(self) -> tuple[AcceptedItem, ...]:
        """Its items; a version from before there were items has none."""
        return plan_of_version(self.version) if self.version else ()

    @cached_property
    def targets(self) -> dict[str, Target]:
        """The unit's targets of the report's year by code."""
        rows = Target.objects.filter(unit=self.report.unit_id, year=self.report.year).select_related("updated_by")
        return {row.code: row for row in rows}

    def target_of(self, code: str) -> Decimal | None:
        """Return the target in force; a district has none but what its own report of the year before planned."""
        row = self.targets.get(code)
        if row is None and self.report.unit.is_district and (planned := self.accepted_item_of(code)):
            return planned.value
        return row.value if row else None

    def accepted_item_of(self, code: str) -> AcceptedItem | None:
        """Return the accepted item that plans an amount of an indicator."""
        return next((row for row in self.accepted_items if row.has_target and row.code == code), None)

    @cached_property
    def origins(self) -> dict[str, PlanTarget]:
        """Which version of which report set a target that is still as it was set, by code."""
        rows = PlanTarget.objects.filter(target__in=list(self.targets.values())).select_related("target", "report")
        return {row.code: row for row in rows if row.is_in_force}

    @cached_property
    def chosen(self) -> dict[int, PlanOutcome]:
        """What the township says of items without a figure, by the item's number."""
        rows = PlanOutcome.objects.filter(report=self.report) if self.report.pk else ()
        return {row.item: row for row in rows}

    # What became of the report's own plan

    @cached_property
    def kept(self) -> dict[str, Target]:
        """Targets of the plan year that differ from the approved plan and were kept: typed by the district, by code."""
        if not self.report.is_approved or not any(row.amount is not None for row in self.planned):
            return {}
        rows = Target.objects.filter(unit=self.report.unit_id, year=self.report.plan_year)
        planned = {row.code: row.amount for row in self.planned if row.amount is not None}
        return {row.code: row for row in rows if row.code in planned and row.value != planned[row.code]}


def plan_of_version(version: ReportVersion) -> tuple[AcceptedItem, ...]:
    """Return the items that a frozen version holds."""
    facts = ReportDocument.from_json(version.document).facts
    return tuple(AcceptedItem(**row) for row in facts.get(FACT, ()))
