"""Keeping a district's own form of the monthly return."""

from django.db import transaction

from accounts.models import Unit
from metrics.return_form import ReturnForm, form_of
from reports.models import MonthlyForm
from reports.permissions import check_can_keep_templates
from reports.services.template_writing import check_seen
from workflow.choices import Subject
from workflow.services import record_event


@transaction.atomic
def save_monthly_form(*, by, district: Unit, year: int, form: ReturnForm, seen: str = "") -> None:
    """Let a district's returns of a year, and of later ones without a form of their own, be printed on this form.

    Raises EditConflict when the form in force is another by now than `seen`.
    """
    check_can_keep_templates(by, district)
    Unit.objects.select_for_update().get(pk=district.pk)  # two at once would both make the year's row
    old = form_of(district.pk, year).content
    check_seen(seen, old)
    new = form.content
    if new == old:
        return
    MonthlyForm.objects.update_or_create(district=district, year=year, defaults={"content": new, "updated_by": by})
    changes = [{"field": name, "year": year, "old": old[name], "new": new[name]} for name in new if old[name] != new[name]]
    record_event(by=by, unit=district, subject_kind=Subject.SETTINGS, subject_id=district.pk, deed="save_monthly_form",
                 changes=changes)  # fmt: skip
