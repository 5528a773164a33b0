"""The monthly return on paper: its title, the labels to sign at, the notes below its table. A district may keep its own form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from metrics.grid import load_grid
from metrics.models import MonthlyReturn
from metrics.return_notes import explanation_notes

MONTH, UNIT = "{month}", "{unit_name}"


@dataclass(frozen=True)
class ReturnForm:
    """How a return is set on paper; in the title stand {month} and, where wanted, {unit_name}."""

    title: str
    signatures: tuple[str, ...]
    notes: tuple[str, ...]
    landscape: bool = False

    @classmethod
    def from_content(cls, content: dict) -> ReturnForm:
        """Read back what `content` gave."""
        return cls(content["title"], tuple(content["signatures"]), tuple(content["notes"]), content["landscape"])

    @property
    def content(self) -> dict:
        """The form as plain data, as JSON gives it back."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def title_of(self, monthly_return: MonthlyReturn) -> str:
        """Return the title of one return."""
        return self.title.replace(MONTH, monthly_return.period_label).replace(UNIT, monthly_return.unit.name)


Source = Callable[[int, int], ReturnForm | None]
_sources: list[Source] = []


def register_form_source(find: Source) -> None:
    """Let another app know a district's own form: `find(id of the district, year)` returns it, None when there is none."""
    if find not in _sources:
        _sources.append(find)


def shipped_form() -> ReturnForm:
    """Return the form of a district that keeps none of its own, in the language of the page."""
    labels = (_("Head of unit:"), _("Reviewed by:"), _("Filled in by:"), _("Telephone:"), _("Date of report:"))
    note = _(
        "* These cells take the figure from 1 January to the end of the month, with every person or firm counted once; "
        "months are not added up. Blank, 0, not applicable and not collected are four different things: "
        "type 0 when there was none."
    )
    return ReturnForm(_("Publicity work return, %(month)s") % {"month": MONTH}, labels, (note,))


def form_of(district_id: int, year: int) -> ReturnForm:
    """Return the form that a district's returns of a year are printed on."""
    found = (find(district_id, year) for find in _sources)
    return next((form for form in found if form), None) or shipped_form()


def load_paper(monthly_return: MonthlyReturn, *, is_empty: bool) -> dict:
    """Return what the printed return shows, on the page and in the PDF."""
    grid, form = load_grid(monthly_return), form_of(monthly_return.unit.parent_id, monthly_return.year)
    return {
        "monthly_return": monthly_return, "grid": grid, "is_empty": is_empty, "notes": explanation_notes(grid), "paper": form,
        "title": form.title_of(monthly_return),
    }  # fmt: skip
