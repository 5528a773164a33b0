"""Holds a person with a one-time password at the page where they choose their own."""

from django.shortcuts import redirect
from django.urls import reverse


class OneTimePasswordMiddleware:
    """Sends everyone who must change their password to that page; only it, signing out and health stay open."""

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """Redirect when the account carries a one-time password."""
        user = request.user
        if user.is_authenticated and user.must_change_password and not self._is_open(request.path):
            return redirect("accounts:password")
        return self.get_response(request)

    @staticmethod
    def _is_open(path: str) -> bool:
        return path in {reverse("accounts:password"), reverse("accounts:logout"), reverse("health")}
