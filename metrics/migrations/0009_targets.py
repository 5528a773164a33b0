"""Targets of units and years."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0008_catalogues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("code", models.CharField(max_length=80)),
                ("value", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="target")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="note")),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="targets", to="accounts.unit")),
                ("updated_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                                                 to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["year", "unit__order", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "year", "code"), name="target_once"),
                    models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="target_not_negative"),
                ],
            },
        ),
    ]  # fmt: skip
