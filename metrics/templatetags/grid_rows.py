"""The grid's rows inside its template."""

from django import template

register = template.Library()


@register.filter
def written_by(row, writer):
    """Return a row as HTML, written by the page's RowWriter."""
    return writer.write(row)
