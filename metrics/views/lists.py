"""Lists of returns: a township's year, the district's queue and board."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import DISTRICT_ROLES, Role
from accounts.models import Unit
from accounts.permissions import check_is_of_district
from metrics.board import LEGEND, load_month, load_rows
from metrics.lists import load_year, with_open_comments, years_of
from metrics.models import MonthlyReturn

PAGE = 25


def chosen_year(request) -> int:
    """Return the year asked for when it is one, else this year."""
    return asked_number(request, "year", 2000, 2100) or timezone.localdate().year


def asked_number(request, name: str, least: int, most: int) -> int | None:
    """Return a number of the address when it is one within bounds, else None."""
    typed = request.GET.get(name, "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None
    return number if number is not None and least <= number <= most else None


def chosen_township(request) -> Unit | None:
    """Return the township a page is about: one's own, or the one a district user asked for. Raises Http404."""
    user = request.user
    if user.role not in DISTRICT_ROLES:
        return user.unit.parent if user.unit.is_village else user.unit
    if "unit" not in request.GET:
        return None
    townships = Unit.objects.visible_to(user).townships()
    return get_object_or_404(townships, pk=asked_number(request, "unit", 1, 10**9) or 0)


@require_safe
def return_list(request):
    """List a township's returns of a year; district staff come here from the board."""
    township = chosen_township(request)
    if township is None:
        return redirect("metrics:board")
    year, today = chosen_year(request), timezone.localdate()
    context = {
        "township": township,
        "year": year,
        "years": years_of(township, today.year),
        "lines": load_year(township, year, timezone.now()),
        "is_own": request.user.role not in DISTRICT_ROLES,
        "may_review": request.user.role == Role.DISTRICT_REVIEWER,
        "query": f"?year={year}&unit={township.pk}",
    }
    return render(request, "metrics/return_list.html", context)


@require_safe
def queue(request):
    """List the returns that wait for the district, the longest waiting first."""
    check_is_of_district(request.user)
    waiting = MonthlyReturn.objects.visible_to(request.user).for_review()
    waiting = with_open_comments(waiting).select_related("unit", "submitted_by")
    page = Paginator(waiting, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "now": timezone.now(), "may_review": request.user.role == Role.DISTRICT_REVIEWER}
    return render(request, "metrics/queue.html", context)


@require_safe
def board(request):
    """Show the district's townships and months, 25 townships a page, and one month's figures."""
    check_is_of_district(request.user)
    year, today = chosen_year(request), timezone.localdate()
    month = asked_number(request, "month", 1, 12) or default_month(year, today)
    townships = Unit.objects.visible_to(request.user).townships().order_by("order", "code")
    page = Paginator(townships, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "year": year, "years": [today.year, today.year - 1, today.year - 2], "month": month,
        "months": range(1, 13), "rows": load_rows(list(page), year, timezone.now()), "legend": LEGEND,
        "figures": load_month(townships, year, month, timezone.now()), "now": timezone.now(),
        "page_query": f"&year={year}&month={month}", "query": f"?year={year}",
    }  # fmt: skip
    return render(request, "metrics/board.html", context)


def default_month(year: int, today) -> int:
    """Return the month that was due last: the one before this, December for years past."""
    return 12 if year < today.year else max(today.month - 1, 1)
