"""Pages of a report or of a template's trial as they print: asking for them, how far they are, each as a picture."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reports.live_pages import REPORT_PAGES, TRIAL_PAGES
from reports.page_images import page_image, printed_pages
from reports.services import request_pages, request_trial_pages
from reports.template_files import TemplateError
from reports.trial import load_trial
from reports.views.reports import visible_report
from reports.views.templates import asked_trial
from workflow.choices import JobState
from workflow.models import Job
from workflow.queries import is_worker_alive
from workflow.store import path_of

LOST = "lost"  # finished once, but the file has gone: to be asked for again


@require_POST
def report_pages(request, pk):
    """Ask for the pages of what the report says now; answers as `pages_status` does."""
    report = visible_report(request.user, pk)
    return JsonResponse(_standing(request_pages(by=request.user, report=report)))


@require_POST
def trial_pages(request, pk):
    """Ask for the pages of a template's trial on a township."""
    template, unit, year = asked_trial(request, pk)
    try:
        document = load_trial(template, unit, year).document
    except TemplateError as error:
        return JsonResponse({"message": str(error)}, status=409)
    return JsonResponse(_standing(request_trial_pages(by=request.user, template=template, document=document)))


def visible_pages(request, public_id) -> Job:
    """Return a person's own print of pages. Raises Http404."""
    rows = Job.objects.visible_to(request.user).filter(kind__in=(REPORT_PAGES, TRIAL_PAGES))
    return get_object_or_404(rows, public_id=public_id)


@never_cache
@require_safe
def pages_status(request, public_id):
    """Tell how far pages are: state and words; once they are there how many, where each block begins, and their address."""
    return JsonResponse(_standing(visible_pages(request, public_id)))


def _standing(job: Job) -> dict:
    path = path_of(job.artifact) if job.state == JobState.DONE else None
    state = LOST if path and not path.is_file() else job.state
    told = {"state": state, "status": reverse("reports:pages_status", args=[job.public_id]), "text": _words(job)}
    if state != JobState.DONE:
        return told
    pages = printed_pages(path)
    places = {name: [place.page, place.down] for name, place in pages.places.items()}
    picture = reverse("reports:page_picture", args=[job.public_id, 1])
    return told | {"count": pages.count, "places": places, "picture": picture.removesuffix("1.png"), "notes": job.notes}


def _words(job: Job) -> str:
    if job.is_open and not is_worker_alive():
        return _("The printing service is not running, so there are no PDF pages now; tell the administrator.")
    words = {JobState.QUEUED: _("Waiting for the printer …"), JobState.RUNNING: _("Updating …"), JobState.FAILED: job.error}
    return words.get(job.state, "")


@require_safe
def page_picture(request, public_id, number):
    """Return one page as PNG. An address shows the same for ever, so the browser may keep it for a while."""
    job = visible_pages(request, public_id)
    path = path_of(job.artifact) if job.state == JobState.DONE else None
    picture = page_image(path, number) if path and path.is_file() else None
    if picture is None:
        raise Http404
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, max-age=600"
    return response
