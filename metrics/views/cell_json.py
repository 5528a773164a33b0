"""Cells in JSON, for the scripts of the entry grid and the village sheet: saving a batch, hearing of others' changes."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.utils.translation import gettext as _

from metrics.grid_input import BadInput, read_json
from metrics.news import load_news
from metrics.permissions import check_can_edit
from metrics.services import note_editor, save_figures
from workflow.transitions import Refused


def save_json(request, monthly_return, make_reply):
    """Save a batch of cells and answer in JSON. `make_reply(request, monthly_return, results)` returns the body."""

    def save(batch):
        results = save_figures(by=request.user, monthly_return=monthly_return, inputs=batch.inputs)
        news = load_news(monthly_return, request.user, batch.since)
        return {**make_reply(request, monthly_return, results), **news}

    return _answer_json(request, save)


def beat_json(request, monthly_return, make_reply):
    """Note that somebody is at work, and answer with what others have saved since; the page's texts only when there is any."""
    request.is_background = True

    def beat(batch):
        if batch.is_active:
            note_editor(by=request.user, monthly_return=monthly_return)
        else:
            check_can_edit(request.user, monthly_return)
        news = load_news(monthly_return, request.user, batch.since)
        is_news = news["changed"] or news["filed"]
        return {**make_reply(request, monthly_return, []), **news} if is_news else news

    return _answer_json(request, beat, needs_cells=False)


def _answer_json(request, act, **options):
    """Read a page's batch, act on it, and put refusals into words. Another person's page is told so and changes nothing."""
    try:
        batch = read_json(request.body, **options)
        if batch.by not in (None, request.user.pk):
            words = _("Somebody else is signed in here now. What you typed stays in this browser until you sign in again.")
            return JsonResponse({"message": words, "other_person": True}, status=403)
        return JsonResponse(act(batch))
    except BadInput as fault:
        return JsonResponse({"message": str(fault)}, status=400)
    except Refused as refusal:
        return JsonResponse({"message": str(refusal)}, status=409)
    except PermissionDenied as refusal:
        return JsonResponse({"message": str(refusal)}, status=403)
