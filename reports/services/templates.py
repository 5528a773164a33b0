"""Seeding each district's report templates from the template files."""

from django.db import transaction

from accounts.models import Unit
from reports.models import ReportTemplate
from reports.template_files import read_templates


@transaction.atomic
def sync_templates() -> int:
    """Give every district the template of every year that has a file; idempotent. Returns how many templates stand.

    Raises TemplateError.
    """
    for data in read_templates():
        for district in Unit.objects.districts():
            ReportTemplate.objects.update_or_create(
                district=district, year=data["year"], defaults={"name": data["name"], "content": data}
            )
    return ReportTemplate.objects.count()
