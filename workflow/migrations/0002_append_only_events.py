from django.db import migrations

from workflow import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, ("workflow_event",))


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, ("workflow_event",))


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
