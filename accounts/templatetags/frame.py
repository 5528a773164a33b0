"""What the frame of every page needs to draw itself."""

from django import template

from accounts.navigation import entries_for

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context):
    """Return the main navigation's entries for the person signed in."""
    request = context["request"]
    page = request.resolver_match.view_name if request.resolver_match else ""
    return entries_for(request.user, page)
