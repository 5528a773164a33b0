"""Which reports, blocks and templates."""

from django.db.models import QuerySet

from accounts.choices import DISTRICT_ROLES
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


class TemplateQuerySet(QuerySet):
    """A district's report templates."""

    def visible_to(self, user):
        """Templates of the user's district, for district roles."""
        if not user.is_authenticated or not user.is_active or user.role not in DISTRICT_ROLES:
            return self.none()
        return self.filter(district=user.unit_id)
