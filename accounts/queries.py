"""The district's units with what is known of them."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.choices import PopulationKind
from accounts.models import Population, Unit


def _persons_of_villages(year: int):
    rows = Population.objects.filter(unit__parent=OuterRef("pk"), year=year, kind=PopulationKind.HOUSEHOLD)
    return Subquery(rows.order_by().values("unit__parent").annotate(total=Sum("persons")).values("total"))


def township_rows(units: QuerySet, year: int) -> QuerySet:
    """Return the townships among `units` with `villages` (their number today) and `persons` (household population of the year).

    `persons` is None where no village has a figure; `counted` says how many have one.
    """
    counted = Population.objects.filter(unit__parent=OuterRef("pk"), year=year, kind=PopulationKind.HOUSEHOLD)
    return (
        units.townships()
        .order_by("order", "code")
        .annotate(
            villages=Count("children", filter=Q(children__valid_to__isnull=True)),
            persons=_persons_of_villages(year),
            counted=Coalesce(Subquery(counted.order_by().values("unit__parent").annotate(n=Count("pk")).values("n")), 0),
        )
    )


def village_rows(township: Unit, year: int) -> QuerySet:
    """Return a township's villages with `persons`, the household population of the year, None where it is not known."""
    figure = Population.objects.filter(unit=OuterRef("pk"), year=year, kind=PopulationKind.HOUSEHOLD)
    return township.children.order_by("order", "code").annotate(persons=Subquery(figure.values("persons")[:1]))
