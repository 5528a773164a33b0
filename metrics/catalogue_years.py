"""Which indicators a year counts, read for a whole year book: those of the year, and those of the year before it."""

from __future__ import annotations

from django.db.models import Q

from metrics.models import Catalogue, Indicator

ByCode = dict[str, Indicator]


def load_indicators(district, year: int) -> tuple[ByCode, ByCode]:
    """Return a year's indicators by code in the order of the form, and those of the year before; mostly the same dict.

    One query, two in a district's first year under a new catalogue. A parent is its own row, not a second object beside it.
    """
    rows = Indicator.objects.all()
    wanted = Q(catalogue=rows.serving(district, year)) | Q(catalogue=rows.serving(district, year - 1))
    found = list(rows.filter(wanted).select_related("area"))
    _link(found)
    catalogues = {row.catalogue_id for row in found}
    if len(catalogues) < 2:
        same = {row.code: row for row in found}
        return same, same
    this = Catalogue.objects.in_force(district, year).values_list("pk", flat=True).first()
    return (
        {row.code: row for row in found if row.catalogue_id == this},
        {row.code: row for row in found if row.catalogue_id != this},
    )


def load_catalogue(catalogue: Catalogue) -> ByCode:
    """Return the indicators of one catalogue by code, in force or not."""
    found = list(catalogue.indicators.select_related("area"))
    _link(found)
    return {row.code: row for row in found}


def _link(rows: list[Indicator]) -> None:
    by_pk = {row.pk: row for row in rows}
    for row in rows:
        if row.parent_id:
            row.parent = by_pk[row.parent_id]


def codes_of(known: list[ByCode], pks: set[int]) -> dict[int, str]:
    """Return indicator id -> code; a row of another catalogue (of a unit that changed its district) is asked for."""
    codes = {row.pk: row.code for rows in known for row in rows.values()}
    if unknown := pks - codes.keys():
        codes |= dict(Indicator.objects.filter(pk__in=unknown).values_list("pk", "code"))
    return codes
