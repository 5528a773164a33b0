"""Monthly returns and their figures: a row a cell, with version, raw text and who typed it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.choices import FigureKind
from metrics.models.indicators import Indicator
from metrics.querysets import FigureQuerySet, ReturnQuerySet
from workflow.choices import EDITABLE_STATES, State


class MonthlyReturn(models.Model):
    """One township's figures of one month, all five areas. Opens by itself; `revision` counts submissions."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="returns")
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    due_at = models.DateTimeField(_("due"))
    opened_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveSmallIntegerField(default=0)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        """Newest month first; one return a township and month."""

        ordering = ["-year", "-month", "unit__order"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "month"], name="return_once"),
            models.CheckConstraint(condition=models.Q(month__gte=1, month__lte=12), name="return_month_real"),
        ]

    def __str__(self):
        """Return unit and month."""
        return f"{self.unit.name} {self.period_label}"

    @property
    def period_label(self) -> str:
        """The month in words, 2026年10月."""
        return f"{self.year}年{self.month}月"

    @property
    def is_editable(self) -> bool:
        """Whether the township may change figures."""
        return self.state in EDITABLE_STATES

    @property
    def is_approved(self) -> bool:
        """Whether its figures count."""
        return self.state == State.APPROVED


class Figure(models.Model):
    """One cell: an indicator of a township, or of one of its villages. `raw` keeps what was typed, always."""

    monthly_return = models.ForeignKey(MonthlyReturn, models.CASCADE, related_name="figures")
    # The index that ranks read, below, begins with the indicator: it serves the key as well.
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="figures", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=FigureKind.choices, default=FigureKind.BLANK)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    raw = models.CharField(max_length=200, blank=True)
    explanation = models.CharField(_("explanation"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = FigureQuerySet.as_manager()

    class Meta:
        """One cell a return, indicator and unit; a value exactly where the kind says so, never negative."""

        indexes = [models.Index(fields=["indicator", "monthly_return", "kind", "value"], name="figure_rank")]
        constraints = [
            models.UniqueConstraint(fields=["monthly_return", "indicator", "unit"], name="figure_once"),
            models.CheckConstraint(
                condition=models.Q(kind=FigureKind.VALUE, value__isnull=False)
                | (~models.Q(kind=FigureKind.VALUE) & models.Q(value__isnull=True)),
                name="figure_value_matches_kind",
            ),
            models.CheckConstraint(condition=models.Q(value__isnull=True) | models.Q(value__gte=0), name="figure_not_negative"),
        ]

    @property
    def anchor(self) -> str:
        """The cell's name in comments and addresses: the code, with @village for a village's cell."""
        return cell_name(self.indicator.code, self.unit.code if self.indicator.is_by_village else "")


def cell_name(indicator_code: str, village_code: str = "") -> str:
    """Return the name of a cell: `code`, or `code@village`."""
    return f"{indicator_code}@{village_code}" if village_code else indicator_code
