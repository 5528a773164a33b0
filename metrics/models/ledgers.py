"""Ledgers (台账): one row an event, the evidence behind the month's figures. Units, places and counts, never persons."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.choices import (
    InspectionKind,
    MediaChannel,
    MediaLevel,
    Medium,
    PracticeKind,
    ReceptionLevel,
    StudyKind,
    VenueKind,
)
from metrics.models.imports import ImportBatch
from workflow.querysets import UnitScopedQuerySet


class LedgerEntry(models.Model):
    """What every ledger's row has: township, day, name, place, who wrote it, and the import it came with."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=120)
    place = models.CharField(_("place"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    batch = models.ForeignKey(ImportBatch, models.SET_NULL, null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """Newest first; a township's year is what pages and sums read."""

        abstract = True
        ordering = ["-date", "-pk"]
        indexes = [models.Index(fields=["unit", "date"], name="%(class)s_day")]

    def __str__(self):
        """Return the name."""
        return self.name


def count_field(label, **values):
    """Return a field for a whole number that a row may leave open."""
    return models.PositiveIntegerField(label, null=True, blank=True, **values)


class StudySession(LedgerEntry):
    """A study session of the leadership or the members, an outreach talk, or books handed out."""

    kind = models.CharField(_("kind"), max_length=20, choices=StudyKind.choices, default=StudyKind.GROUP_STUDY)
    organiser = models.CharField(_("organiser"), max_length=80, blank=True)
    speeches = count_field(_("exchange speeches, person-times"))
    attendees = count_field(_("attendance, person-times"))
    copies = count_field(_("copies of books"))

    class Meta(LedgerEntry.Meta):
        """As every ledger."""


class MediaPlacement(LedgerEntry):
    """One item that media, the Xuexi platform or an own channel published; the name is its title."""

    channel = models.CharField(_("channel"), max_length=12, choices=MediaChannel.choices, default=MediaChannel.MEDIA)
    level = models.CharField(_("level"), max_length=10, choices=MediaLevel.choices, blank=True)
    medium = models.CharField(_("medium"), max_length=12, choices=Medium.choices, blank=True)
    outlet = models.CharField(_("outlet"), max_length=60, blank=True)
    is_joint = models.BooleanField(_("joint item"), default=False)
    link = models.CharField(_("link"), max_length=300, blank=True)

    class Meta(LedgerEntry.Meta):
        """As every ledger."""


class PracticeEvent(LedgerEntry):
    """A group visit, a festive event, a firm profiled or a delegation received."""

    kind = models.CharField(_("kind"), max_length=20, choices=PracticeKind.choices, default=PracticeKind.VISIT)
    level = models.CharField(_("level"), max_length=10, choices=ReceptionLevel.choices, blank=True)
    organiser = models.CharField(_("organiser"), max_length=80, blank=True)
    is_booked = models.BooleanField(_("booked"), default=False)
    groups = count_field(_("groups"))
    person_times = count_field(_("person-times"))

    class Meta(LedgerEntry.Meta):
        """As every ledger."""


class Inspection(LedgerEntry):
    """One inspection of cultural premises: who went is a number of inspectors, where are the firms' names."""

    kind = models.CharField(_("kind"), max_length=12, choices=InspectionKind.choices, default=InspectionKind.ROUTINE)
    campaign = models.CharField(_("campaign"), max_length=40, blank=True)
    venue_kind = models.CharField(_("kind of venue"), max_length=14, choices=VenueKind.choices, default=VenueKind.OTHER)
    premises = models.CharField(_("premises, by name"), max_length=300, blank=True)
    visits = count_field(_("premises visits"))
    inspectors = count_field(_("inspectors, person-times"))
    seized = count_field(_("copies seized"))
    destroyed = count_field(_("copies destroyed"))

    class Meta(LedgerEntry.Meta):
        """As every ledger."""
