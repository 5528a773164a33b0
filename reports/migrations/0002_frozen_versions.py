from django.db import migrations

from workflow import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, ("reports_reportversion",))


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, ("reports_reportversion",))


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("workflow", "0002_append_only_events")]
    operations = [migrations.RunPython(install, remove)]
