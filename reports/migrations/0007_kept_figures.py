import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_structure'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='boundfigure',
            name='kept_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='boundfigure',
            name='kept_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='boundfigure',
            name='kept_mark',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name='boundfigure',
            name='kept_note',
            field=models.CharField(blank=True, max_length=200, verbose_name='why it is kept'),
        ),
        migrations.AddField(
            model_name='boundfigure',
            name='kept_shown',
            field=models.TextField(blank=True),
        ),
    ]
