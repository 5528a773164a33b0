"""Keeps a working person's session alive, and holds a person with a one-time password at the page where they choose their own."""

import time

from django.contrib.auth import SESSION_KEY
from django.shortcuts import redirect
from django.urls import reverse

SEEN, STEP = "seen", 60  # seconds between two notes that a person is still there


class LiveSessionMiddleware:
    """Notes once a minute that a session is in use; saving at every click would make every page a write with a disk flush."""

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """Answer, then note the time in the session of somebody signed in; that saves it with a new end."""
        response = self.get_response(request)
        session, now = request.session, int(time.time())
        if session.accessed and SESSION_KEY in session and now - session.get(SEEN, 0) >= STEP:
            session[SEEN] = now
        return response


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
