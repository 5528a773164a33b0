from django.db import migrations

from workflow import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, (triggers.ROUNDS,))


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, (triggers.ROUNDS,))


class Migration(migrations.Migration):
    dependencies = [("workflow", "0003_open_job_once")]
    operations = [migrations.RunPython(install, remove)]
