"""Who else has which block of a report open just now."""

from datetime import timedelta

from django.utils import timezone

from reports.models import BlockEditor, Report

AT_WORK = timedelta(seconds=75)  # three beats of the page


def others_at_work(report: Report, user) -> dict[str, str]:
    """Return block key -> names of the others who have it open. One query."""
    since = timezone.now() - AT_WORK
    rows = BlockEditor.objects.filter(report=report, seen_at__gte=since).exclude(user=user).exclude(block_key="")
    found: dict[str, list[str]] = {}
    for row in rows.select_related("user").order_by("seen_at"):
        found.setdefault(row.block_key, []).append(row.user.display_name)
    return {key: "、".join(names) for key, names in found.items()}
