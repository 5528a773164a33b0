"""The formats of an export, for the menu."""

from django import template

from reports.render.files import FORMATS, Format

register = template.Library()


@register.simple_tag
def export_formats() -> dict[str, Format]:
    """Return name -> format in the order of the menu."""
    return FORMATS
