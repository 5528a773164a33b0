"""Long work as its owner sees it: the list, one job with its progress, cancelling, fetching the result."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from workflow.choices import JobState
from workflow.jobs import BRIEF_KINDS, cancel_job
from workflow.models import Job

CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".zip": "application/zip",
}
INLINE_POLICY = "default-src 'none'; object-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def visible_job(request, public_id) -> Job:
    """Return a job of this person's. Raises Http404."""
    return get_object_or_404(_listed(request), public_id=public_id)


def _listed(request):
    """What is looked at once has its own page to be looked at on; it is no file to be had here."""
    return Job.objects.visible_to(request.user).exclude(kind__in=BRIEF_KINDS).select_related("unit")


@require_safe
def job_list(request):
    """List a person's exports, newest first."""
    page = Paginator(_listed(request), 25).get_page(request.GET.get("page"))
    return render(request, "workflow/job_list.html", {"page": page})


@never_cache
@require_safe
def job_detail(request, public_id):
    """Show one job: its progress, then its result. The address survives reloads and can be kept."""
    job = visible_job(request, public_id)
    return render(request, "workflow/job_detail.html", {"job": job, "progress": progress_words(job)})


@never_cache
@require_safe
def job_status(request, public_id):
    """Return the job's state for the page that waits."""
    job = visible_job(request, public_id)
    state = {"state": job.state, "label": job.get_state_display(), "is_open": job.is_open, "percent": job.percent}
    return JsonResponse({**state, "text": progress_words(job)})


def progress_words(job: Job) -> str:
    """Return where the job stands, in one sentence."""
    words = {
        JobState.QUEUED: _("Waiting for a free worker. You may leave this page; the work goes on."),
        JobState.RUNNING: _("In progress: %(percent)d%%. You may leave this page; the work goes on."),
        JobState.DONE: _("Finished. The file is ready.") if job.artifact else _("Finished."),
        JobState.FAILED: _("Not finished. The reason is below."),
        JobState.CANCELLED: _("Cancelled. Nothing was written."),
    }
    if "page" in job.parameters:  # work that ends on a page of its own, not in a file
        words[JobState.CANCELLED] = _("Cancelled. Its page shows how it stands.")
        words[JobState.RUNNING] = _("Working: %(percent)d%%. You may leave this page; the work goes on.")
    if job.parameters.get("is_counted"):  # work on so many things, of which each is a step
        words[JobState.RUNNING] = _("In progress: %(done)d of %(total)d. You may leave this page; the work goes on.")
    return words[job.state] % {"percent": job.percent, "done": job.done, "total": job.total}


@require_POST
def job_cancel(request, public_id):
    """Cancel a job that has not finished."""
    job = visible_job(request, public_id)
    if cancel_job(by=request.user, job=job):
        messages.success(request, _("The work was cancelled."))
    else:
        messages.info(request, _("There was nothing to cancel: the work had ended already."))
    return redirect("workflow:job_detail", public_id)


@require_safe
def job_download(request, public_id):
    """Hand out the result: as a download, or a PDF inside the browser with ?inline=1."""
    job = visible_job(request, public_id)
    path = artifact_path(job)
    if path is None:
        messages.error(request, _("The file is not there (any more). Please start the export again."))
        return redirect("workflow:job_detail", public_id)
    is_inline = path.suffix == ".pdf" and request.GET.get("inline") == "1"
    response = FileResponse(
        path.open("rb"),
        as_attachment=not is_inline,
        filename=job.file_name,
        content_type=CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
    )
    response["X-Content-Type-Options"] = "nosniff"
    # A sandboxed document cannot start the browser's PDF viewer, so the inline view gets a policy that loads nothing instead.
    response["Content-Security-Policy"] = INLINE_POLICY if is_inline else "sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def artifact_path(job: Job) -> Path | None:
    """Return where a finished job's file lies, or None when there is none inside the folder of artifacts."""
    if job.state != JobState.DONE or not job.artifact:
        return None
    home = Path(settings.ARTIFACTS_DIR).resolve()
    path = (home / job.artifact).resolve()
    return path if path.is_relative_to(home) and path.is_file() else None
