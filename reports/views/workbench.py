"""The workbench: what waits for this person, and what is in its way."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def workbench(request):
    """Show a person's own work."""
    return render(request, "reports/workbench.html")
