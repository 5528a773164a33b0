"""The page of a failed form check. Signing in and the administration of accounts leave Events: workflow.views."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request, reason=""):
    """Explain a form that was not accepted because the page was too old or the session changed."""
    text = _("The page stood open too long or the sign-in changed, so this was not carried out. Nothing saved before is lost.")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"message": text, "error": "csrf"}, status=403)
    return render(request, "403_csrf.html", {"text": text}, status=403)
