"""The workbench: what waits for this person, and what is in its way."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import Role
from reports.workbench import load_bench

TEMPLATES = {
    Role.VILLAGE_CLERK: "reports/_workbench_village.html",
    Role.TOWNSHIP_CLERK: "reports/_workbench_clerk.html",
    Role.TOWNSHIP_HEAD: "reports/_workbench_head.html",
    Role.DISTRICT_REVIEWER: "reports/_workbench_reviewer.html",
    Role.DISTRICT_ADMIN: "reports/_workbench_admin.html",
    Role.AUDITOR: "reports/_workbench_auditor.html",
}


@require_safe
def workbench(request):
    """Show a person's own work."""
    now, today = timezone.now(), timezone.localdate()
    context = {**load_bench(request.user, now, today), "now": now, "today": today}
    return render(request, "reports/workbench.html", {**context, "role_template": TEMPLATES[request.user.role]})
