"""Plan items of a report, the targets they became, and how those of the year before were met where no figure tells."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.models import Target
from reports.choices import Outcome
from reports.querysets import OfReportQuerySet


class PlanItem(models.Model):
    """One measure of next year's plan. With an indicator and an amount it becomes a target once the report is approved.

    The indicator goes by code, as targets do. An item outlives its paragraph (`block` null).
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="plan_items")
    block = models.ForeignKey("reports.Block", models.SET_NULL, null=True, blank=True, related_name="plan_items")
    order = models.PositiveSmallIntegerField()
    measure = models.CharField(_("measure"), max_length=200)
    code = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(_("target"), max_digits=18, decimal_places=4, null=True, blank=True)
    lead_unit = models.CharField(_("lead unit"), max_length=80, blank=True)
    due_date = models.DateField(_("due date"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """In the order of entry; an indicator stands in one item of a report, so that a token knows its amount."""

        ordering = ["report", "order"]
        constraints = [
            models.UniqueConstraint(fields=["report", "order"], name="plan_item_order_once"),
            models.UniqueConstraint(fields=["report", "code"], condition=~models.Q(code=""), name="plan_item_indicator_once"),
            models.CheckConstraint(condition=models.Q(amount=None) | ~models.Q(code=""), name="plan_item_amount_of_indicator"),
            models.CheckConstraint(condition=models.Q(amount=None) | models.Q(amount__gte=0), name="plan_item_not_negative"),
        ]


class PlanTarget(models.Model):
    """A target that a version of a report set. It is the plan's as long as it stands with `target_version`: whoever types
    another value, or takes it away and sets a new one, makes it their own.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="plan_targets")
    target = models.ForeignKey(Target, models.CASCADE, related_name="+")
    target_version = models.PositiveIntegerField()
    code = models.CharField(max_length=80)
    version_number = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=200)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """One a report and indicator."""

        constraints = [models.UniqueConstraint(fields=["report", "code"], name="plan_target_once")]

    @property
    def is_in_force(self) -> bool:
        """Whether nobody has changed the target since the plan set it."""
        return self.target.version == self.target_version


class PlanOutcome(models.Model):
    """How an item of the year before that no figure measures was met, as the township says in its report.

    `item` is its number in the frozen version: the item itself may be gone after a reopening.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="plan_outcomes")
    item = models.PositiveIntegerField()
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    words = models.CharField(_("in one line"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """One a report and item."""

        constraints = [models.UniqueConstraint(fields=["report", "item"], name="plan_outcome_once")]
