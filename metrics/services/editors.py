"""Noting who works on a return just now."""

from django.utils import timezone

from metrics.models import Editor
from metrics.permissions import check_can_edit


def note_editor(*, by, monthly_return) -> None:
    """Note that a person works on an open return. No Event: it says nothing about figures and is overwritten.

    One statement, inside the transaction of a save or on its own. Raises PermissionDenied or Refused as every change would.
    """
    check_can_edit(by, monthly_return)
    Editor.objects.bulk_create(
        [Editor(monthly_return=monthly_return, user=by, seen_at=timezone.now())],
        update_conflicts=True, unique_fields=["monthly_return", "user"], update_fields=["seen_at"],
    )  # fmt: skip
