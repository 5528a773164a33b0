"""Kinds of block."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BlockKind(TextChoices):
    """What a block of the report is; numbering is made, never typed."""

    HEADING = "heading", _("Heading")
    PARAGRAPH = "paragraph", _("Paragraph")
    ITEM = "item", _("Run-in item")
    PLAN = "plan", _("Plan item")
    ANNEX = "annex", _("Annex table")


class Outcome(TextChoices):
    """How a planned measure was met; see reports.outcomes for the rule."""

    DONE = "done", _("Completed")
    UNDERWAY = "underway", _("In progress")
    NOT_STARTED = "not_started", _("Not started")
