"""Lists of returns: a township's year, the district's queue and board."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def return_list(request):
    """List a township's returns of a year."""
    return render(request, "metrics/return_list.html")


@require_safe
def queue(request):
    """List the returns that wait for the district."""
    return render(request, "metrics/queue.html")


@require_safe
def board(request):
    """Show the district's townships and months."""
    return render(request, "metrics/board.html")
