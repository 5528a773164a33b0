"""Named lists of a district's set: added, renamed, given other fields, put in order."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from metrics.models import NamedList
from metrics.permissions import check_can_draft, check_can_keep_catalogue
from metrics.services.sets import locked_set, record_set, touch
from workflow.services import once
from workflow.transitions import Refused

OWN = "list_own_"
KEPT_IN_HISTORY = ("name", "hint", "fields")


@transaction.atomic
def add_named_list(*, by, named_list: NamedList, form_key=None) -> NamedList:
    """Add a list at the end of its area, once for one `form_key`, and give it its code; a set in force takes one too, for
    nothing rests on it yet."""
    return once(by=by, form_key=form_key, rows=NamedList.objects, make=lambda: _add(by, named_list))


def _add(by, named_list: NamedList) -> NamedList:
    catalogue = locked_set(named_list.catalogue)
    check_can_keep_catalogue(by, catalogue)
    used = NamedList.objects.filter(catalogue__district=catalogue.district_id, code__startswith=OWN)
    numbers = [int(code.removeprefix(OWN)) for code in used.values_list("code", flat=True)]
    last = catalogue.named_lists.filter(area=named_list.area).order_by("-order").first()
    named_list.code, named_list.order = f"{OWN}{max(numbers, default=0) + 1}", last.order + 1 if last else 0
    _write(named_list)
    touch(catalogue)
    record_set(by, catalogue, "add_list", [{"list": named_list.code, "name": named_list.name, "fields": named_list.fields}])
    return named_list


@transaction.atomic
def change_named_list(*, by, named_list: NamedList, base_version: int) -> NamedList:
    """Change a list of a draft; of a set in force the hint alone. Raises Refused when it changed since `base_version`."""
    catalogue = locked_set(named_list.catalogue)
    check_can_keep_catalogue(by, catalogue)
    stored = NamedList.objects.get(pk=named_list.pk)
    if stored.version != base_version:
        raise Refused(_("Somebody else changed this list meanwhile. Compare the two and save again."))
    changes = [
        {"list": stored.code, "field": name, "old": getattr(stored, name), "new": getattr(named_list, name)}
        for name in KEPT_IN_HISTORY if getattr(stored, name) != getattr(named_list, name)
    ]  # fmt: skip
    if not catalogue.is_draft and {row["field"] for row in changes} - {"hint"}:
        check_can_draft(by, catalogue)
    if not changes:
        return named_list
    if stored.name != named_list.name:
        names = [name for name in (*stored.former_names, stored.name) if name != named_list.name]
        named_list.former_names = list(dict.fromkeys(names))
    named_list.version = base_version + 1
    _write(named_list)
    touch(catalogue)
    record_set(by, catalogue, "change_list", changes)
    return named_list


def _write(named_list: NamedList) -> None:
    try:
        with transaction.atomic():
            named_list.save()
    except IntegrityError as error:
        raise Refused(_("Another list of this set is called “%(name)s”.") % {"name": named_list.name}) from error


@transaction.atomic
def move_named_list(*, by, named_list: NamedList, place: int) -> None:
    """Put a list at a place (from 1) among those of its area."""
    catalogue = locked_set(named_list.catalogue)
    check_can_draft(by, catalogue)
    rows = [row for row in catalogue.named_lists.filter(area=named_list.area_id) if row.pk != named_list.pk]
    rows.insert(min(max(place - 1, 0), len(rows)), named_list)
    for number, row in enumerate(rows):
        row.order = number
    NamedList.objects.bulk_update(rows, ["order"])
    touch(catalogue)
    record_set(by, catalogue, "move_list", [{"list": named_list.code, "new": str(rows.index(named_list) + 1)}])
