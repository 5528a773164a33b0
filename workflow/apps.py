"""The workflow app: the approval engine shared by returns and reports."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowConfig(AppConfig):
    """Transition tables, rounds, comments, events and jobs."""

    name = "workflow"
    verbose_name = _("Workflow")
