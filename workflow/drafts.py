"""Receipts for drafts: the browser keeps what is typed into a form (static/js/drafts.js) until the form was carried out."""

import re

from django.conf import settings
from django.contrib.messages import ERROR, get_messages

FIELD = "draft_id"
COOKIE = "saved_draft"
A_DAY = 86400  # seconds; the next page that opens takes the receipt
ID = re.compile(r"[0-9a-f]{32}")


class DraftReceiptMiddleware:
    """Names the draft of a form that was carried out in a cookie for the script; only then is the draft thrown away.

    Carried out means here: somebody signed in posted it and was sent on to another page without a message of an error. Forms
    that are refused come back as a page of their own; whoever is signed out is sent on too, but is nobody.
    """

    def __init__(self, get_response):
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request):
        """Answer, then hand out the receipt."""
        response = self.get_response(request)
        if request.method != "POST" or response.status_code not in (302, 303) or not request.user.is_authenticated:
            return response
        draft = request.POST.get(FIELD, "")
        if ID.fullmatch(draft) and not _has_error(request):
            response.set_cookie(COOKIE, draft, A_DAY, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE)
        return response


def _has_error(request) -> bool:
    """Whether the view left a message of an error for the next page; those of pages before stay unread."""
    return any(message.level >= ERROR for message in getattr(get_messages(request), "_queued_messages", ()))
