"""Roles and kinds of unit."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(TextChoices):
    """What a person does; the unit says where."""

    VILLAGE_CLERK = "village_clerk", _("Village clerk")
    TOWNSHIP_CLERK = "township_clerk", _("Township clerk")
    TOWNSHIP_HEAD = "township_head", _("Township head")
    DISTRICT_REVIEWER = "district_reviewer", _("District reviewer")
    DISTRICT_ADMIN = "district_admin", _("District administrator")
    AUDITOR = "auditor", _("Auditor")


class UnitKind(TextChoices):
    """Kinds of unit; the level follows from the kind (GB/T 10114: 街道 001-099, 镇 100-199, 乡 200-399)."""

    DISTRICT = "district", _("District")
    TOWN = "town", _("Town")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    TOWNSHIP = "township", pgettext_lazy("kind of unit", "Township")
    VILLAGE = "village", _("Village")
    COMMUNITY = "community", _("Community")


TOWNSHIP_KINDS = (UnitKind.TOWN, UnitKind.SUBDISTRICT, UnitKind.TOWNSHIP)
VILLAGE_KINDS = (UnitKind.VILLAGE, UnitKind.COMMUNITY)
DISTRICT_ROLES = (Role.DISTRICT_REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR)
TOWNSHIP_ROLES = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_HEAD)


class PopulationKind(TextChoices):
    """What a share is a share of; stored with every share."""

    HOUSEHOLD = "household", _("Household-registered population")
    RESIDENT = "resident", _("Resident population")
