"""Named items of a township's year: a page a year, with a form to add, change and remove."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def item_list(request):
    """List a township's items of a year."""
    return render(request, "metrics/item_list.html")


item_create = item_detail = item_remove = item_list
