"""The daily pruning: the engine's keys and jobs, carried-out operations, and files of imports that are over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from metrics.choices import ImportState
from metrics.models import ImportBatch, ImportRow
from metrics.services.operations import prune_operations
from workflow.pruning_services import Pruned, prune_brief_jobs, prune_form_keys, prune_jobs, remove_unnamed


def prune(*, now: datetime, dry_run: bool = False) -> list[Pruned]:
    """Prune everything that is kept for a time only; with `dry_run` only say what would go."""
    return [
        prune_form_keys(now=now, dry_run=dry_run),
        Pruned("operations", prune_operations(now=now, dry_run=dry_run)),
        prune_brief_jobs(now=now, dry_run=dry_run),
        prune_jobs(now=now, dry_run=dry_run),
        prune_imports(now=now, dry_run=dry_run),
    ]


def prune_imports(*, now: datetime, dry_run: bool = False) -> Pruned:
    """Remove what imports of more than KEPT_IMPORT_DAYS ago are taken back by: the file that was sent, and its rows.

    A batch that counts stays as the origin of its entries and can no longer be taken back (`stored_as` is empty then); one
    that never counted, or was taken back, goes whole. Equal files are one: it stays while a younger batch names it.
    """
    oldest = now - timedelta(days=settings.KEPT_IMPORT_DAYS)
    over = _over(oldest)
    named = set(ImportBatch.objects.exclude(pk__in=over.values("pk")).order_by().values_list("stored_as", flat=True))
    count = over.count()
    if not dry_run:
        _remove(over)
    return Pruned("imports", count, *remove_unnamed(Path(settings.IMPORTS_DIR), named, oldest, dry_run=dry_run))


def _over(oldest: datetime) -> QuerySet:
    waiting = Q(state__in=(ImportState.MATCHING, ImportState.PREVIEW), created_at__lt=oldest)
    counts = Q(state=ImportState.IMPORTED, imported_at__lt=oldest) & ~Q(stored_as="")
    return ImportBatch.objects.filter(waiting | counts | Q(state=ImportState.UNDONE, undone_at__lt=oldest))


@transaction.atomic
def _remove(over: QuerySet) -> None:
    batches = list(over.select_for_update(of=("self",)))
    counting = [row.pk for row in batches if row.state == ImportState.IMPORTED]
    ImportRow.objects.filter(batch__in=batches).delete()
    ImportBatch.objects.filter(pk__in=counting).update(stored_as="")
    ImportBatch.objects.filter(pk__in=[row.pk for row in batches]).exclude(pk__in=counting).delete()
