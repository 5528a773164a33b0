"""The hidden field that a form which creates something carries."""

import uuid

from django import template
from django.utils.html import format_html

from workflow.form_keys import FIELD, posted_key

register = template.Library()


@register.simple_tag(takes_context=True)
def form_key(context, is_redisplayed=False):
    """Return the hidden field with a fresh key; a form shown again with what was typed (form.is_bound, error) keeps its own."""
    kept = posted_key(context["request"]) if is_redisplayed else None
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, kept or uuid.uuid4())
