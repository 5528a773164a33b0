"""Keeps a working person's session alive up to a limit, leads back to where somebody was when it ended, holds a person with a
one-time password until they choose one, and puts words on a refused method."""

import time
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

SEEN, STEP = "seen", 60  # seconds between two notes that a person is still there
SAFE_METHODS = ("GET", "HEAD")
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


def own_referrer(request) -> str:
    """Return the path, with its query, of the page of ours that the person came from; "" when there is none or it is not ours."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    return urlunsplit(("", "", parts.path, parts.query, ""))


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks to sign in. What was posted cannot be asked for again by its address: afterwards its page is shown."""

    def handle_no_permission(self, request, view_func):
        """Redirect to the sign-in page with the way back."""
        if request.method in SAFE_METHODS:
            return super().handle_no_permission(request, view_func)
        login, back = resolve_url(self.get_login_url(view_func)), own_referrer(request) or reverse("workbench")
        return redirect_to_login(back, f"{login}?ended=1", self.get_redirect_field_name(view_func))


class NotAllowedPageMiddleware:
    """Puts a page with a way on in place of the blank answer to an address that was opened although it only takes a form."""

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """Fill a refused method's answer for people; a script's stays as it is."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.headers.get("X-Requested-With") == "fetch":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
