"""Lengths of time in lists."""

from django import template

from metrics.grid_text import span_words

register = template.Library()


@register.filter
def lasting(since, now) -> str:
    """Return how long ago `since` is, in words; nothing for no moment."""
    return span_words(abs(now - since)) if since else ""
