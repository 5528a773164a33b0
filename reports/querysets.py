"""Which reports, blocks and templates."""

from django.db.models import QuerySet

from accounts.choices import DISTRICT_ROLES
from reports.choices import TemplateState, UnitClass
from workflow.choices import State
from workflow.querysets import UnitScopedQuerySet


class ReportQuerySet(UnitScopedQuerySet):
    """Annual reports."""

    def for_review(self):
        """Reports the district has to decide on."""
        return self.filter(state__in=(State.SUBMITTED, State.IN_REVIEW)).order_by("submitted_at", "pk")


class OfReportQuerySet(QuerySet):
    """Rows that belong to a report: blocks, bound figures, versions."""

    def visible_to(self, user):
        """Rows of the reports the user may see."""
        from reports.models import Report

        return self.filter(report__in=Report.objects.visible_to(user))


class MonthlyFormQuerySet(QuerySet):
    """Districts' own forms of the monthly return."""

    def visible_to(self, user):
        """Those of the user's district, for district roles."""
        if not user.is_authenticated or not user.is_active or user.role not in DISTRICT_ROLES:
            return self.none()
        return self.filter(district=user.unit_id)

    def in_force(self, district, year: int):
        """The forms that may serve a district (a Unit or its id) in a year; the first one does."""
        return self.filter(district=district, year__lte=year).order_by("-year")


class TemplateQuerySet(QuerySet):
    """Report templates by district, year and class of unit."""

    def visible_to(self, user):
        """Templates of the user's district, for district roles."""
        if not user.is_authenticated or not user.is_active or user.role not in DISTRICT_ROLES:
            return self.none()
        return self.filter(district=user.unit_id)

    def in_force(self, district, year: int):
        """Templates that a district (a Unit or its id) may use in a year, the first one of a class going before the rest.

        Its own go before the shipped ones, a later year before an earlier, the one for a class before the one for all.
        """
        rows = self.filter(district=district, year__lte=year, state=TemplateState.PUBLISHED)
        return rows.order_by("is_shipped", "-year", "-unit_class")

    def for_unit(self, unit, year: int):
        """Templates that may serve a township in a year, or a district, which has its own; the first one does."""
        classes = (UnitClass.DISTRICT,) if unit.is_district else (UnitClass.ALL, unit.kind)
        return self.in_force(unit.parent_id or unit.pk, year).filter(unit_class__in=classes)
