"""Which units and accounts: the scope of everything else rests on these."""

from django.db.models import Q, QuerySet

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_KINDS, VILLAGE_KINDS, UnitKind


def valid_during(first_day, last_day, unit: str = "") -> Q:
    """The condition that a unit existed on at least one day of the span; `unit` is the way to it from another table."""
    still_there = Q(**{f"{unit}valid_to__isnull": True}) | Q(**{f"{unit}valid_to__gte": first_day})
    return Q(still_there, **{f"{unit}valid_from__lte": last_day})


class UnitQuerySet(QuerySet):
    """Units by scope, level and time."""

    def visible_to(self, user):
        """Units whose figures the user may see: their own and everything below it. Anonymous or disabled: none."""
        if not user.is_authenticated or not user.is_active or user.unit_id is None:
            return self.none()
        own = user.unit_id
        return self.filter(Q(pk=own) | Q(parent=own) | Q(parent__parent=own))

    def districts(self):
        """Return districts only."""
        return self.filter(kind=UnitKind.DISTRICT)

    def townships(self):
        """Return towns, subdistricts and townships."""
        return self.filter(kind__in=TOWNSHIP_KINDS)

    def villages(self):
        """Return villages and communities."""
        return self.filter(kind__in=VILLAGE_KINDS)

    def valid_during(self, first_day, last_day):
        """Units that existed on at least one day of the span."""
        return self.filter(valid_during(first_day, last_day))


class UserQuerySet(QuerySet):
    """Accounts by scope."""

    def visible_to(self, user):
        """Accounts a user may see: district roles see their district's, others see their own alone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in DISTRICT_ROLES:
            own = user.unit_id
            return self.filter(Q(unit=own) | Q(unit__parent=own) | Q(unit__parent__parent=own))
        return self.filter(pk=user.pk)


class PopulationQuerySet(QuerySet):
    """Yearly populations by scope."""

    def visible_to(self, user):
        """Populations of the units the user may see."""
        own = user.unit_id if user.is_authenticated and user.is_active else None
        if own is None:
            return self.none()
        return self.filter(Q(unit=own) | Q(unit__parent=own) | Q(unit__parent__parent=own))
