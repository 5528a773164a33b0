"""Text as it may stand in any export: without controls and unseen marks; and how wide it is on the grid."""

import re
import unicodedata

# What a paste brings along unseen: soft hyphens, zero-width marks, direction overrides, variation selectors.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
LATIN_GAP = re.compile("(?<=[!-~])[\t\n\x0b\x0c\r\x85\u2028\u2029]+(?=[!-~])")


def clean_text(text: str) -> str:
    """Return the text without controls, lone surrogates and unseen marks; a break between Latin words becomes a space."""
    text = BREAKS.sub("", LATIN_GAP.sub(" ", text))
    return "".join(char for char in UNSEEN.sub("", text) if unicodedata.category(char) not in ("Cc", "Cs"))


def width_of(text: str) -> float:
    """Return the width in characters of the 28-character grid; ASCII takes half a character."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)
