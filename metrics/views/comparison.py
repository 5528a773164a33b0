"""The district's townships side by side, one area a page, all areas in one file."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import check_is_of_district
from metrics.comparison import load_areas, load_comparison
from metrics.exports.comparison import comparison_tables
from metrics.views.files import table_response
from metrics.views.lists import asked_number, chosen_year, default_month


@require_safe
def comparison(request):
    """Show one area's figures of all townships, with places and with the months that are missing."""
    check_is_of_district(request.user)
    year, month = _chosen_span(request)
    areas = load_areas()
    area = next((row for row in areas if row.code == request.GET.get("area")), areas[0] if areas else None)
    this_year = timezone.localdate().year
    context = {
        "year": year, "month": month, "years": [this_year, this_year - 1, this_year - 2], "months": range(1, 13),
        "areas": areas, "area": area, "query": f"?year={year}&month={month}",
        "table": load_comparison(request.user.unit, year, month, [area])[0] if area else None,
    }  # fmt: skip
    return render(request, "metrics/comparison.html", context)


@require_safe
def comparison_export(request):
    """Hand out all areas as a workbook."""
    check_is_of_district(request.user)
    year, month = _chosen_span(request)
    tables = comparison_tables(load_comparison(request.user.unit, year, month, load_areas()))
    return table_response(tables, "xlsx", request.user.unit.name, f"{year}年1—{month}月", "各镇街指标对照表")


def _chosen_span(request) -> tuple[int, int]:
    year = chosen_year(request)
    return year, asked_number(request, "month", 1, 12) or default_month(year, timezone.localdate())
