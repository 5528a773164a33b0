"""Annual reports: the list, creating one, the page of one, its head, its formal sheet."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES
from accounts.models import Unit
from reports.forms import HeadForm
from reports.models import Report
from reports.own_reports import load_own_reports
from reports.permissions import check_can_ask_export, check_can_comment, check_can_create, check_can_edit, may_open_threads
from reports.plan_forms import PlanItemForm
from reports.plan_page import plan_choices
from reports.preview import build_sheet
from reports.queries import head_mark
from reports.report_deeds import load_deeds, refusal_of
from reports.report_page import load_report_page
from reports.services import EditConflict, create_report, save_head
from reports.undoing import load_undo
from workflow.form_keys import form_key
from workflow.transitions import Refused

PAGE_LENGTH = 25


def visible_report(user, pk: int) -> Report:
    """Return a report the person may see. Raises Http404."""
    rows = Report.objects.visible_to(user).select_related("unit__parent", "created_by", "submitted_by", "approved_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def report_list(request):
    """List reports: a township's own through the years, the district's own and its townships' in one year."""
    user = request.user
    if user.role not in (*DISTRICT_ROLES, *TOWNSHIP_ROLES):
        raise PermissionDenied(_("Annual reports are written by the township's office."))
    is_district = user.role in DISTRICT_ROLES
    context = _district_list(request) if is_district else _township_list(request)
    return render(request, "reports/report_list.html", {"is_district": is_district, **context})


def _township_list(request) -> dict:
    user, this_year = request.user, timezone.localdate().year
    rows = Report.objects.visible_to(user).select_related("unit", "submitted_by", "approved_by")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    made = set(rows.values_list("year", flat=True))
    offers = [
        (year, refusal_of(lambda year=year: check_can_create(user, user.unit, year)))
        for year in (this_year, this_year - 1) if year not in made
    ]  # fmt: skip
    return {"page": page, "lines": [(row.unit, row) for row in page], "offers": offers}


def _district_list(request) -> dict:
    user, this_year = request.user, timezone.localdate().year
    reports = Report.objects.visible_to(user)
    years = sorted({this_year, this_year - 1, *reports.order_by().values_list("year", flat=True).distinct()}, reverse=True)
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and int(typed) in years else years[0]
    page = Paginator(Unit.objects.visible_to(user).townships(), PAGE_LENGTH).get_page(request.GET.get("page"))
    found = reports.filter(year=year, unit__in=[unit.pk for unit in page]).select_related("unit", "submitted_by", "approved_by")
    by_unit = {row.unit_id: row for row in found}
    return {
        "page": page, "lines": [(unit, by_unit.get(unit.pk)) for unit in page], "year": year, "years": years,
        "query": f"&year={year}", "states": _state_counts(reports.filter(year=year).exclude(unit=user.unit_id)),
        "own": load_own_reports(user, (year,)),
    }  # fmt: skip


def _state_counts(rows) -> list[tuple[str, str, int]]:
    states = list(rows.order_by().values_list("state", flat=True))
    labels = dict(Report._meta.get_field("state").choices)
    return [(state, labels[state], states.count(state)) for state in labels if state in states]


@require_POST
def report_create(request):
    """Create the report of one's own unit of a year and open it."""
    typed = request.POST.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else timezone.localdate().year
    try:
        report = create_report(by=request.user, unit=request.user.unit, year=year, form_key=form_key(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports:report_list")
    messages.success(request, _("The report is assembled from approved figures. Read it through and edit what needs your words."))
    return redirect("reports:report_detail", report.pk)


@require_safe
def report_detail(request, pk):
    """Show the report: outline, blocks, formal sheet."""
    return render_report(request, visible_report(request.user, pk))


def render_report(request, report: Report, *, status: int = 200, page=None, **more):
    """Render the whole page; `more` opens an editor (editor) or a trace (trace) in its place."""
    page = page or load_report_page(report)
    return render(request, "reports/report_detail.html", {**report_context(request, page), **more}, status=status)


def report_context(request, page) -> dict:
    """Return what the page and its parts show to this person."""
    report, user = page.report, request.user
    can_edit = not refusal_of(lambda: check_can_edit(user, report))
    plan, deeds = page.binder.plan.book, load_deeds(user, page)
    export_refusal = refusal_of(lambda: check_can_ask_export(user, report)) or page.export_refusal
    return {
        "page": page, "report": report, "deeds": deeds, "sheet": build_sheet(page.document, page.stale),
        "is_reviewer": may_open_threads(user, report),
        "export_refusal": export_refusal, "export_with": next((deed.name for deed in deeds if deed.reason == export_refusal), ""),
        "can_edit": can_edit, "plan_blank": PlanItemForm(plan=plan) if can_edit else None,
        "plan_choices": plan_choices(plan) if can_edit else (),
        "undo": load_undo(report, user) if can_edit else None,
        "can_comment": not refusal_of(lambda: check_can_comment(user, report)),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def report_head(request, pk):
    """Edit title, addressee, signature and date of issue."""
    report = visible_report(request.user, pk)
    check_head(request, report)
    form = HeadForm(request.POST or None, instance=report, initial={"seen": head_mark(report)})
    if request.method == "POST" and form.is_valid():
        try:
            save_head(by=request.user, report=report, **form.head)
        except EditConflict as conflict:
            return _head_conflict(request, pk, form, str(conflict))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("reports:report_detail", pk)
    context = {"form": form, "report": report}
    return render(request, "reports/report_head.html", context, status=422 if form.errors else 200)


def check_head(request, report) -> None:
    """Let only those through who may edit the report now; a closed report says why through the form."""
    try:
        check_can_edit(request.user, report)
    except Refused as refusal:
        if request.method != "POST":
            raise PermissionDenied(str(refusal)) from refusal


def _head_conflict(request, pk, form, message):
    stored = visible_report(request.user, pk)
    typed = request.POST.copy()
    typed["seen"] = head_mark(stored)
    again = HeadForm(typed, instance=visible_report(request.user, pk))
    context = {"form": again, "report": stored, "conflict": message, "stored": stored}
    return render(request, "reports/report_head.html", context, status=409)


@require_safe
def report_preview(request, pk):
    """Show the formal sheet on a page of its own, annexes included."""
    page = load_report_page(visible_report(request.user, pk))
    context = {"page": page, "report": page.report, "sheet": build_sheet(page.document, page.stale), "whole": True}
    return render(request, "reports/report_preview.html", context)
