"""What one would write without this product: a plain Django form with one bulk upsert, and an entry page by a hand-written loop.

These are the floors of bench/save.py and bench/entry.py. Nothing here checks, explains, versions or records anything.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template import RequestContext, engines
from django.urls import include, path
from django.utils import timezone

from metrics.choices import FigureKind
from metrics.models import Figure, Indicator, MonthlyReturn

UPDATED = ["kind", "value", "raw", "updated_at", "updated_by"]
FORM_PAGE = """<form method="post">{% csrf_token %}{{ form }}<button>Save</button></form>"""
ENTRY_PAGE = Path(__file__).with_name("entry_loop.html").read_text(encoding="utf-8")


def use_plain_pages(get_response):
    """Middleware: answer from the addresses of this module."""

    def middleware(request):
        request.urlconf = "bench.plain_pages"
        return get_response(request)

    return middleware


@lru_cache(maxsize=1)
def entered_indicators() -> list[Indicator]:
    """Return the indicators with one cell a township, read once a process."""
    shipped = Indicator.objects.filter(catalogue__district=None)
    return list(shipped.filter(source="entered", level="township").select_related("area"))


@lru_cache(maxsize=1)
def figures_form() -> type[forms.Form]:
    """Return a form with a number field an indicator."""
    fields = {
        row.code: forms.DecimalField(label=row.name, min_value=0, max_digits=18, decimal_places=row.decimals, required=False)
        for row in entered_indicators()
    }
    return type("FiguresForm", (forms.Form,), fields)


@lru_cache(maxsize=4)
def template(text: str):
    """Return a template, parsed once a process."""
    return engines["django"].from_string(text).template


@login_required
def save(request, pk):
    """Validate the form and write all of its figures with one upsert."""
    monthly_return = get_object_or_404(MonthlyReturn, pk=pk, unit=request.user.unit_id)
    form = figures_form()(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rows = [_figure(request.user, monthly_return, row, form.cleaned_data[row.code]) for row in entered_indicators()]
        Figure.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["monthly_return", "indicator", "unit"], update_fields=UPDATED
        )
        return redirect(request.path)
    return HttpResponse(template(FORM_PAGE).render(RequestContext(request, {"form": form})))


def _figure(user, monthly_return, indicator, value: Decimal | None) -> Figure:
    kind = FigureKind.BLANK if value is None else FigureKind.VALUE
    return Figure(
        monthly_return=monthly_return, indicator=indicator, unit_id=monthly_return.unit_id, kind=kind, value=value,
        raw="" if value is None else str(value), updated_at=timezone.now(), updated_by=user,
    )  # fmt: skip


@login_required
def entry(request, pk):
    """Show the entry table from plain dicts: three queries, sums in a dict, a loop."""
    monthly_return = get_object_or_404(MonthlyReturn, pk=pk, unit=request.user.unit_id)
    return HttpResponse(render_entry(request, plain_sections(monthly_return)))


def render_entry(request, sections: list[dict]) -> str:
    """Return the page around rows that are plain dicts."""
    return template(ENTRY_PAGE).render(RequestContext(request, {"sections": sections}))


def plain_sections(monthly_return: MonthlyReturn) -> list[dict]:
    """Return the areas with their rows as dicts: this month, last month, a year ago, and the year's plain sum."""
    year, month = monthly_return.year, monthly_return.month
    figures = Figure.objects.filter(
        monthly_return__unit=monthly_return.unit_id, monthly_return__year__in=(year - 1, year), monthly_return__month__lte=month
    ).values_list("indicator_id", "monthly_return__year", "monthly_return__month", "value")
    by_month, to_date = defaultdict(Decimal), defaultdict(Decimal)
    for indicator, at_year, at_month, value in figures:
        by_month[indicator, at_year, at_month] += value or 0
        if at_year == year:
            to_date[indicator] += value or 0
    sections = defaultdict(list)
    shipped = Indicator.objects.filter(catalogue__district=None)
    for number, row in enumerate(shipped.select_related("area"), start=1):
        now, last = by_month[row.pk, year, month], by_month[row.pk, year, month - 1]
        sections[row.area].append({
            "number": number, "code": row.code, "name": row.name, "measure": row.measure, "scope": row.scope_note,
            "source_words": row.source, "is_entered": row.source == "entered" and row.level == "township", "classes": "d0",
            "kind": "value", "shown": str(now), "this_month": str(now), "last_month": str(last), "change": str(now - last),
            "last_year": str(by_month[row.pk, year - 1, month]), "to_date": str(to_date[row.pk]), "messages": (),
        })  # fmt: skip
    return [{"code": area.code, "name": area.name, "rows": rows, "filled": len(rows)} for area, rows in sections.items()]


urlpatterns = [
    path("plain/<int:pk>/", save, name="plain_save"),
    path("plain/<int:pk>/entry/", entry, name="plain_entry"),
    path("", include("config.urls")),  # the frame around the page links to ours
]
