"""Indicators and named lists belong to a catalogue; all rows that there are go into the shipped one. Reversible."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What holds on to a row of each kind: (model of the rows, model and field that point to them).
HELD_BY = (("Indicator", "Figure", "indicator"), ("NamedList", "Highlight", "named_list"))


def into_shipped_catalogue(apps, schema_editor):
    """Put every row into one shipped catalogue, which serves all years."""
    rows = [apps.get_model("metrics", name) for name, _holder, _field in HELD_BY]
    if any(model.objects.exists() for model in rows):
        shipped = apps.get_model("metrics", "Catalogue").objects.create(first_year=2000, state="published")
        for model in rows:
            model.objects.update(catalogue=shipped)
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table that has checks pending


def into_one(apps, schema_editor):
    """Keep one row a code, the shipped one where there is one; figures and items of the others move to it."""
    for name, holder, field in HELD_BY:
        model, holding = apps.get_model("metrics", name), apps.get_model("metrics", holder)
        kept, names, leaving = {}, set(), []
        for row in model.objects.order_by(models.F("catalogue__district").asc(nulls_first=True), "catalogue__first_year", "pk"):
            if row.code not in kept:
                kept[row.code] = row
                row.name = row.name if row.name not in names else f"{row.name[:30]}（{row.pk}）"
                names.add(row.name)
                row.save()
            else:
                holding.objects.filter(**{field: row}).update(**{field: kept[row.code]})
                leaving.append(row)
        if name == "Indicator":
            _move_parents(model, kept)
        model.objects.filter(pk__in=[row.pk for row in leaving]).delete()
        model.objects.update(catalogue=None)
    apps.get_model("metrics", "Catalogue").objects.all().delete()
    schema_editor.connection.check_constraints()


def _move_parents(model, kept) -> None:
    codes = dict(model.objects.values_list("pk", "code"))
    for row in model.objects.exclude(parent=None):
        row.parent = kept[codes[row.parent_id]] if kept[row.code].pk == row.pk else None
        row.save(update_fields=["parent"])


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0007_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Catalogue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("state", models.CharField(choices=[("draft", "Draft"), ("published", "In force")], default="draft", max_length=10,
                                           verbose_name="state")),
                ("effect_date", models.DateField(blank=True, null=True, verbose_name="takes effect on")),
                ("published_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("district", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                                               related_name="catalogues", to="accounts.unit")),
                ("published_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                                                   to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["-first_year"]},
        ),
        migrations.AddConstraint(
            model_name="catalogue",
            constraint=models.UniqueConstraint(fields=("district", "first_year"), name="catalogue_once"),
        ),
        migrations.AddConstraint(
            model_name="catalogue",
            constraint=models.UniqueConstraint(condition=models.Q(("district__isnull", True)), fields=("first_year",),
                                               name="catalogue_shipped_once"),
        ),
        migrations.RemoveConstraint(model_name="indicator", name="indicator_name_once"),
        migrations.AddField("indicator", "former_names", models.JSONField(blank=True, default=list)),
        migrations.AddField("indicator", "valid_from_month", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("indicator", "valid_to_month", models.PositiveSmallIntegerField(default=12)),
        migrations.AddField("indicator", "version", models.PositiveIntegerField(default=1)),
        migrations.AddField("namedlist", "former_names", models.JSONField(blank=True, default=list)),
        migrations.AddField("namedlist", "version", models.PositiveIntegerField(default=1)),
        migrations.AlterField("indicator", "code", models.CharField(max_length=80)),
        migrations.AlterField("namedlist", "code", models.CharField(max_length=60)),
        migrations.AlterField("namedlist", "name", models.CharField(max_length=40, verbose_name="name")),
        migrations.AddField("indicator", "catalogue", models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="indicators", to="metrics.catalogue")),
        migrations.AddField("namedlist", "catalogue", models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="named_lists", to="metrics.catalogue")),
        migrations.RunPython(into_shipped_catalogue, into_one),
        migrations.AlterField("indicator", "catalogue", models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="indicators", to="metrics.catalogue")),
        migrations.AlterField("namedlist", "catalogue", models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="named_lists", to="metrics.catalogue")),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.UniqueConstraint(fields=("catalogue", "code"), name="indicator_code_once"),
        ),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.UniqueConstraint(condition=models.Q(("valid_to__isnull", True)), fields=("catalogue", "name"),
                                               name="indicator_name_once"),
        ),
        migrations.AddConstraint(
            model_name="namedlist",
            constraint=models.UniqueConstraint(fields=("catalogue", "code"), name="named_list_code_once"),
        ),
        migrations.AddConstraint(
            model_name="namedlist",
            constraint=models.UniqueConstraint(fields=("catalogue", "name"), name="named_list_name_once"),
        ),
    ]  # fmt: skip
