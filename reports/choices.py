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
