"""The set of indicators and lists that a district uses from a year on. Sets of years past stay as they were."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Unit
from metrics.querysets import CatalogueQuerySet


class CatalogueState(models.TextChoices):
    """Whether clerks fill it already."""

    DRAFT = "draft", pgettext_lazy("catalogue", "Draft")
    PUBLISHED = "published", _("In force")


class Catalogue(models.Model):
    """What is counted from `first_year` on, until a later one takes over. Without a district: the set that is shipped.

    A new year is a full copy, so what was counted in the years before cannot change with it (docs/adr/0010).
    """

    district = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="catalogues")
    first_year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=10, choices=CatalogueState.choices, default=CatalogueState.DRAFT)
    effect_date = models.DateField(_("takes effect on"), null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        """Newest year first; one a district and first year."""

        ordering = ["-first_year"]
        constraints = [
            models.UniqueConstraint(fields=["district", "first_year"], name="catalogue_once"),
            models.UniqueConstraint(
                fields=["first_year"], condition=models.Q(district__isnull=True), name="catalogue_shipped_once"
            ),
        ]

    def __str__(self):
        """Return the year it begins with."""
        return f"{self.first_year}年"

    @property
    def is_draft(self) -> bool:
        """Whether everything may still be changed."""
        return self.state == CatalogueState.DRAFT

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the product and belongs to no district."""
        return self.district_id is None
