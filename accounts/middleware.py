"""Keeps a working person's session alive up to a limit, and holds a person with a one-time password until they choose one."""

import time

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

SEEN, STEP = "seen", 60  # seconds between two notes that a person is still there
SIGNED_IN, LONGEST_HOURS = "signed_in", 12  # however busy: a day at work, not the next one


class LiveSessionMiddleware:
    """Notes once a minute that a session is in use; saving at every click would make every page a write with a disk flush."""

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """Answer, then note the time in the session of somebody signed in; that saves it with a new end. Once: the sign-in.

        What a page asks by itself (`request.is_background`, set by the view) is no sign of a person.
        """
        response = self.get_response(request)
        session, now = request.session, int(time.time())
        is_person = session.accessed and not getattr(request, "is_background", False)
        if is_person and SESSION_KEY in session and now - session.get(SEEN, 0) >= STEP:
            session[SEEN] = now
            session.setdefault(SIGNED_IN, now)
        return response


class SessionLimitMiddleware:
    """Signs out whoever signed in more than 12 hours ago, and says so on the page for signing in."""

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """End a session that is too old before anything is answered."""
        session, now = request.session, time.time()
        if SESSION_KEY in session and now - session.get(SIGNED_IN, now) > LONGEST_HOURS * 3600:
            logout(request)
            words = _("You were signed out: a sign-in lasts %(hours)d hours. Please sign in again.")
            messages.warning(request, words % {"hours": LONGEST_HOURS})
        return self.get_response(request)


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
