"""Named items: the lists of the annual report (honours, documents, courses, campaigns …). Units and places, never persons."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.models.catalogues import Catalogue
from metrics.models.imports import ImportBatch
from metrics.models.indicators import Area, Indicator
from metrics.querysets import OfCatalogueQuerySet
from workflow.querysets import UnitScopedQuerySet


class NamedList(models.Model):
    """A kind of named item; `fields` names the optional fields that its form shows. As an indicator, of one catalogue."""

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="named_lists")
    code = models.CharField(max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="named_lists")
    name = models.CharField(_("name"), max_length=40)
    former_names = models.JSONField(default=list, blank=True)
    fields = models.JSONField(default=list)
    hint = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = OfCatalogueQuerySet.as_manager()

    class Meta:
        """In the order of the form; within a catalogue neither codes nor names repeat."""

        ordering = ["area__order", "order"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "code"], name="named_list_code_once"),
            models.UniqueConstraint(fields=["catalogue", "name"], name="named_list_name_once"),
        ]

    def __str__(self):
        """Return the name."""
        return self.name

    @cached_property
    def is_counted(self) -> bool:
        """Whether an indicator of its catalogue counts its items, so that each needs the month it belongs to."""
        formulas = Indicator.objects.filter(catalogue=self.catalogue_id).order_by().values_list("formula", flat=True)
        return any(self.code in lists_of_formula(formula) for formula in formulas)


def lists_of_formula(formula: dict) -> set[str]:
    """Return the codes of the lists that an indicator counts: by itself, or as the ledger of named items."""
    named = (formula.get("ledger") or {}).get("where", {}).get("named_list__code", [])
    return {formula.get("list"), *([named] if isinstance(named, str) else named)} - {None}


class ItemStatus(models.TextChoices):
    """Whether it has happened."""

    PLANNED = "planned", _("Planned")
    DONE = "done", _("Done")


class Highlight(models.Model):
    """One named item of a township's year. The report's lists and counts of lists read these."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="highlights")
    year = models.PositiveSmallIntegerField(_("year"))
    named_list = models.ForeignKey(NamedList, models.PROTECT, related_name="items", verbose_name=_("list"))
    name = models.CharField(_("name"), max_length=120)
    date_from = models.DateField(_("date"), null=True, blank=True)
    date_to = models.DateField(_("until"), null=True, blank=True)
    period_text = models.CharField(_("period in words"), max_length=60, blank=True)
    place = models.CharField(_("place"), max_length=80, blank=True)
    organiser = models.CharField(_("organiser"), max_length=80, blank=True)
    partner = models.CharField(_("partner departments"), max_length=120, blank=True)
    level = models.CharField(_("level"), max_length=20, blank=True)
    grade = models.CharField(_("grade"), max_length=40, blank=True)
    recipient = models.CharField(_("recipient unit"), max_length=80, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=1, null=True, blank=True)
    quantity_measure = models.CharField(_("measure word"), max_length=8, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=ItemStatus.choices, default=ItemStatus.DONE)
    evidence_ref = models.CharField(_("evidence"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    batch = models.ForeignKey(ImportBatch, models.SET_NULL, null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """By list, then the order people gave, then date."""

        ordering = ["named_list__area__order", "named_list__order", "order", "date_from", "pk"]
        indexes = [models.Index(fields=["unit", "year"], name="highlight_year")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(date_to__isnull=True) | models.Q(date_from__isnull=True)
                | models.Q(date_to__gte=models.F("date_from")),
                name="highlight_dates_in_order",
            )
        ]  # fmt: skip

    def __str__(self):
        """Return the name."""
        return self.name

    @property
    def duration_days(self) -> int | None:
        """Days from the first to the last, both counted (为期N天); None without both dates."""
        if self.date_from and self.date_to:
            return (self.date_to - self.date_from).days + 1
        return None
