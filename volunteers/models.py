"""Ledgers of volunteer service: teams founded, campaigns, activities by village. Units and counts, never persons."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.models.ledgers import LedgerEntry, count_field
from volunteers.choices import ActivityKind, TeamKind, TeamStatus


class VolunteerTeam(LedgerEntry):
    """A team; the date is the day it was founded, or is to be."""

    kind = models.CharField(_("kind"), max_length=10, choices=TeamKind.choices, default=TeamKind.OTHER)
    status = models.CharField(_("status"), max_length=8, choices=TeamStatus.choices, default=TeamStatus.FOUNDED)
    event = models.CharField(_("founding event"), max_length=120, blank=True)
    backbone = models.CharField(_("backbone units"), max_length=120, blank=True)

    class Meta(LedgerEntry.Meta):
        """As every ledger."""


class VolunteerCampaign(LedgerEntry):
    """A campaign that recruited volunteers; the date is its first day, `date_to` its last."""

    date_to = models.DateField(_("until"), null=True, blank=True)
    recruited = count_field(_("volunteers recruited"))
    channels = models.CharField(_("recruiting channels"), max_length=120, blank=True)

    class Meta(LedgerEntry.Meta):
        """As every ledger; a campaign does not end before it starts."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(date_to__isnull=True) | models.Q(date_to__gte=models.F("date")), name="campaign_days_in_order"
            )
        ]


class VolunteerActivity(LedgerEntry):
    """One activity of the institute or of a village's station, a check-in stop, or an issue of a series."""

    kind = models.CharField(_("kind"), max_length=12, choices=ActivityKind.choices, default=ActivityKind.STATION)
    village = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("village"))
    series = models.CharField(_("series"), max_length=40, blank=True)
    participants = count_field(_("participants, person-times"))
    hours = models.DecimalField(_("service hours"), max_digits=10, decimal_places=1, null=True, blank=True)
    issue_number = count_field(_("issue"))

    class Meta(LedgerEntry.Meta):
        """As every ledger."""
