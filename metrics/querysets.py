"""Which indicators, returns, figures and named items."""

from django.db.models import Q, QuerySet

from accounts.choices import DISTRICT_ROLES
from accounts.models import Unit
from workflow.choices import EDITABLE_STATES, State
from workflow.querysets import UnitScopedQuerySet


class PublicQuerySet(QuerySet):
    """The catalogue: the same for everybody who is signed in."""

    def visible_to(self, user):
        """Everything for an active account, nothing for anybody else."""
        return self.all() if user.is_authenticated and user.is_active else self.none()


class IndicatorQuerySet(PublicQuerySet):
    """Indicators by year."""

    def valid_in(self, year: int):
        """Indicators counted in a year, in the order of the form."""
        upper = Q(valid_to__isnull=True) | Q(valid_to__gte=year)
        return self.filter(upper, valid_from__lte=year).select_related("area")


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


class LedgerQuerySet(UnitScopedQuerySet):
    """Entries of a ledger."""

    def in_month(self, year: int, month: int):
        """Entries dated in a month."""
        return self.filter(date__year=year, date__month=month)

    def up_to(self, year: int, month: int):
        """Entries of a year up to the end of a month."""
        return self.filter(date__year=year, date__month__lte=month)


class ImportBatchQuerySet(UnitScopedQuerySet):
    """Imports."""


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
