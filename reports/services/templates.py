"""A district's report templates: seeded from the files, its own entries, copied as drafts, discarded, put in force."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.choices import TemplateState, UnitClass
from reports.models import ReportTemplate
from reports.permissions import check_can_change_template, check_can_keep_templates
from reports.queries import template_of
from reports.template_content import label_of, value_fault
from reports.template_files import class_of, read_templates
from reports.template_names import content_faults, serving_templates
from workflow.choices import Subject
from workflow.services import once, record_event
from workflow.transitions import Refused

YEARS_BACK, YEARS_AHEAD = 1, 2
MOST_REASONS = 8


@transaction.atomic
def sync_templates() -> int:
    """Give every district the template of every year that has a file; idempotent. Returns how many are in force.

    A template that a district has replaced by its own stays so; one that reports were made from is replaced, not changed.
    Raises TemplateError.
    """
    for data in read_templates():
        for district in Unit.objects.districts():
            _sync(district, data)
    return ReportTemplate.objects.filter(state=TemplateState.PUBLISHED).count()


def _sync(district: Unit, data: dict) -> None:
    place = {"district": district, "year": data["year"], "unit_class": class_of(data)}
    known = ReportTemplate.objects.filter(**place).exclude(state=TemplateState.DRAFT)
    standing = known.filter(state=TemplateState.PUBLISHED).first()
    if standing is None or not standing.is_shipped:
        if not known.exists():
            _ship(place, data)
        return
    own = {"local_values": standing.content["local_values"]} if "local_values" in standing.content else {}
    if standing.content != data | own:
        _rewritten(standing, data["name"], data | own)


def _ship(place: dict, content: dict) -> None:
    ReportTemplate.objects.create(**place, name=content["name"], content=content, state=TemplateState.PUBLISHED, is_shipped=True)


def _rewritten(template: ReportTemplate, name: str, content: dict) -> ReportTemplate:
    """Give what is in force another content outside the browser: as a row that replaces it, where reports were made from it."""
    if template.pk and template.reports.exists():
        ReportTemplate.objects.filter(pk=template.pk).update(state=TemplateState.REPLACED)
        template.pk, template._state.adding = None, True
    template.name, template.content = name, content
    template.save()
    return template


def record_template(by, template: ReportTemplate, deed: str, changes=()) -> None:
    """Append an Event about a template."""
    record_event(by=by, unit=template.district, subject_kind=Subject.TEMPLATE, subject_id=template.pk, deed=deed, changes=changes)


def locked_template(template: ReportTemplate) -> ReportTemplate:
    """Return the template's row under a lock: every write to what it holds waits for it."""
    return ReportTemplate.objects.select_for_update(of=("self",)).select_related("district").get(pk=template.pk)


@transaction.atomic
def copy_template(*, by, template: ReportTemplate, year: int, unit_class: str, form_key=None) -> ReportTemplate:
    """Make a draft for a year and class from a template, once for one `form_key`. Raises Refused when there is one already."""
    return once(
        by=by, form_key=form_key, rows=ReportTemplate.objects, make=lambda: _copy(by, template, year, unit_class)
    )  # fmt: skip


def _copy(by, template: ReportTemplate, year: int, unit_class: str) -> ReportTemplate:
    check_can_keep_templates(by, template.district)
    this_year = timezone.localdate().year
    first, last = this_year - YEARS_BACK, this_year + YEARS_AHEAD
    if not first <= year <= last:
        raise Refused(_("A template can be made for %(first)d to %(last)d.") % {"first": first, "last": last})
    try:
        with transaction.atomic():
            draft = ReportTemplate.objects.create(
                district=template.district, year=year, unit_class=unit_class, name=template.name, profile=template.profile,
                content={**template.content, "year": year},
            )  # fmt: skip
    except IntegrityError as error:
        words = _("There is a draft for %(year)d (%(class)s) already; go on with it or throw it away first.")
        raise Refused(words % {"year": year, "class": UnitClass(unit_class).label}) from error
    facts = {"from": str(template.pk), "from_year": str(template.year), "to": str(year), "class": unit_class}
    record_template(by, draft, "copy_template", [facts])
    return draft


@transaction.atomic
def copy_templates(*, by, district, source_year: int, year: int) -> list[ReportTemplate]:
    """Make drafts for a year from everything that `source_year` uses. Raises Refused when one of them is there already."""
    check_can_keep_templates(by, district)
    if not ReportTemplate.objects.filter(district=district).exists():  # imported after the last sync_templates
        for data in read_templates():
            _sync(district, data)
    sources = serving_templates(district.pk, source_year)
    if not sources:
        raise Refused(_("No template serves %(year)d.") % {"year": source_year})
    return [copy_template(by=by, template=row, year=year, unit_class=row.unit_class) for row in sources]


@transaction.atomic
def discard_template(*, by, template: ReportTemplate) -> None:
    """Throw a draft away; no report was ever made from it."""
    template = locked_template(template)
    check_can_change_template(by, template)
    record_template(by, template, "discard_template", [{"year": str(template.year), "class": template.unit_class}])
    template.delete()


@transaction.atomic
def publish_template(*, by, template: ReportTemplate, base_version: int) -> ReportTemplate:
    """Put a draft in force; the one before it in the same year and class is replaced, and reports made from that keep it.

    Raises Refused with every reason why it cannot, or when the draft changed since it was looked at.
    """
    template = locked_template(template)
    check_can_change_template(by, template)
    if template.version != base_version:
        raise Refused(_("The draft was changed meanwhile. Look at it again, then put it in force."))
    if reasons := content_faults(template):
        raise Refused(" ".join(reasons[:MOST_REASONS]))
    place = {"district": template.district, "year": template.year, "unit_class": template.unit_class}
    before = ReportTemplate.objects.filter(**place, state=TemplateState.PUBLISHED).first()
    if before:
        ReportTemplate.objects.filter(pk=before.pk).update(state=TemplateState.REPLACED)
    template.state, template.version = TemplateState.PUBLISHED, template.version + 1
    template.published_by, template.published_at = by, timezone.now()
    template.save()
    facts = {"year": str(template.year), "class": template.unit_class, "replaces": str(before.pk) if before else ""}
    record_template(by, template, "publish_template", [facts, {"blocks": [label_of(row) for row in template.content["blocks"]]}])
    return template


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
    template = _rewritten(template, template.name, content | {"local_values": new})
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
    if reason := value_fault(name, value):
        raise Refused(reason)
