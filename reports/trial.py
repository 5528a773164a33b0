"""A template tried on a real township: the report page of what would be created, with nothing created. Reads only."""

from __future__ import annotations

from accounts.models import Unit
from metrics.models import DistrictYear
from reports.assembly import assemble
from reports.built import wanted_tokens
from reports.drafting import Draft, draft_report
from reports.models import BoundFigure, ReportTemplate
from reports.queries import fallen_slogans, newest_approved_month, returns_behind
from reports.report_page import ReportPage, complete_page
from reports.services.settling import bound_row


def trial_years(unit: Unit, template: ReportTemplate) -> list[int]:
    """Return the years whose approved figures a template can be tried on, newest first; never beyond the template's own."""
    rows = returns_behind(unit).filter(year__lte=template.year).approved()
    return sorted(set(rows.order_by().values_list("year", flat=True)), reverse=True)


def load_trial(template: ReportTemplate, unit: Unit, year: int) -> ReportPage:
    """Return the page of the report that a township would have, under the district's settings of the year.

    Raises template_files.TemplateError for a parameter that there is none of.
    """
    settings = DistrictYear.objects.filter(district=unit.district, year__lte=year).order_by("-year").first()
    draft = draft_report(
        unit, year, template, settings=settings or DistrictYear(district=unit.district, year=year),
        cutoff_month=newest_approved_month(unit, year) or 1,
    )  # fmt: skip
    report, binder, blocks, settled = draft.report, draft.binder, draft.blocks, _settled(draft)
    page = ReportPage(
        report, binder, blocks, settled, assemble(report, binder=binder, blocks=blocks, settled=settled), [],
        fallen_slogans(report, binder, blocks), {}, None, report.cutoff_month,
    )  # fmt: skip
    return complete_page(page)


def _settled(draft: Draft) -> dict[int, dict[str, BoundFigure]]:
    """Settle the blocks' tokens without keeping them; numbers stand in for the ids that unsaved rows lack."""
    found = {}
    for number, block in enumerate(draft.blocks, start=1):
        block.pk = number
        tokens = wanted_tokens(block, draft.binder)
        found[number] = {raw: bound_row(block, draft.binder.bind(token)) for raw, token in tokens.items()}
    return found
