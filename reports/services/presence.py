"""Noting who has which block of a report open."""

from django.utils import timezone

from reports.models import BlockEditor, Report
from reports.permissions import check_can_edit


def note_block_editor(*, by, report: Report, block_key: str) -> None:
    """Note that a person has a block open ("": none). No Event: it says nothing about the text and is overwritten.

    Raises PermissionDenied or Refused as every change would.
    """
    check_can_edit(by, report)
    BlockEditor.objects.bulk_create(
        [BlockEditor(report=report, user=by, block_key=block_key[:60], seen_at=timezone.now())],
        update_conflicts=True, unique_fields=["report", "user"], update_fields=["block_key", "seen_at"],
    )  # fmt: skip
