"""A district's own form of the monthly return, as metrics asks for it and as the pages of templates list it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Unit
from metrics.return_form import ReturnForm, shipped_form
from reports.models import MonthlyForm


@dataclass(frozen=True)
class MonthlyFormLine:
    """A year and the form that its returns are printed on; `since` is the year it was made for, None for the shipped one."""

    year: int
    form: ReturnForm
    since: int | None


def own_form(district_id: int, year: int) -> ReturnForm | None:
    """Return the form that a district keeps for a year, None while it prints on the shipped one."""
    row = MonthlyForm.objects.in_force(district_id, year).first()
    return ReturnForm.from_content(row.content) if row else None


def load_form_years(district: Unit, years) -> list[MonthlyFormLine]:
    """Return a line for each of the years, newest first. One query."""
    rows = list(MonthlyForm.objects.filter(district=district).order_by("-year"))
    return [_line(year, next((row for row in rows if row.year <= year), None)) for year in sorted(years, reverse=True)]


def _line(year: int, row: MonthlyForm | None) -> MonthlyFormLine:
    return MonthlyFormLine(year, ReturnForm.from_content(row.content) if row else shipped_form(), row.year if row else None)
