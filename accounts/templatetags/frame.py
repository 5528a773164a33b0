"""What the frame of every page needs to draw itself."""

from django import template
from django.urls import reverse

from accounts.middleware import own_referrer
from accounts.navigation import entries_for

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context):
    """Return the main navigation's entries for the person signed in."""
    request = context["request"]
    page = request.resolver_match.view_name if request.resolver_match else ""
    return entries_for(request.user, page)


@register.simple_tag(takes_context=True)
def page_before(context) -> str:
    """Return the page of ours that the person came from, "" when it is not known or is the one that is shown now."""
    request = context.get("request")
    page = own_referrer(request) if request else ""
    path, is_read = page.partition("?")[0], request is not None and request.method == "GET"
    return "" if path == reverse("accounts:login") or (is_read and path == request.path) else page
