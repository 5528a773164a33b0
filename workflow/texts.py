"""Texts that people write: one length for each kind, the model field's, and a refusal in place of cutting."""

from django.apps import apps
from django.utils.translation import gettext as _

from workflow.transitions import Refused


def most_of(model: str, field: str) -> int:
    """Return how many characters a text may have: `most_of("workflow.Comment", "text")`. Reasons have a comment's length."""
    return apps.get_model(model)._meta.get_field(field).max_length


def fitted(text: str, most: int, what: str) -> str:
    """Return the text without space around it and with one character a line end. Raises Refused when it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Refused(
            _("%(what)s: %(typed)d characters were typed, at most %(most)d are kept. Please shorten it by %(over)d; nothing was "
              "cut off or saved.") % {"what": what, "typed": len(text), "most": most, "over": len(text) - most}
        )  # fmt: skip
    return text
