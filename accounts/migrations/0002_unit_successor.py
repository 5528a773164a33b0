"""A unit that ended names the one that followed it: several may name the same, which is what a merger is."""

import django.db.models.deletion
from django.db import migrations, models


def name_successors(apps, schema_editor):
    """Turn round who names whom. A unit that became several has no one successor: that is left to be chosen by hand."""
    Unit = apps.get_model("accounts", "Unit")
    followers = {}
    for pk, predecessor in Unit.objects.filter(predecessor__isnull=False).values_list("pk", "predecessor"):
        followers.setdefault(predecessor, []).append(pk)
    for predecessor, heirs in followers.items():
        if len(heirs) == 1:
            Unit.objects.filter(pk=predecessor).update(successor=heirs[0])
    _settle_constraints(schema_editor)


def name_predecessors(apps, schema_editor):
    """Turn it back; of several merged units the last named one is kept, for there is room for one."""
    Unit = apps.get_model("accounts", "Unit")
    for pk, successor in Unit.objects.filter(successor__isnull=False).values_list("pk", "successor"):
        Unit.objects.filter(pk=successor).update(predecessor=pk)
    _settle_constraints(schema_editor)


def _settle_constraints(schema_editor):
    """PostgreSQL changes no table while checks of its rows are still to come."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    """Unit.predecessor becomes Unit.successor."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="successor",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="predecessors",
                to="accounts.unit",
            ),
        ),
        migrations.RunPython(name_successors, name_predecessors),
        migrations.RemoveField(model_name="unit", name="predecessor"),
    ]  # fmt: skip
