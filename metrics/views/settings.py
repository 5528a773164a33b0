"""A district's settings of a year."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def district_settings(request):
    """Show the settings."""
    return render(request, "metrics/settings.html")
