"""Imports of files: a batch, and its rows as they were read and judged. Kept, so that a batch can be undone as a whole."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.choices import ImportState, RowStatus
from metrics.querysets import ImportRowQuerySet
from workflow.querysets import UnitScopedQuerySet


class ImportBatch(models.Model):
    """One file on its way in: read, columns matched, previewed, confirmed, perhaps undone.

    `kind` is a ledger's code, or `return` for the figures of `monthly_return`; `columns` maps a field to the place of its
    column in the file; `header` is the file's own head row, the `head_row`th of its `sheet`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    monthly_return = models.ForeignKey("metrics.MonthlyReturn", models.CASCADE, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=120, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    head_row = models.PositiveIntegerField(default=1)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.MATCHING)
    counts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "-pk"]

    def __str__(self):
        """Return the file's name."""
        return self.file_name


class ImportRow(models.Model):
    """One row of the file: `number` as the spreadsheet counts it, `raw` field -> text, `errors` field -> messages.

    `entry_id` is the ledger entry it became, `replaced` what stood in that entry before (to undo an update).
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    raw = models.JSONField(default=dict)
    errors = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=RowStatus.choices)
    is_skipped = models.BooleanField(default=False)
    entry_id = models.BigIntegerField(null=True)
    replaced = models.JSONField(default=dict)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        """In the order of the file."""

        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "status"], name="import_row_status")]


class ColumnMemory(models.Model):
    """Which column head a township's files use for which field: what was matched once is proposed the next time."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    head = models.CharField(max_length=80)
    field = models.CharField(max_length=80)

    class Meta:
        """One meaning a head."""

        constraints = [models.UniqueConstraint(fields=["unit", "kind", "head"], name="column_head_once")]
