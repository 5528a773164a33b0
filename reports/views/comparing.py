"""Two frozen versions of a report side by side: what the later one changed, and why it was reopened."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.models import ReportVersion
from reports.rounds import reopenings, version_differences
from reports.views.reports import visible_report


@require_safe
def version_compare(request, pk):
    """Compare any two versions; without a choice the newest with the one before it."""
    report = visible_report(request.user, pk)
    rows = ReportVersion.objects.visible_to(request.user).filter(report=report)
    versions = {row.number: row for row in rows.select_related("approved_by")}
    if not versions:
        raise Http404
    numbers = sorted(versions)
    old = _chosen(request.GET.get("from"), numbers, numbers[-2] if len(numbers) > 1 else numbers[0])
    new = _chosen(request.GET.get("to"), numbers, numbers[-1])
    before, after = (versions[number] for number in sorted((old, new)))
    context = {
        "report": report, "versions": versions.values(), "before": before, "after": after,
        "differences": version_differences(report, before, after), "reopenings": reopenings(report, before, after),
    }  # fmt: skip
    return render(request, "reports/version_compare.html", context)


def _chosen(typed: str | None, numbers: list[int], default: int) -> int:
    """Return the version that the address names, the default for none or one that there is not."""
    wanted = int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 6 else default
    return wanted if wanted in numbers else default
