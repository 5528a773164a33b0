"""Tables as files: ledgers, the month's return and its templates, lists, board; and the printed return as a PDF."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Unit
from accounts.permissions import check_is_of_district
from metrics.board import load_rows
from metrics.exports.ledgers import ledger_table, ledger_template
from metrics.exports.records import template_record
from metrics.exports.returns import board_table, item_table, return_table, return_template, year_table
from metrics.grid import load_grid
from metrics.items import load_item_page
from metrics.ledger_filters import read_filters
from metrics.lists import load_year
from metrics.models import MonthlyReturn
from metrics.services import request_return_pdf
from metrics.sheets import sheet_tables
from metrics.views.files import table_response
from metrics.views.imports import chosen_kind
from metrics.views.ledgers import chosen_unit
from metrics.views.lists import chosen_township, chosen_year
from metrics.views.returns import visible_return
from workflow.transitions import Refused


def own_or_chosen_township(request) -> Unit:
    """Return the township a file is about; a village's clerk gets none. Raises Http404."""
    if request.user.unit.is_village:
        raise Http404
    townships = Unit.objects.visible_to(request.user).townships()
    township = chosen_township(request) or townships.first()
    if township is None:
        raise Http404
    return township


@require_safe
def ledger_export(request, kind, extension):
    """Hand out a ledger's entries under the filters of its page: of one township, or of all that a district sees."""
    kind, township = chosen_kind(kind), chosen_unit(request)
    chosen = read_filters(kind, request.GET, year=chosen_year(request), unit=township)
    entries = chosen.apply(kind.model.objects.visible_to(request.user)).select_related("unit", *kind.references)
    unit = township or request.user.unit
    table = ledger_table(kind, unit, entries.order_by("unit__code", kind.date_field, "pk"), chosen.period)
    return table_response(table, extension, unit.name, chosen.period, kind.name)


@require_safe
def ledger_template_file(request, kind):
    """Hand out a ledger's empty template."""
    kind, unit = chosen_kind(kind), own_or_chosen_township(request)
    return table_response(ledger_template(kind, unit), "xlsx", unit.name, kind.name, "导入模板")


def whole_return(request, pk) -> MonthlyReturn:
    """Return a return for somebody who may see all of it. Raises Http404."""
    if request.user.unit.is_village:
        raise Http404
    return visible_return(request.user, pk)


@require_safe
def return_export(request, pk, extension):
    """Hand out the month's form, filled or empty."""
    monthly_return, is_empty = whole_return(request, pk), "empty" in request.GET
    table = return_table(load_grid(monthly_return), is_empty=is_empty)
    what = "月报空表" if is_empty else "月报"
    return table_response(table, extension, monthly_return.unit.name, monthly_return.period_label, what)


@require_safe
def return_template_file(request, pk):
    """Hand out the month's form to fill in and send back: the township's cells, and the villages' on a second sheet."""
    monthly_return = whole_return(request, pk)
    tables = (return_template(load_grid(monthly_return)), *sheet_tables(monthly_return), template_record(monthly_return))
    return table_response(tables, "xlsx", monthly_return.unit.name, monthly_return.period_label, "月报填报模板")


@require_POST
def return_pdf(request, pk):
    """Ask for the printed return as a PDF; the job's page hands it out."""
    monthly_return = whole_return(request, pk)
    try:
        job = request_return_pdf(by=request.user, monthly_return=monthly_return, is_empty="empty" in request.POST)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("metrics:return_print", pk)
    return redirect("workflow:job_detail", job.public_id)


@require_safe
def return_list_export(request, extension):
    """Hand out the list of a township's returns of a year."""
    township, year = own_or_chosen_township(request), chosen_year(request)
    table = year_table(township, year, load_year(township, year, timezone.now()))
    return table_response(table, extension, township.name, f"{year}年", "月报报送情况")


@require_safe
def board_export(request, extension):
    """Hand out the district's board, all townships."""
    check_is_of_district(request.user)
    year, now = chosen_year(request), timezone.now()
    townships = list(Unit.objects.visible_to(request.user).townships().order_by("order", "code"))
    table = board_table(request.user.unit, year, load_rows(townships, year, now))
    return table_response(table, extension, request.user.unit.name, f"{year}年", "月报报送情况")


@require_safe
def item_export(request, extension):
    """Hand out one list of named items."""
    township, year = own_or_chosen_township(request), chosen_year(request)
    page = load_item_page(township, year, request.GET.get("list", ""))
    name = page.chosen.name if page.chosen else "事项"
    return table_response(item_table(township, year, page), extension, township.name, f"{year}年", name)
