"""A district's report templates: the years, a copy, a template, trying it on a township, what it changes, putting it in force."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Unit
from metrics.views.lists import asked_number
from reports.choices import TEMPLATE_KINDS, UnitClass
from reports.models import ReportTemplate
from reports.monthly import load_form_years
from reports.permissions import check_can_change_template, check_can_keep_templates, check_can_read_templates
from reports.preview import build_sheet
from reports.report_deeds import refusal_of
from reports.services import copy_template, copy_templates, discard_template, publish_template, request_trial_print
from reports.services.template_writing import head_facts
from reports.services.templates import YEARS_AHEAD, YEARS_BACK
from reports.template_content import facts_of
from reports.template_files import TemplateError
from reports.template_forms import TemplatePublishForm
from reports.template_names import content_faults, load_names
from reports.template_review import compared_with, load_blocks, load_template_years, template_differences
from reports.trial import load_trial, trial_years
from workflow.form_keys import form_key
from workflow.transitions import Refused


def visible_template(request, pk: int) -> ReportTemplate:
    """Return a template of the person's district. Raises Http404, PermissionDenied."""
    check_can_read_templates(request.user)
    rows = ReportTemplate.objects.visible_to(request.user).select_related("district", "published_by")
    return get_object_or_404(rows, pk=pk)


def kept_template(request, pk: int) -> ReportTemplate:
    """Return a template that the person keeps; one that takes no change is refused before anything is typed."""
    template = visible_template(request, pk)
    check_can_keep_templates(request.user, template.district)
    if request.method != "POST" and (reason := refusal_of(lambda: check_can_change_template(request.user, template))):
        raise PermissionDenied(reason)
    return template


def head_context(request, template: ReportTemplate) -> dict:
    """Return what every page of a template shows in its head."""
    return {
        "template": template, "can_keep": not refusal_of(lambda: check_can_keep_templates(request.user, template.district)),
        "can_change": not refusal_of(lambda: check_can_change_template(request.user, template)),
    }  # fmt: skip


def target_years() -> range:
    """The years that a template or a monthly form may be made for."""
    this_year = timezone.localdate().year
    return range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1)


@require_safe
def template_list(request):
    """List the years with the templates in force, the drafts, and copy a year."""
    check_can_read_templates(request.user)
    rows = list(ReportTemplate.objects.visible_to(request.user).select_related("published_by"))
    can_keep = not refusal_of(lambda: check_can_keep_templates(request.user, request.user.unit))
    sources = sorted({row.year for row in rows if not row.is_draft}, reverse=True)
    context = {
        "lines": load_template_years(rows), "can_keep": can_keep, "sources": sources, "targets": target_years(),
        "forms": load_form_years(request.user.unit, target_years()),
    }  # fmt: skip
    return render(request, "reports/template_list.html", {**context, "next_year": timezone.localdate().year + 1})


def posted_year(request, name: str) -> int:
    """Return a posted year, 0 when it is none."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else 0


@require_POST
def template_copy_year(request):
    """Copy what a year uses into drafts for another."""
    check_can_keep_templates(request.user, request.user.unit)
    try:
        drafts = copy_templates(
            by=request.user, district=request.user.unit, source_year=posted_year(request, "source"),
            year=posted_year(request, "target"),
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:template_list")
    messages.success(request, _("The draft is made. No report is created from it until it is put in force."))
    return redirect("reports:template_detail", drafts[0].pk) if len(drafts) == 1 else redirect("reports:template_list")


@require_POST
def template_copy(request, pk):
    """Make a draft from one template: for another year or class, or to change what is in force."""
    template = visible_template(request, pk)
    unit_class = request.POST.get("unit_class", "")
    if unit_class not in UnitClass.values:
        messages.error(request, _("Choose for which townships the draft is meant."))
        return redirect("reports:template_detail", pk)
    year = posted_year(request, "year")
    try:
        draft = copy_template(by=request.user, template=template, year=year, unit_class=unit_class, form_key=form_key(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:template_detail", pk)
    messages.success(request, _("The draft is made. No report is created from it until it is put in force."))
    return redirect("reports:template_detail", draft.pk)


@require_safe
def template_detail(request, pk):
    """Show a template: head, local facts, blocks with their wordings."""
    template = visible_template(request, pk)
    names = load_names(template)
    context = {
        **head_context(request, template), "blocks": load_blocks(template, names), "facts": facts_of(template.content),
        "head": head_facts(template), "kinds": TEMPLATE_KINDS, "classes": UnitClass.choices, "years": target_years(),
        "faults": content_faults(template, names) if template.is_draft else [],
    }  # fmt: skip
    return render(request, "reports/template_detail.html", context)


def _townships(request, template: ReportTemplate) -> list[Unit]:
    """Return the units that a template may serve: townships of its class, or the district itself."""
    if template.unit_class == UnitClass.DISTRICT:
        return [template.district]
    rows = Unit.objects.visible_to(request.user).townships().select_related("parent")
    return [row for row in rows if template.unit_class in (UnitClass.ALL, row.kind)]


def asked_trial(request, pk: int) -> tuple[ReportTemplate, Unit, int]:
    """Return the template, township and year that a trial is posted for. Raises Http404."""
    template = visible_template(request, pk)
    unit = next((row for row in _townships(request, template) if str(row.pk) == request.POST.get("township")), None)
    year = posted_year(request, "year")
    if unit is None or year not in trial_years(unit, template):
        raise Http404
    return template, unit, year


@require_POST
def template_trial_print(request, pk):
    """Print a trial as a PDF, by a job; it is marked as a trial and kept as no report."""
    template, unit, year = asked_trial(request, pk)
    try:
        document = load_trial(template, unit, year).document
    except TemplateError as error:
        messages.error(request, str(error))
        return redirect("reports:template_trial", pk)
    job = request_trial_print(by=request.user, template=template, document=document)
    return redirect("workflow:job_detail", job.public_id)


@require_safe
def template_trial(request, pk):
    """Show the report that a real township would have, with nothing created."""
    template = visible_template(request, pk)
    townships = _townships(request, template)
    chosen = asked_number(request, "township", 1, 10**9)
    unit = next((row for row in townships if row.pk == chosen), townships[0] if townships else None)
    years = trial_years(unit, template) if unit else []
    asked = asked_number(request, "year", 2000, 2999)
    year = asked if asked in years else (years[0] if years else None)
    context = {**head_context(request, template), "townships": townships, "unit": unit, "years": years, "year": year}
    if year:
        context |= _trial(template, unit, year)
    return render(request, "reports/template_trial.html", context)


def _trial(template: ReportTemplate, unit: Unit, year: int) -> dict:
    try:
        page = load_trial(template, unit, year)
    except TemplateError as error:
        return {"broken": str(error)}
    return {"page": page, "report": page.report, "sheet": build_sheet(page.document), "whole": True}


@require_http_methods(["GET", "HEAD", "POST"])
def template_publish(request, pk):
    """Show what a draft changes and what is in the way; put it in force."""
    template = kept_template(request, pk)
    form = TemplatePublishForm(request.POST or None, initial={"base_version": template.version})
    status = 200
    if form.is_valid():
        try:
            publish_template(by=request.user, template=template, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            form.data = form.data.copy()
            form.data["base_version"] = template.version
            status = 409
        else:
            messages.success(request, _("The template is in force: reports created from now on are made from it."))
            return redirect("reports:template_detail", pk)
    before = compared_with(template)
    context = {
        **head_context(request, template), "form": form, "obstacles": content_faults(template), "before": before,
        "differences": template_differences(before.content if before else {}, template.content),
    }  # fmt: skip
    return render(request, "reports/template_publish.html", context, status=status)


@require_POST
def template_discard(request, pk):
    """Throw a draft away."""
    template = kept_template(request, pk)
    try:
        discard_template(by=request.user, template=template)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:template_detail", pk)
    messages.success(request, _("The draft is thrown away."))
    return redirect("reports:template_list")
