"""What is counted: areas and indicators, each of one catalogue. The shipped catalogue is seeded by `sync_catalogue`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import EVIDENCE_RULE, STORED_SOURCES, Aggregation, Level, Parts, Source
from metrics.models.catalogues import Catalogue
from metrics.querysets import IndicatorQuerySet, PublicQuerySet


class Area(models.Model):
    """A work area of the return."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=20)
    order = models.PositiveSmallIntegerField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        """In the order of the form."""

        ordering = ["order"]

    def __str__(self):
        """Return the name."""
        return self.name


class Indicator(models.Model):
    """One thing that is counted: its measure word, how it adds up, its 口径 and the months it is valid.

    `code` is what it is in every year and catalogue; the row is what it is called and how it counts in this one. Reports that
    call it by one of `former_names` still find it.

    `formula` keys by source: derived sum `sum_of` [codes]; ratio `numerator`, `denominator`; rank `rank_of`; list `list`;
    `ledger` (of an entered or ledger indicator) says how a ledger counts it, see metrics.ledgers.LedgerRule. `checks` are the
    rules its figures are checked by, as [{"rule", "level", parameters}], see metrics.check_rules; `parts` and `is_required`
    are checked by themselves.
    """

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="indicators")
    code = models.CharField(max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="indicators")
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    former_names = models.JSONField(default=list, blank=True)
    measure = models.CharField(_("measure word"), max_length=8, blank=True)
    aggregation = models.CharField(max_length=14, choices=Aggregation.choices)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.ENTERED)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.TOWNSHIP)
    decimals = models.PositiveSmallIntegerField(default=0)
    scope_note = models.TextField(_("statistical scope"), blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    parts = models.CharField(max_length=6, choices=Parts.choices, blank=True, default="")
    formula = models.JSONField(default=dict, blank=True)
    checks = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField()
    valid_from = models.PositiveSmallIntegerField(default=2000)
    valid_from_month = models.PositiveSmallIntegerField(default=1)
    valid_to = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_to_month = models.PositiveSmallIntegerField(default=12)
    version = models.PositiveIntegerField(default=1)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        """In the order of the form; within a catalogue codes are unique, and two valid indicators never share a name."""

        ordering = ["area__order", "order"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "code"], name="indicator_code_once"),
            models.UniqueConstraint(
                fields=["catalogue", "name"], condition=models.Q(valid_to__isnull=True), name="indicator_name_once"
            ),
        ]

    def __str__(self):
        """Return the name."""
        return self.name

    @property
    def is_entered(self) -> bool:
        """Whether people type it."""
        return self.source == Source.ENTERED

    @property
    def has_cell(self) -> bool:
        """Whether a month's value is stored in a cell: typed, or counted from a ledger."""
        return self.source in STORED_SOURCES

    @property
    def is_by_village(self) -> bool:
        """Whether each village has a cell of its own."""
        return self.level == Level.VILLAGE

    @property
    def is_year_to_date(self) -> bool:
        """Whether the cell takes the year's running figure, not the month's (marked * on the form)."""
        return self.aggregation == Aggregation.DISTINCT_YTD

    @property
    def needs_evidence(self) -> bool:
        """Whether its figures ask for a file: one of its checks."""
        return any(check.get("rule") == EVIDENCE_RULE for check in self.checks)

    def counts_in(self, year: int, month: int | None = None) -> bool:
        """Whether it is counted in a month, or in any month of a year."""
        if self.valid_to is None and self.valid_from < year:
            return True
        last = self.valid_to if self.valid_to is not None else year
        if month is None:
            return self.valid_from <= year <= last
        return (self.valid_from, self.valid_from_month) <= (year, month) <= (last, self.valid_to_month if self.valid_to else 12)
