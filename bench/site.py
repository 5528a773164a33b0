"""Requests as a signed-in browser sends them, straight into a WSGI application: session and CSRF cookies, no socket between."""

from __future__ import annotations

import io
import json
import re
from http.cookies import SimpleCookie
from importlib import import_module
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

FORM = "application/x-www-form-urlencoded"
HOST = "127.0.0.1"


class Answer:
    """Status and body of a response."""

    def __init__(self, status: str, body: bytes):
        """Keep both."""
        self.status, self.body = int(status.split()[0]), body

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Browser:
    """One signed-in person's requests to one application; cookies are kept, the CSRF token is read from pages."""

    def __init__(self, user, application: WSGIHandler):
        """Sign the person in by writing the session that the login form would write."""
        self.application, self.cookies, self.token = application, SimpleCookie(), ""
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
        self.cookies[settings.SESSION_COOKIE_NAME] = store.session_key

    def get(self, path: str) -> Answer:
        """Ask for a page and remember the token of its form. Raises AssertionError for anything but 200."""
        answer = self._send("GET", path)
        assert answer.status == 200, (path, answer.status, answer.text[:500])
        if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer

    def post_form(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form, as a page without script does."""
        return self._send("POST", path, urlencode({"csrfmiddlewaretoken": self.token, **fields}).encode(), FORM)

    def post_json(self, path: str, data) -> Answer:
        """Send JSON, as the page's script does."""
        return self._send("POST", path, json.dumps(data).encode(), "application/json", HTTP_X_CSRFTOKEN=self.token)

    def _send(self, method: str, path: str, body: bytes = b"", kind: str = "", **headers) -> Answer:
        path, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": HOST,
            "SERVER_PORT": "8000", "HTTP_HOST": HOST, "REMOTE_ADDR": HOST, "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False, "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)), "HTTP_ACCEPT_LANGUAGE": "zh-CN",
            "HTTP_COOKIE": "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items()), **headers,
        }  # fmt: skip
        started = []
        response = self.application(environ, lambda status, rows, fault=None: started.append((status, rows)))
        answer = Answer(started[0][0], b"".join(response))
        response.close()
        for value in (value for name, value in started[0][1] if name == "Set-Cookie"):
            self.cookies.load(value)
        return answer


def our_site() -> WSGIHandler:
    """Return the product's application with all of its middleware."""
    return WSGIHandler()


def plain_site() -> WSGIHandler:
    """Return an application with the middleware of a fresh Django project and the pages of bench/plain_pages.py."""
    with override_settings(MIDDLEWARE=PLAIN_MIDDLEWARE):
        return WSGIHandler()


PLAIN_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bench.plain_pages.use_plain_pages",
]
