"""The grid inside its template: its rows, and the words that stand on every grid alike."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.filter
def written_by(row, writer):
    """Return a row as HTML, written by the page's RowWriter."""
    return writer.write(row)


@register.simple_tag
def fixed_words(template_name: str) -> SafeString:
    """Return a part of the page that depends on the language alone, put together once a process: some hundred translations."""
    return _fixed_words(template_name, get_language())


@lru_cache(maxsize=32)
def _fixed_words(template_name: str, _language: str) -> SafeString:
    return render_to_string(template_name)
