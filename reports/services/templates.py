"""Report templates of districts: seeding them from the template files, and what a district enters into its own."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.models import ReportTemplate
from reports.queries import template_of
from reports.template_files import read_templates
from workflow.choices import Subject
from workflow.services import record_event
from workflow.transitions import Refused

VALUE_LENGTH = 100
YEARLIKE = re.compile(r"[12][0-9]{3}")


@transaction.atomic
def sync_templates() -> int:
    """Give every district the template of every year that has a file; idempotent. Returns how many templates stand.

    What a district has entered into its own stays. Raises TemplateError.
    """
    entered = {
        (row.district_id, row.year): row.content.get("local_values", {}) for row in ReportTemplate.objects.all()
    }  # fmt: skip
    for data in read_templates():
        for district in Unit.objects.districts():
            content = data | {"local_values": entered.get((district.pk, data["year"]), {})}
            ReportTemplate.objects.update_or_create(
                district=district, year=data["year"], defaults={"name": data["name"], "content": content}
            )
    return ReportTemplate.objects.count()


@transaction.atomic
def set_template_values(*, by, district: Unit, year: int, values: dict[str, str]) -> ReportTemplate:
    """Enter what only the district knows into its template of a year; an empty value takes one out again.

    `by` None is the command line. Reports that exist already keep their text. Raises Refused, and nothing is entered.
    """
    template = _own_template(district, year)
    content = template.content
    for name, value in values.items():
        _check_value(content, name, value)
    old = content.get("local_values", {})
    new = {name: value.strip() for name, value in {**old, **values}.items() if value.strip()}
    if new == old:
        return template
    template.content = content | {"local_values": new}
    template.save()
    record_event(by=by, unit=district, subject_kind=Subject.SETTINGS, subject_id=district.pk, deed="set_template_values",
                 changes=[{"year": year, "old": old, "new": new}])  # fmt: skip
    return template


def _own_template(district: Unit, year: int) -> ReportTemplate:
    """Return the district's template of exactly this year, to be saved when it is still the shipped one."""
    template = template_of(district.pk, year)
    if template is None or template.year != year:
        raise Refused(_("There is no report template of %(year)d.") % {"year": year})
    return template


def _check_value(content: dict, name: str, value: str) -> None:
    known = {**content.get("local", {}), **content.get("params", {})}
    if name not in known:
        reason = _("The report template has no entry “%(name)s”; it has: %(known)s.")
        raise Refused(reason % {"name": name, "known": "、".join(known)})
    if len(value) > VALUE_LENGTH or set(value) & set("{}【】〖〗\n"):
        reason = _("“%(name)s”: at most %(most)d characters on one line, without {} 【】 〖〗.")
        raise Refused(reason % {"name": name, "most": VALUE_LENGTH})
    if name.endswith("_founded") and value.strip() and not YEARLIKE.fullmatch(value.strip()):
        raise Refused(_("“%(name)s” is a year of four digits, such as 1983.") % {"name": name})
