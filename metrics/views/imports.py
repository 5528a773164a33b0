"""Taking in a file in four steps: the file, its columns, the preview, the confirmation; and taking an import back."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrics import services
from metrics.choices import ImportState, RowStatus
from metrics.exports.ledgers import marked_file
from metrics.imports.heads import targets_of
from metrics.imports.preview import SHOWS, followed_returns, ledger_rows, return_rows, rows_to_show, tabs
from metrics.ledgers import LedgerKind, ledger_kind
from metrics.models import ImportBatch
from metrics.permissions import check_can_fill_from_file, check_can_import, check_can_keep_ledger, check_can_undo_import
from metrics.return_page import is_allowed
from metrics.services.imports import RETURN_KIND, chosen_columns, latest_job
from metrics.views.files import file_response
from metrics.views.returns import visible_return
from metrics.workbooks.gate import MOST_BYTES, WorkbookRefused, check_size
from workflow.transitions import Refused
from workflow.views.jobs import progress_words

PAGE, RECENT = 50, 8


def chosen_kind(code: str) -> LedgerKind:
    """Return a ledger by the code in an address. Raises Http404."""
    kind = ledger_kind(code)
    if kind is None:
        raise Http404
    return kind


def visible_batch(request, public_id) -> ImportBatch:
    """Return an import that the person may see. Raises Http404."""
    rows = ImportBatch.objects.visible_to(request.user).select_related("unit", "monthly_return__unit", "created_by")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def import_start(request, kind):
    """Choose a file for a ledger; the township's last imports stand below, to be looked at or taken back."""
    kind, unit = chosen_kind(kind), request.user.unit
    check_can_keep_ledger(request.user, unit)
    recent = ImportBatch.objects.visible_to(request.user).filter(kind=kind.code).select_related("created_by")[:RECENT]
    context = {"kind": kind, "unit": unit, "recent": recent, "most": MOST_BYTES >> 20}
    return _start(request, context, lambda **file: services.start_import(by=request.user, unit=unit, kind=kind, **file))


@require_http_methods(["GET", "HEAD", "POST"])
def return_import(request, pk):
    """Choose a month's filled template."""
    monthly_return = visible_return(request.user, pk)
    try:
        check_can_fill_from_file(request.user, monthly_return)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("metrics:return_detail", pk)
    recent = ImportBatch.objects.visible_to(request.user).filter(monthly_return=monthly_return).select_related("created_by")
    context = {"paper": monthly_return, "unit": monthly_return.unit, "recent": recent[:RECENT], "most": MOST_BYTES >> 20}
    started = {"by": request.user, "monthly_return": monthly_return}
    return _start(request, context, lambda **file: services.start_return_import(**started, **file))


def _start(request, context, start):
    """Read the posted file and go on to its batch; say what is wrong with it on the same page."""
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise WorkbookRefused(_("Choose a file first."))
            check_size(file.size)
            return redirect("metrics:import_detail", start(file_name=file.name, data=file.read()).public_id)
        except (WorkbookRefused, Refused) as refusal:
            context["refusal"] = str(refusal)
    return render(request, "metrics/import_start.html", context)


@never_cache
@require_safe
def import_detail(request, public_id):
    """Show where an import stands: columns to match, rows to check, progress, or what became of it."""
    batch = visible_batch(request, public_id)
    job, kind = latest_job(batch), ledger_kind(batch.kind)
    context = {
        "batch": batch, "kind": kind, "paper": batch.monthly_return, "job": job, "step": _step(batch),
        "may_edit": is_allowed(check_can_import, request.user, batch),
        "progress": progress_words(job) if job and job.is_open else "",
    }  # fmt: skip
    if job and job.is_open:
        return render(request, "metrics/import_progress.html", context)
    if batch.state == ImportState.MATCHING:
        return render(request, "metrics/import_columns.html", {**context, **_columns(batch, kind)})
    return render(request, "metrics/import_preview.html", {**context, **_preview(request, batch, kind, context["may_edit"])})


def _step(batch: ImportBatch) -> int:
    return {ImportState.MATCHING: 2, ImportState.PREVIEW: 3}.get(batch.state, 4)


def _columns(batch: ImportBatch, kind: LedgerKind) -> dict:
    by_place = {place: name for name, place in batch.columns.items()}
    targets = targets_of(kind)
    matched = [(place, head, by_place.get(place, "")) for place, head in enumerate(batch.header) if head]
    missing = [target for target in targets if target.is_required and target.name not in batch.columns]
    return {"matched": matched, "targets": targets, "missing": missing}


def _preview(request, batch: ImportBatch, kind: LedgerKind | None, may_edit: bool) -> dict:
    show = request.GET.get("show", "")
    show = show if show in SHOWS else RowStatus.ERROR if batch.counts.get(RowStatus.ERROR) else "all"
    page = Paginator(rows_to_show(batch, show), PAGE).get_page(request.GET.get("page"))
    typed = request.GET.get("edit", "")
    edit = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 12 else None
    values = {"may_edit": may_edit and batch.state == ImportState.PREVIEW, "edit": edit}
    rows = return_rows(list(page), **values) if batch.kind == RETURN_KIND else ledger_rows(batch, kind, list(page), **values)
    counts = batch.counts
    return {
        "rows": rows, "page": page, "show": show, "tabs": tabs(batch, show), "query": f"&show={show}",
        "may_not_undo": _why_not_undone(request.user, batch),
        "counting": counts.get("new", 0) + counts.get("update", 0), "is_editable": values["may_edit"],
        "followed": followed_returns(batch, request.user),
        "left_out": counts.get("duplicate", 0) + counts.get("error", 0) + counts.get("skipped", 0),
    }  # fmt: skip


def _why_not_undone(user, batch: ImportBatch) -> str:
    try:
        check_can_undo_import(user, batch)
    except (PermissionDenied, Refused) as refusal:
        return str(refusal)
    return ""


def _back(batch: ImportBatch, data=None, number: int | None = None):
    """Go back to the preview, to the same tab and page."""
    query = {name: data[name] for name in ("show", "page") if data and data.get(name)}
    url = reverse("metrics:import_detail", args=[batch.public_id])
    return redirect(f"{url}{'?' + urlencode(query) if query else ''}{f'#r-{number}' if number else ''}")


@require_POST
def import_columns(request, public_id):
    """Keep which column fills which field, and judge the rows."""
    batch = visible_batch(request, public_id)
    if batch.kind == RETURN_KIND:
        raise Http404
    try:
        services.match_columns(by=request.user, batch=batch, columns=chosen_columns(batch, request.POST))
    except (Refused, WorkbookRefused) as refusal:
        messages.error(request, str(refusal))
    return _back(batch)


@require_POST
def import_row(request, public_id, number):
    """Mend a row in the preview, leave it out, or take it in again."""
    batch = visible_batch(request, public_id)
    check_can_import(request.user, batch)
    get_object_or_404(batch.rows, number=number)
    deed = request.POST.get("deed", "mend")
    try:
        if deed in ("skip", "take"):
            services.skip_row(by=request.user, batch=batch, number=number, skip=deed == "skip")
        else:
            values = {name.removeprefix("c-"): text for name, text in request.POST.items() if name.startswith("c-")}
            row = services.mend_row(by=request.user, batch=batch, number=number, values=values)
            if row.status != RowStatus.ERROR:
                messages.success(request, _("Row %(number)d is in order now.") % {"number": number})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(batch, request.POST, number)


@require_POST
def import_confirm(request, public_id):
    """Write what the preview promises."""
    batch = visible_batch(request, public_id)
    typed = request.POST.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
    try:
        done = services.confirm_import(
            by=request.user, batch=batch, base_version=version, all_or_nothing=request.POST.get("all_or_nothing") == "on"
        )
        if done.state == ImportState.IMPORTED:
            counts = {"new": done.counts.get("new", 0), "changed": done.counts.get("update", 0)}
            messages.success(request, _("Imported: %(new)d new, %(changed)d changed.") % counts)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(batch)


@require_POST
def import_undo(request, public_id):
    """Take an import back as a whole."""
    batch = visible_batch(request, public_id)
    try:
        services.undo_import(by=request.user, batch=batch)
        messages.success(request, _("The import was taken back: everything stands as before it."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(batch)


@require_safe
def import_marked(request, public_id):
    """Hand out the file that was sent, refused cells red with the reason as a comment."""
    batch = visible_batch(request, public_id)
    check_can_import(request.user, batch)
    if batch.kind == RETURN_KIND:
        raise Http404
    try:
        return file_response(marked_file(batch), "xlsx", batch.file_name.rpartition(".")[0], _("to correct"))
    except WorkbookRefused as refusal:
        messages.error(request, str(refusal))
        return _back(batch)
