"""Which catalogues, indicators, returns, figures and named items."""

from django.db.models import F, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.choices import DISTRICT_ROLES
from accounts.models import Unit
from metrics.choices import RowStatus
from workflow.choices import EDITABLE_STATES, State
from workflow.querysets import UnitScopedQuerySet


class PublicQuerySet(QuerySet):
    """Work areas: the same for everybody who is signed in."""

    def visible_to(self, user):
        """Everything for an active account, nothing for anybody else."""
        return self.all() if user.is_authenticated and user.is_active else self.none()


class CatalogueQuerySet(QuerySet):
    """Catalogues by scope and year."""

    def visible_to(self, user):
        """The shipped catalogue, and those of the user's own district."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(district__isnull=True) | Q(district=_district_of(user)))

    def in_force(self, district, year: int):
        """The published catalogues that may serve a district (a Unit, its id, or None) in a year; the first one does.

        A district's own goes before the shipped one, a later first year before an earlier one.
        """
        reached = Q(effect_date__isnull=True) | Q(effect_date__lte=timezone.localdate())
        rows = self.filter(reached, Q(district__isnull=True) | Q(district=district), state="published", first_year__lte=year)
        return rows.order_by(F("district").asc(nulls_last=True), "-first_year")


def _district_of(user) -> int:
    return user.unit_id if user.role in DISTRICT_ROLES else user.district_id


class OfCatalogueQuerySet(QuerySet):
    """Rows of catalogues."""

    def visible_to(self, user):
        """Rows of the shipped catalogue and of the user's own district's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(catalogue__district__isnull=True) | Q(catalogue__district=_district_of(user)))

    def of_year(self, district, year: int):
        """Rows of the one catalogue that a district (a Unit, its id, or None) uses in a year, in the order of the form."""
        return self.filter(catalogue=self.serving(district, year)).select_related("area")

    def serving(self, district, year: int) -> Subquery:
        """The id of the catalogue that a district uses in a year."""
        catalogues = self.model._meta.get_field("catalogue").related_model.objects
        return Subquery(catalogues.in_force(district, year).values("pk")[:1])


class IndicatorQuerySet(OfCatalogueQuerySet):
    """Indicators by catalogue and month."""

    def counted_in(self, year: int, month: int | None = None):
        """Indicators that are counted in a month, or in any month of a year; as Indicator.counts_in."""
        began, lasts = Q(valid_from__lte=year), Q(valid_to__isnull=True) | Q(valid_to__gte=year)
        if month is not None:
            began = Q(valid_from__lt=year) | Q(valid_from=year, valid_from_month__lte=month)
            lasts = Q(valid_to__isnull=True) | Q(valid_to__gt=year) | Q(valid_to=year, valid_to_month__gte=month)
        return self.filter(began, lasts)


class ReturnQuerySet(UnitScopedQuerySet):
    """Monthly returns."""

    def visible_to(self, user):
        """Returns of visible townships; a village clerk sees the township's return (its own row of it)."""
        if user.is_authenticated and user.is_active and user.unit.is_village:
            return self.filter(unit=user.unit.parent_id)
        return super().visible_to(user)

    def editable(self):
        """Returns that the township may still change."""
        return self.filter(state__in=EDITABLE_STATES)

    def approved(self):
        """Returns whose figures count."""
        return self.filter(state=State.APPROVED)

    def since(self, day):
        """Returns of a day's month and of every later one."""
        return self.filter(Q(year__gt=day.year) | Q(year=day.year, month__gte=day.month))

    def for_review(self):
        """Returns that the district has to decide on, oldest submission first."""
        return self.filter(state__in=(State.SUBMITTED, State.IN_REVIEW)).order_by("submitted_at", "pk")


class FigureQuerySet(QuerySet):
    """Figures."""

    def visible_to(self, user):
        """Figures of visible units: a township sees its own and its villages', a village its own."""
        return self.filter(unit__in=Unit.objects.visible_to(user))


class DistrictYearQuerySet(QuerySet):
    """District settings by scope."""

    def visible_to(self, user):
        """The settings of the user's own district."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in DISTRICT_ROLES:
            return self.filter(district=user.unit_id)
        return self.filter(district=user.district_id)


# Rows of a month's template that count, and whose cell moved on here after the template was downloaded.
NEWER = Q(replaced__newer=True, is_skipped=False, status__in=(RowStatus.NEW, RowStatus.UPDATE))


class ImportRowQuerySet(QuerySet):
    """Rows of imports."""

    def visible_to(self, user):
        """Rows of imports of visible units."""
        return self.filter(batch__unit__in=Unit.objects.visible_to(user))


class OperationQuerySet(QuerySet):
    """Operations on cells."""

    def visible_to(self, user):
        """A person's own: nobody else's browser asks for them."""
        return self.filter(user=user.pk) if user.is_authenticated and user.is_active else self.none()


class EditorQuerySet(QuerySet):
    """Who is at which return."""

    def visible_to(self, user):
        """Editors who belong to units that the user may see."""
        return self.filter(user__unit__in=Unit.objects.visible_to(user))

    def seen_since(self, moment):
        """Editors seen since a moment, the latest first."""
        return self.filter(seen_at__gte=moment).order_by("-seen_at")


class EvidenceFileQuerySet(QuerySet):
    """Files of evidence."""

    def visible_to(self, user):
        """Files of visible units; a village's clerk sees those of their own village's cells, whoever sent them."""
        units = Unit.objects.visible_to(user)
        linked = self.model._meta.get_field("links").related_model.objects.filter(unit__in=units)
        return self.filter(Q(unit__in=units) | Q(pk__in=linked.values("file")))

    def of_township_month(self, township, year: int, month: int):
        """Files that take space of a township's month, its villages' included."""
        return self.filter(Q(unit=township) | Q(unit__parent=township), year=year, month=month)


class EvidenceLinkQuerySet(UnitScopedQuerySet):
    """What files prove."""
