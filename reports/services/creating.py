"""Creating a year's report: blocks from the district's template, every number settled from approved figures."""

from django.db import transaction

from accounts.models import Unit
from metrics.services import district_year
from reports.drafting import draft_report
from reports.models import Block, Report
from reports.permissions import check_can_create
from reports.queries import newest_approved_month, template_for
from reports.services.settling import settle_blocks
from reports.services.writing import record
from workflow.choices import State
from workflow.services import once


@transaction.atomic
def create_report(*, by, unit, year: int, form_key=None) -> Report:
    """Create a year's report, once for one `form_key`, in a number of queries that does not grow with its length.

    Raises Refused when it exists, when no template or no approved month is there, PermissionDenied for the wrong person.
    """
    return once(by=by, form_key=form_key, rows=Report.objects, make=lambda: _create_report(by, unit, year))


def _create_report(by, unit, year: int) -> Report:
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)  # two clicks at once make one report
    check_can_create(by, unit, year)
    draft = draft_report(
        unit, year, template_for(unit, year), settings=district_year(unit.district, year),
        cutoff_month=newest_approved_month(unit, year),
    )  # fmt: skip
    draft.report.created_by = by
    draft.report.save()
    for block in draft.blocks:
        block.report, block.updated_by = draft.report, by
    settle_blocks(Block.objects.bulk_create(draft.blocks), draft.binder)
    record(by, draft.report, "create", to_state=State.DRAFT)
    return draft.report
