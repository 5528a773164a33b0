"""Evidence (佐证): uploaded files, and what each of them proves. The bytes lie in the evidence folder, never in the database."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from metrics.models.returns import MonthlyReturn
from metrics.querysets import EvidenceFileQuerySet, EvidenceLinkQuerySet

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"


class EvidenceFile(models.Model):
    """One file as it is kept. Pictures are re-encoded, so `received_sha256` tells what was sent and `sha256` what is stored.

    `unit` is the township, or the village whose cell it was sent for. `year` and `month` say whose monthly space it takes.
    `name` is the sender's name for it, text to show and never a path. `is_kept`: a submitted round names it, so it stays.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    received_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80, unique=True)
    name = models.CharField(_("file"), max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True)
    is_kept = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceFileQuerySet.as_manager()

    class Meta:
        """Newest first; equal contents are looked up by what was received."""

        ordering = ["-uploaded_at", "-pk"]
        indexes = [
            models.Index(fields=["unit", "year", "month"], name="evidence_month"),
            models.Index(fields=["received_sha256"], name="evidence_received"),
        ]

    def __str__(self):
        """Return the sender's name for it."""
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether a browser may show it: only what we encoded ourselves."""
        return self.media_type in (JPEG, PNG)


class EvidenceLink(models.Model):
    """What a file proves: one cell of a return, or one entry of a ledger (named items are the ledger `highlight`).

    An entry that is removed leaves its links, for it may be restored; `gone_at` is when the sweep first missed it.
    """

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="links")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    monthly_return = models.ForeignKey(MonthlyReturn, models.PROTECT, null=True, related_name="+")
    cell = models.CharField(max_length=120, blank=True)
    ledger = models.CharField(max_length=20, blank=True)
    entry_id = models.BigIntegerField(null=True)
    caption = models.CharField(_("caption"), max_length=120, blank=True)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        """In the order of adding; a file proves a thing once, and each link is about a cell or an entry, never both."""

        ordering = ["pk"]
        indexes = [models.Index(fields=["ledger", "entry_id"], name="evidence_entry")]
        constraints = [
            models.UniqueConstraint(
                fields=["monthly_return", "cell", "file"], name="evidence_cell_once",
                condition=models.Q(monthly_return__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["ledger", "entry_id", "file"], name="evidence_entry_once",
                condition=models.Q(entry_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(monthly_return__isnull=False, entry_id__isnull=True, ledger="") & ~models.Q(cell="")
                | models.Q(monthly_return__isnull=True, entry_id__isnull=False, cell="") & ~models.Q(ledger=""),
                name="evidence_cell_or_entry",
            ),
        ]  # fmt: skip
