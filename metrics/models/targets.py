"""Targets of a year: what a unit is to reach with an indicator."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from workflow.querysets import UnitScopedQuerySet


class Target(models.Model):
    """What a unit is to reach in a year. By code, so that it outlives a copy of the catalogue; no row means no target."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="targets")
    year = models.PositiveSmallIntegerField(_("year"))
    code = models.CharField(max_length=80)
    value = models.DecimalField(_("target"), max_digits=18, decimal_places=4)
    note = models.CharField(_("note"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """One a unit, year and indicator; never negative."""

        ordering = ["year", "unit__order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "code"], name="target_once"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="target_not_negative"),
        ]
