import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('metrics', '0010_evidence'),
        ('reports', '0004_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField()),
                ('measure', models.CharField(max_length=200, verbose_name='measure')),
                ('code', models.CharField(blank=True, max_length=80)),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='target')),
                ('lead_unit', models.CharField(blank=True, max_length=80, verbose_name='lead unit')),
                ('due_date', models.DateField(blank=True, null=True, verbose_name='due date')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('version', models.PositiveIntegerField(default=1)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('block', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='plan_items', to='reports.block')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan_items', to='reports.report')),
                ('updated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['report', 'order'],
                'constraints': [models.UniqueConstraint(fields=('report', 'order'), name='plan_item_order_once'), models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('report', 'code'), name='plan_item_indicator_once'), models.CheckConstraint(condition=models.Q(('amount', None), models.Q(('code', ''), _negated=True), _connector='OR'), name='plan_item_amount_of_indicator'), models.CheckConstraint(condition=models.Q(('amount', None), ('amount__gte', 0), _connector='OR'), name='plan_item_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='PlanOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.PositiveIntegerField()),
                ('outcome', models.CharField(choices=[('done', 'Completed'), ('underway', 'In progress'), ('not_started', 'Not started')], max_length=12, verbose_name='outcome')),
                ('words', models.CharField(blank=True, max_length=120, verbose_name='in one line')),
                ('version', models.PositiveIntegerField(default=1)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan_outcomes', to='reports.report')),
                ('updated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'item'), name='plan_outcome_once')],
            },
        ),
        migrations.CreateModel(
            name='PlanTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target_version', models.PositiveIntegerField()),
                ('code', models.CharField(max_length=80)),
                ('version_number', models.PositiveSmallIntegerField()),
                ('measure', models.CharField(max_length=200)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan_targets', to='reports.report')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='metrics.target')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('report', 'code'), name='plan_target_once')],
            },
        ),
    ]
