"""What a month's template was made from: each cell's version and text, on a hidden sheet. The import compares with it."""

from __future__ import annotations

from django.utils import timezone

from metrics.imports.return_rows import shown_raw
from metrics.models import Figure, MonthlyReturn
from metrics.workbooks.tables import RECORD_SHEET, Column, Table


def template_record(monthly_return: MonthlyReturn) -> Table:
    """Return the hidden sheet: a row for the return, then one a stored cell with its version and what stood in it."""
    figures = Figure.objects.filter(monthly_return=monthly_return).select_related("indicator", "unit")
    made = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    rows = (
        (str(monthly_return.pk), monthly_return.unit.code, made),
        *((row.anchor, str(row.version), shown_raw(row)) for row in figures),
    )
    return Table(
        RECORD_SHEET,
        "本页由系统使用，请勿改动",
        (Column("单元格", width=40), Column("版本"), Column("下载时")),
        rows,
        is_hidden=True,
    )
