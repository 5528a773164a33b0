"""Indicators of a district's set: added, changed, put in order, retired. A set in force takes corrections and months alone."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.catalogue_review import served_years, settled_month, shown_key
from metrics.catalogue_rules import row_of
from metrics.grid import in_tree_order
from metrics.models import Catalogue, Indicator
from metrics.permissions import check_can_draft, check_can_keep_catalogue
from metrics.services.sets import locked_set, record_set, touch
from workflow.services import once
from workflow.transitions import Refused

DECEMBER = 12
OWN = "own_"


@transaction.atomic
def add_indicator(*, by, indicator: Indicator, month: int = 1, form_key=None) -> Indicator:
    """Add an indicator at the end of its area, once for one `form_key`; in a set in force from a month on that nobody has
    handed in yet.

    Gives it its code. Raises Refused for a month that is handed in already.
    """
    return once(by=by, form_key=form_key, rows=Indicator.objects, make=lambda: _add(by, indicator, month))


def _add(by, indicator: Indicator, month: int) -> Indicator:
    catalogue = locked_set(indicator.catalogue)
    check_can_keep_catalogue(by, catalogue)
    year = catalogue.first_year if catalogue.is_draft else running_year(catalogue)
    if not catalogue.is_draft:
        _check_is_open(catalogue, year, month)
    last = catalogue.indicators.filter(area=indicator.area).order_by("-order").first()
    indicator.code, indicator.order = _next_code(catalogue, indicator), last.order + 1 if last else 0
    indicator.valid_from, indicator.valid_from_month = year, month
    _write(indicator)
    _renumber(list(catalogue.indicators.filter(area=indicator.area)))
    touch(catalogue)
    values = {key: str(value) for key, value in row_of(indicator).items() if value not in ("", None)}
    record_set(
        by, catalogue, "add_indicator", [{"indicator": indicator.code, "new": values, "from_month": f"{year}-{month:02d}"}]
    )
    return indicator


def _next_code(catalogue: Catalogue, indicator: Indicator) -> str:
    """Return a code that no set of the district has used: what an indicator is called in all years to come."""
    prefix = f"{OWN}{indicator.area.code}_"
    used = Indicator.objects.filter(catalogue__district=catalogue.district_id, code__startswith=prefix)
    numbers = [int(code.removeprefix(prefix)) for code in used.values_list("code", flat=True)]
    return f"{prefix}{max(numbers, default=0) + 1}"


def running_year(catalogue: Catalogue) -> int:
    """Return the year that a change of a set in force is about. Raises Refused when another set has taken over."""
    year = max(catalogue.first_year, timezone.localdate().year)
    if year not in served_years(catalogue):
        raise Refused(_("This set no longer serves: a later one has taken over. Change that one."))
    return year


def _check_is_open(catalogue: Catalogue, year: int, month: int) -> None:
    """Refuse a first changed month that somebody has handed in already."""
    settled = settled_month(catalogue.district_id, year)
    if month <= settled:
        words = _("Returns up to month %(settled)d of %(year)d have been handed in; begin with month %(next)d.")
        if settled == DECEMBER:
            words = _("Returns up to month %(settled)d of %(year)d have been handed in; make the change in the next year's set.")
        raise Refused(words % {"settled": settled, "year": year, "next": settled + 1})


@transaction.atomic
def change_indicator(*, by, indicator: Indicator, base_version: int) -> Indicator:
    """Change an indicator of a draft; of a set in force its 口径 alone.

    Raises Refused when somebody else changed it since `base_version`, or for a change that a set in force does not take.
    """
    catalogue = locked_set(indicator.catalogue)
    check_can_keep_catalogue(by, catalogue)
    stored = Indicator.objects.select_related("area", "parent").get(pk=indicator.pk)
    if stored.version != base_version:
        raise Refused(_("Somebody else changed this indicator meanwhile. Compare the two and save again."))
    changes = _changes(catalogue, stored, indicator)
    if not catalogue.is_draft and {row["field"] for row in changes} - {"scope"}:
        check_can_draft(by, catalogue)
    if not changes:
        return indicator
    if stored.name != indicator.name and catalogue.is_draft:
        names = [name for name in (*stored.former_names, stored.name) if name != indicator.name]
        indicator.former_names = list(dict.fromkeys(names))
    indicator.version = base_version + 1
    _write(indicator)
    if stored.parent_id != indicator.parent_id:
        _renumber(list(catalogue.indicators.filter(area=indicator.area)))
    touch(catalogue)
    record_set(by, catalogue, "change_indicator", changes)
    return indicator


def _changes(catalogue: Catalogue, stored: Indicator, indicator: Indicator) -> list[dict]:
    names = dict(catalogue.indicators.values_list("code", "name"))
    old, new = row_of(stored), row_of(indicator)
    return [
        {"indicator": stored.code, "field": key, "old": shown_key(stored, key, names), "new": shown_key(indicator, key, names)}
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _write(indicator: Indicator) -> None:
    try:
        with transaction.atomic():
            indicator.save()
    except IntegrityError as error:
        raise Refused(_("Another indicator of this set is called “%(name)s”.") % {"name": indicator.name}) from error


@transaction.atomic
def move_indicator(*, by, indicator: Indicator, place: int) -> None:
    """Put an indicator at a place (from 1) among those it stands beside: its area's wholes, or the parts of its whole."""
    catalogue = locked_set(indicator.catalogue)
    check_can_draft(by, catalogue)
    rows = list(catalogue.indicators.filter(area=indicator.area_id))
    beside = [row for row in rows if row.parent_id == indicator.parent_id]
    old = [row.pk for row in beside].index(indicator.pk)
    moved = beside.pop(old)
    new = min(max(place - 1, 0), len(beside))
    beside.insert(new, moved)
    rank = {row.pk: number for number, row in enumerate(beside)}
    _renumber(sorted(rows, key=lambda row: rank.get(row.pk, row.order)))
    touch(catalogue)
    change = {"indicator": indicator.code, "field": "order", "old": str(old + 1), "new": str(new + 1)}
    record_set(by, catalogue, "move_indicator", [change])


def _renumber(rows: list[Indicator]) -> None:
    """Number an area's rows in the order given, every part right after its whole: annexes print in this order."""
    ordered = [row for row, _depth in in_tree_order(rows)]
    for number, row in enumerate(ordered):
        row.order = number
    Indicator.objects.bulk_update(ordered, ["order"])


@transaction.atomic
def retire_indicator(*, by, indicator: Indicator, last_month: int) -> Indicator:
    """Count an indicator no more after a month; 0 means not in the whole year. What was filled in before stays.

    Raises Refused when months after it are handed in already.
    """
    catalogue = locked_set(indicator.catalogue)
    check_can_keep_catalogue(by, catalogue)
    year = catalogue.first_year if catalogue.is_draft else running_year(catalogue)
    if not catalogue.is_draft:
        _check_is_open(catalogue, year, last_month + 1)
    if last_month and not indicator.counts_in(year, last_month):
        raise Refused(_("“%(name)s” does not count in month %(month)d anyway.") % {"name": indicator.name, "month": last_month})
    until = (year, last_month) if last_month else (year - 1, DECEMBER)
    return _set_end(by, catalogue, indicator, until, "retire_indicator")


@transaction.atomic
def restore_indicator(*, by, indicator: Indicator) -> Indicator:
    """Count a retired indicator again. Raises Refused when months were handed in without it, or its name is taken."""
    catalogue = locked_set(indicator.catalogue)
    check_can_keep_catalogue(by, catalogue)
    if indicator.valid_to is None:
        return indicator
    if not catalogue.is_draft:
        year = running_year(catalogue)
        first_missed = indicator.valid_to_month + 1 if indicator.valid_to == year else 1
        _check_is_open(catalogue, year, first_missed)
    return _set_end(by, catalogue, indicator, None, "restore_indicator")


def _set_end(by, catalogue: Catalogue, indicator: Indicator, until: tuple[int, int] | None, deed: str) -> Indicator:
    old = f"{indicator.valid_to}-{indicator.valid_to_month:02d}" if indicator.valid_to else ""
    indicator.valid_to, indicator.valid_to_month = until or (None, DECEMBER)
    indicator.version += 1
    _write(indicator)
    touch(catalogue)
    new = f"{until[0]}-{until[1]:02d}" if until else ""
    change = {"indicator": indicator.code, "name": indicator.name, "field": "valid_to", "old": old, "new": new}
    record_set(by, catalogue, deed, [change])
    return indicator


@transaction.atomic
def remove_indicator(*, by, indicator: Indicator) -> None:
    """Take an indicator out of a draft that it was added to; one that other years know is retired instead."""
    catalogue = locked_set(indicator.catalogue)
    check_can_draft(by, catalogue)
    if is_known_elsewhere(indicator):
        raise Refused(_("Other years count “%(name)s”; retire it instead.") % {"name": indicator.name})
    users = [row.name for row in catalogue.indicators.select_related("parent", "area") if _refers_to(row, indicator.code)]
    if users:
        words = _("“%(name)s” is needed by %(users)s; change these first.")
        raise Refused(words % {"name": indicator.name, "users": "、".join(users)})
    record_set(by, catalogue, "remove_indicator", [{"indicator": indicator.code, "name": indicator.name}])
    indicator.delete()
    touch(catalogue)


def is_known_elsewhere(indicator: Indicator) -> bool:
    """Whether another set that concerns the district holds the indicator too."""
    concerned = Q(catalogue__district__isnull=True) | Q(catalogue__district=indicator.catalogue.district_id)
    return Indicator.objects.filter(concerned, code=indicator.code).exclude(catalogue=indicator.catalogue_id).exists()


def _refers_to(row: Indicator, code: str) -> bool:
    data = row_of(row)
    singles = ("parent", "numerator", "denominator", "rank_of")
    checked = [value for check in data["checks"] for value in check.values()]
    return code in [*(data.get(key) for key in singles), *data.get("sum_of", ()), *checked]
