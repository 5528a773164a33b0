"""The district's units with what is known of them."""

from datetime import date

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.choices import PopulationKind
from accounts.models import Population, Unit
from accounts.querysets import valid_during


def day_of_year(year: int, today: date) -> date:
    """Return the day on which a year's units are counted: today, or the year's nearest day to it."""
    return min(max(today, date(year, 1, 1)), date(year, 12, 31))


def township_rows(units: QuerySet, year: int, today: date) -> QuerySet:
    """Return the townships among `units` with `villages`, and `persons`, their household population of the year.

    Both are of the villages that stand on `day_of_year`: those that ended have gone into others. `persons` is None where no
    village has a figure; `counted` says how many have one.
    """
    day = day_of_year(year, today)
    counted = _of_year(year, unit__parent=OuterRef("pk")).filter(valid_during(day, day, "unit__")).values("unit__parent")
    return (
        units.townships()
        .order_by("order", "code")
        .annotate(
            villages=Count("children", filter=valid_during(day, day, "children__")),
            persons=Subquery(counted.annotate(total=Sum("persons")).values("total")),
            counted=Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
        )
    )


def village_rows(township: Unit, year: int) -> QuerySet:
    """Return a township's villages, those that ended last, with `persons` and `persons_before`.

    These are the household population of the year and of the year before, None where it is not known.
    """
    now, before = (_of_year(at, unit=OuterRef("pk")).values("persons")[:1] for at in (year, year - 1))
    rows = township.children.select_related("successor").annotate(persons=Subquery(now), persons_before=Subquery(before))
    return rows.order_by(F("valid_to").desc(nulls_first=True), "order", "code")


def _of_year(year: int, **about) -> QuerySet:
    return Population.objects.filter(year=year, kind=PopulationKind.HOUSEHOLD, **about).order_by()
