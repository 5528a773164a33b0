"""Keys of forms that create something: a double click, or sending again after a lost answer, makes one thing and not two."""

import uuid
from urllib.parse import urlencode

from workflow import drafts

FIELD = "form_key"
NOT_CONTENT = (FIELD, drafts.FIELD, "csrfmiddlewaretoken")


def form_key(request) -> uuid.UUID | None:
    """Return the key of what was posted, for a service's `form_key=`; None when the form carries none.

    It covers the address and everything typed: a form that comes back from the browser's history and is sent with other
    words is another deed, and nothing of it may be lost.
    """
    own = posted_key(request)
    if own is None:
        return None
    content = [(name, values) for name, values in sorted(request.POST.lists()) if name not in NOT_CONTENT]
    return uuid.uuid5(own, request.path + "?" + urlencode(content, doseq=True))


def posted_key(request) -> uuid.UUID | None:
    """Return the form's own key as posted, None when there is none or it is no UUID."""
    try:
        return uuid.UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None
