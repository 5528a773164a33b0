"""Kinds of block, states and classes of templates, profiles, conditions of alternatives."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import UnitKind


class BlockKind(TextChoices):
    """What a block of the report is; numbering is made, never typed."""

    HEADING = "heading", _("Heading")
    PARAGRAPH = "paragraph", _("Paragraph")
    ITEM = "item", _("Run-in item")
    PLAN = "plan", _("Plan item")
    ANNEX = "annex", _("Annex table")
    LIST = "list", _("Named list")
    TABLE = "table", _("Table")
    CHART = "chart", _("Chart")


# Made from a choice of figures, not from typed text; a district's template holds none of them.
BUILT_KINDS = (BlockKind.LIST, BlockKind.TABLE, BlockKind.CHART)
TEMPLATE_KINDS = [(value, label) for value, label in BlockKind.choices if value not in BUILT_KINDS]


class TemplateState(TextChoices):
    """Whether reports are created from a template. What has been in force is never changed, only replaced."""

    DRAFT = "draft", pgettext_lazy("catalogue", "Draft")
    PUBLISHED = "published", _("In force")
    REPLACED = "replaced", _("Replaced")


class UnitClass(TextChoices):
    """Whom a template is for; the one for a unit's own class goes before the one for all townships."""

    ALL = "", _("All townships")
    TOWN = UnitKind.TOWN.value, UnitKind.TOWN.label
    TOWNSHIP = UnitKind.TOWNSHIP.value, UnitKind.TOWNSHIP.label
    SUBDISTRICT = UnitKind.SUBDISTRICT.value, UnitKind.SUBDISTRICT.label
    DISTRICT = UnitKind.DISTRICT.value, _("The district itself")


class Profile(TextChoices):
    """How a report looks: without a head, or with the red head of an upward document (GB/T 9704-2012)."""

    PLAIN = "plain", _("Plain material")
    RED_HEAD = "red_head", _("Red-head report")


class When(TextChoices):
    """When an alternative wording is taken; judged on approved figures when the report is created."""

    RISEN = "risen", _("a figure rose against last year")
    FALLEN = "fallen", _("a figure fell against last year")
    FRONT = "front", _("the rank is in the front band")
    NOT_FRONT = "not_front", _("the rank is not in the front band")
    LAGGING = "lagging", _("at least one village lags behind")
    NONE_LAGGING = "none_lagging", _("no village lags behind")
    ALWAYS = "always", _("always")


# The kinds of table that an annex block may name; one of them is of a district's own report alone.
OF_DISTRICT = "unit_figures"
ANNEX_LABELS = {
    "monthly_figures": _("Figures by month"),
    "village_volunteers": _("Volunteering by village"),
    "media_matrix": _("Media placements by level and medium"),
    OF_DISTRICT: _("Main figures by township (the district's own report)"),
    "plan_outcomes": _("How last year's plan was met"),
    "plan_items": _("Measures of next year's plan"),
}


class Outcome(TextChoices):
    """How a planned measure was met; see reports.outcomes for the rule."""

    DONE = "done", _("Completed")
    UNDERWAY = "underway", _("In progress")
    NOT_STARTED = "not_started", _("Not started")
