"""The metrics app: what is counted, the monthly returns, and their totals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    """Catalogue, returns, figures, named items and totals of the work areas."""

    name = "metrics"
    verbose_name = _("Monthly figures")

    def ready(self):
        """Register the work that workers do."""
        from metrics import import_jobs  # noqa: F401
