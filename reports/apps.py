"""The reports app: annual summary and plan, bound to figures."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Blocks, tokens, versions and exports."""

    name = "reports"
    verbose_name = _("Annual reports")

    def ready(self):
        """Register what workers print as kinds of job."""
        from reports import exports, return_pdf  # noqa: F401
