"""States of an import that nothing ever set are gone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices alone: no column changes."""

    dependencies = [("metrics", "0011_kept_counts")]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("matching", "Columns to be matched"), ("preview", "To be checked"), ("imported", "Imported"),
                    ("undone", "Undone"),
                ],
                default="matching", max_length=10, verbose_name="state",
            ),
        ),
    ]  # fmt: skip
