"""What a district decides for a year: sign-off, due day, standards and thresholds."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import PopulationKind
from accounts.models import Unit
from metrics.querysets import DistrictYearQuerySet


class DistrictYear(models.Model):
    """A district's settings for one year. Reports keep a copy of the ones they were written under."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="year_settings")
    year = models.PositiveSmallIntegerField(_("year"))
    needs_signoff = models.BooleanField(_("the township head signs off"), default=True)
    due_day = models.PositiveSmallIntegerField(
        _("due on day of the next month"), default=5, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    due_hour = models.PositiveSmallIntegerField(_("due at hour"), default=18, validators=[MaxValueValidator(23)])
    volunteer_standard_hours = models.DecimalField(_("volunteer standard hours"), max_digits=5, decimal_places=1, default=25)
    population_kind = models.CharField(
        _("population counted"),
        max_length=10,
        choices=PopulationKind.choices,
        default=PopulationKind.HOUSEHOLD,
    )
    front_rank_share = models.DecimalField(_("front ranks, share"), max_digits=4, decimal_places=2, default="0.34")
    lagging_share = models.DecimalField(_("lagging below share of target"), max_digits=4, decimal_places=2, default="0.60")
    volunteer_target_share = models.DecimalField(
        _("volunteer target, per cent of population"), max_digits=5, decimal_places=2, default="10.00"
    )
    lagging_most = models.PositiveSmallIntegerField(_("most villages named"), default=3)
    version = models.PositiveIntegerField(default=1)

    objects = DistrictYearQuerySet.as_manager()

    class Meta:
        """One row a district and year."""

        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="district_year_once")]
