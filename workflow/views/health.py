"""The address for monitors."""

from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from workflow.health import load_health


@login_not_required
@never_cache
@require_safe
def health(request):
    """Answer 200 when database, broker and worker are there, else 503 naming the part that is not."""
    state = load_health()
    words = {"status": "ok" if state.is_well else "failed", **asdict(state)}
    return JsonResponse(words, status=200 if state.is_well else 503)
