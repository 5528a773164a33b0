"""Checks of an indicator become a list of rules; what the old columns said moves into it."""

from decimal import Decimal

from django.db import migrations, models

ERROR, QUERY = "error", "query"
FLOW = (
    {"rule": "jump_year", "level": QUERY, "limit": 2, "small": 20},
    {"rule": "outlier", "level": QUERY, "limit": 4, "small": 20},
    {"rule": "same", "level": QUERY, "small": 50},
)


def move_into_checks(apps, schema_editor):
    """Write every indicator's checks from its old columns; sync_catalogue then brings the files' own."""
    Indicator = apps.get_model("metrics", "Indicator")
    rows = {row.code: row for row in Indicator.objects.all()}
    for row in rows.values():
        row.checks = _of_rate(row, rows) if row.aggregation == "ratio" else _of_typed(row, rows)
    Indicator.objects.bulk_update(rows.values(), ["checks"], batch_size=200)


def _of_typed(row, rows) -> list[dict]:
    if row.source != "entered":
        return []
    checks = []
    is_village_flow = row.level == "village" and row.aggregation == "sum"
    if row.aggregation in ("sum", "last") and row.warn_ratio and not is_village_flow:
        limit = Decimal(row.warn_ratio)
        number = int(limit) if limit == limit.to_integral_value() else float(limit)
        checks.append({"rule": "jump", "level": QUERY, "limit": number, "small": 10})
    if row.aggregation == "sum" and not is_village_flow:
        checks += FLOW
    if row.aggregation == "last":
        checks.append({"rule": "zero", "level": QUERY})
    if row.aggregation in ("distinct_ytd", "max"):
        checks.append({"rule": "shrunk", "level": QUERY})
    if row.not_above in rows and not _is_rated(row, rows):
        checks.append({"rule": "above", "level": QUERY, "other": row.not_above})
    if row.formula.get("ledger"):
        checks.append({"rule": "ledger", "level": QUERY})
    return checks


def _of_rate(row, rows) -> list[dict]:
    above = rows.get(row.formula.get("numerator"))
    is_within = above is not None and above.not_above == row.formula.get("denominator")
    return [{"rule": "rate", "level": ERROR}] if is_within and row.measure == "%" else []


def _is_rated(row, rows) -> bool:
    pair = (row.code, row.not_above)
    return any((other.formula.get("numerator"), other.formula.get("denominator")) == pair for other in rows.values())


class Migration(migrations.Migration):

    dependencies = [
        ("metrics", "0006_operations"),
    ]

    operations = [
        migrations.AddField("indicator", "checks", models.JSONField(blank=True, default=list)),
        migrations.RunPython(move_into_checks, migrations.RunPython.noop),
        migrations.RemoveField("indicator", "not_above"),
        migrations.RemoveField("indicator", "warn_ratio"),
    ]
