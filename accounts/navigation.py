"""The main navigation: which entries a role sees. Addresses are names only, so nothing is imported from later apps."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES, Role

EVERYBODY = tuple(Role)


@dataclass(frozen=True)
class Place:
    """An entry: where it leads, its words, who sees it, and the names of the pages that belong to it."""

    name: str
    label: str
    roles: tuple[str, ...]
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An entry as shown."""

    url: str
    label: str
    is_current: bool


PLACES = (
    Place("workbench", _("Workbench"), EVERYBODY, ("workbench",)),
    Place("metrics:return_list", _("Monthly returns"), (*TOWNSHIP_ROLES, Role.VILLAGE_CLERK), ("metrics:return", "volunteers:")),
    Place("metrics:queue", _("Review"), (Role.DISTRICT_REVIEWER,), ("metrics:queue", "metrics:return_detail")),
    Place("metrics:board", _("Board"), DISTRICT_ROLES, ("metrics:board", "metrics:comparison", "metrics:return_list")),
    Place("metrics:ledger_index", _("Ledgers"), (*TOWNSHIP_ROLES, *DISTRICT_ROLES), ("metrics:ledger",)),
    Place("metrics:item_list", _("Named items"), (*TOWNSHIP_ROLES, *DISTRICT_ROLES), ("metrics:item",)),
    Place("reports:report_list", _("Annual reports"), (*TOWNSHIP_ROLES, *DISTRICT_ROLES), ("reports:",)),
    Place("workflow:account_list", _("Accounts"), (Role.DISTRICT_ADMIN,), ("workflow:account",)),
    Place("metrics:unit_list", _("Units"), (Role.DISTRICT_ADMIN,), ("metrics:unit", "metrics:village")),
    Place(
        "metrics:catalogue_list",
        _("Indicators"),
        (Role.DISTRICT_ADMIN,),
        ("metrics:catalogue", "metrics:indicator", "metrics:named_list"),
    ),
    Place("metrics:target_list", _("Targets"), (Role.DISTRICT_ADMIN,), ("metrics:target",)),
    Place("metrics:settings", _("Settings"), (Role.DISTRICT_ADMIN,), ("metrics:settings",)),
)


def entries_for(user, page: str) -> list[Entry]:
    """Return the entries of a person's role; `page` is the name of the page shown, with its namespace."""
    entries = []
    for place in PLACES:
        if user.role not in place.roles:
            continue
        try:
            url = reverse(place.name)
        except NoReverseMatch:
            continue
        entries.append(Entry(url, place.label, page.startswith(place.pages)))
    return entries
