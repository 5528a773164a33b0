from django.db import migrations

from workflow import triggers


def install(apps, schema_editor):
    triggers.refuse_truncate(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.allow_truncate(schema_editor.connection)


class Migration(migrations.Migration):
    # The frozen versions' table is one of those that are not to be emptied.
    dependencies = [("workflow", "0005_idempotency_key"), ("reports", "0002_frozen_versions")]
    operations = [migrations.RunPython(install, remove)]
