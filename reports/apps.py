"""The reports app: annual summary and plan, bound to figures."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Blocks, tokens, versions and exports."""

    name = "reports"
    verbose_name = _("Annual reports")

    def ready(self):
        """Register what workers print as kinds of job, which files stay, and what a template says to a new set of indicators."""
        from metrics.catalogue_review import register_obstacle
        from metrics.return_form import register_form_source
        from reports import batches, exports, live_pages, return_pdf  # noqa: F401
        from reports.monthly import own_form
        from reports.template_names import template_obstacles
        from workflow.pruning_services import register_keeper

        register_obstacle(template_obstacles)
        register_form_source(own_form)
        register_keeper(exports.frozen_files)
