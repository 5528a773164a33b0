"""The village sheet: the page, and saving its cells through the same service as the entry grid."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from metrics.grid_input import read_form
from metrics.grid_reply import cell_reply, message_data
from metrics.news import newest_change
from metrics.panel import load_panel
from metrics.services import save_figures
from metrics.views.cell_json import beat_json, save_json
from metrics.views.files import table_response
from metrics.views.returns import form_answer, panel_rights, seen_json, visible_return
from volunteers.exports import village_table
from volunteers.queries import Sheet, load_sheet
from volunteers.village_names import other_names
from workflow.transitions import Refused


@require_safe
def village_sheet(request, pk):
    """Show the villages' cells of a return: all of them to the township, their own row to a village's clerk."""
    return render(request, "volunteers/village_sheet.html", sheet_context(request, visible_return(request.user, pk)))


def sheet_context(request, monthly_return, unsaved=()) -> dict:
    """Return what the sheet's page shows; `unsaved` are cells that were typed but could not be saved."""
    since = newest_change(monthly_return, request.user)
    sheet = load_sheet(monthly_return, village=own_village(request.user))
    if not sheet.rows:
        raise Http404
    cell = request.GET.get("cell", "")
    cells = {typed.name: typed.cell for row in sheet.rows for typed in row.typed}
    return {
        "sheet": sheet, "since": since, "unsaved": unsaved, "seen": seen_json(cells),
        "panel": load_panel(monthly_return, cell, request.user) if cell in cells else None,
        "is_own_row": not sheet.has_totals, **panel_rights(request.user, monthly_return),
        "former_names": [name.data for name in other_names(monthly_return)] if sheet.has_totals else [],
    }  # fmt: skip


@require_safe
def export_sheet(request, pk, extension):
    """Hand out the sheet as a file: all villages to the township, their own row to a village's clerk."""
    monthly_return = visible_return(request.user, pk)
    sheet = load_sheet(monthly_return, village=own_village(request.user))
    if not sheet.rows:
        raise Http404
    name = sheet.rows[0].unit.name if not sheet.has_totals else monthly_return.unit.name
    return table_response(village_table(sheet), extension, name, monthly_return.period_label, "村社区表")


def own_village(user):
    """Return the village a clerk is bound to, None for everybody else."""
    return user.unit if user.unit.is_village else None


@require_POST
def save_sheet(request, pk):
    """Save typed cells: JSON from the page's script, or the whole form where no script runs."""
    monthly_return = visible_return(request.user, pk)
    if request.content_type == "application/json":
        return save_json(request, monthly_return, _reply)
    inputs = read_form(request.POST)
    try:
        results = save_figures(by=request.user, monthly_return=monthly_return, inputs=inputs)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return render(request, "volunteers/village_sheet.html", sheet_context(request, monthly_return, inputs), status=409)
    return form_answer(request, results, reverse("volunteers:village_sheet", args=[pk]))


@require_POST
def sheet_beat(request, pk):
    """Hear what others saved in the sheet while its page is open."""
    return beat_json(request, visible_return(request.user, pk), _reply)


def _reply(request, monthly_return, results) -> dict:
    sheet = load_sheet(monthly_return, village=own_village(request.user))
    decimals = {column.code: column.decimals for column in sheet.columns}
    return {
        "cells": [cell_reply(result, decimals.get(result.cell.partition("@")[0], 0)) for result in results],
        "texts": sheet_texts(sheet),
        "marks": {row.unit.code: [message_data(found) for found in row.messages] for row in sheet.rows if row.messages},
        "cell_classes": {typed.name: typed.classes for row in sheet.rows for typed in row.typed},
        "rows": {row.unit.code: "" if row.is_complete else "unfilled" for row in sheet.rows},
        "ledger": {cell.name: cell.ledger.raw for row in sheet.rows for cell in row.cells if cell.ledger and cell.ledger.raw},
        "submit": None,
        "saved_at": timezone.localtime().strftime("%H:%M:%S"),
    }


def sheet_texts(sheet: Sheet) -> dict[str, str]:
    """Return output name -> text for everything on the sheet that a saved cell may change."""
    texts = {"filled": f"{sheet.filled}/{sheet.fillable}", "missing": sheet.missing_words, "own": sheet.own_words}
    for row in sheet.rows:
        texts[f"row:{row.unit.code}"] = f"{row.filled}/{len(row.typed)}"
        texts[f"saved:{row.unit.code}"] = row.saved
        texts |= {f"now:{typed.name}": typed.shown for typed in row.cells if not typed.is_open}
        texts |= {f"ledger:{typed.name}": typed.ledger.shown for typed in row.cells if typed.ledger and typed.ledger.shown}
    if sheet.has_totals:
        texts |= {f"total:{column.code}": column.total for column in sheet.columns}
        texts |= {f"ytd:{column.code}": column.to_date for column in sheet.columns if column.to_date}
    return texts
