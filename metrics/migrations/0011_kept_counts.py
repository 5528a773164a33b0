"""Returns that were handed in before counts of lists were kept: what their lists say today is kept as their figure."""

from collections import Counter
from decimal import Decimal

from django.db import migrations
from django.utils import timezone

OPEN = ("draft", "returned")


def keep_counts(apps, schema_editor):
    """Store one figure for each count of a closed return that has none."""
    Figure, MonthlyReturn = apps.get_model("metrics", "Figure"), apps.get_model("metrics", "MonthlyReturn")
    Indicator, listed = apps.get_model("metrics", "Indicator"), _listed(apps.get_model("metrics", "Highlight"))
    of_year, rows, now = {}, [], timezone.now()
    closed = MonthlyReturn.objects.exclude(state__in=OPEN).values_list("pk", "unit_id", "unit__parent_id", "year", "month")
    for pk, unit, district, year, month in closed:
        if (district, year) not in of_year:
            catalogue = _catalogue(apps.get_model("metrics", "Catalogue"), district, year)
            of_year[district, year] = list(Indicator.objects.filter(catalogue=catalogue, source="list"))
        for indicator in of_year[district, year]:
            value = Decimal(listed[unit, year, indicator.formula["list"], month])
            rows.append(Figure(monthly_return_id=pk, indicator=indicator, unit_id=unit, kind="value", value=value, raw=str(value),
                               updated_at=now))
    Figure.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _listed(Highlight):
    found = Counter()
    items = Highlight.objects.filter(status="done", date_from__isnull=False)
    for unit, year, code, day in items.values_list("unit_id", "year", "named_list__code", "date_from"):
        found[unit, year, code, day.month if day.year >= year else 1] += 1
    return found


def _catalogue(Catalogue, district, year):
    rows = Catalogue.objects.filter(state="published", first_year__lte=year).order_by("-first_year")
    return rows.filter(district=district).first() or rows.filter(district=None).first()


class Migration(migrations.Migration):
    """Data alone."""

    dependencies = [("metrics", "0010_evidence")]
    operations = [migrations.RunPython(keep_counts, migrations.RunPython.noop)]
