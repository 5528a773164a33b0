"""Rounds of a return: every submission as it was, with its outcome and what changed; and the printed form."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from metrics.return_form import load_paper
from metrics.rounds import load_round, load_rounds
from metrics.views.returns import visible_return
from workflow.choices import Subject
from workflow.models import Round


@require_safe
def return_rounds(request, pk):
    """List all submissions of a return."""
    monthly_return = _whole_return(request, pk)
    context = {"monthly_return": monthly_return, "rounds": load_rounds(monthly_return)}
    return render(request, "metrics/return_rounds.html", context)


@require_safe
def round_detail(request, pk, number):
    """Show one submission: values as submitted, beside those of the submission before, and the comments of that round."""
    monthly_return = _whole_return(request, pk)
    rounds = Round.objects.visible_to(request.user).about(Subject.RETURN, pk)
    this = get_object_or_404(rounds.select_related("submitted_by", "signed_off_by", "decided_by"), number=number)
    context = {"monthly_return": monthly_return, "submission": load_round(monthly_return, this)}
    return render(request, "metrics/round_detail.html", context)


@require_safe
def return_print(request, pk):
    """Show the return as a form to print, sign and stamp; ?empty=1 without its figures, to be filled in by hand."""
    context = load_paper(_whole_return(request, pk), is_empty="empty" in request.GET)
    return render(request, "metrics/return_print.html", context)


def _whole_return(request, pk):
    """Return a return for somebody who may see all of it: a village's clerk sees only their own row, elsewhere."""
    if request.user.unit.is_village:
        raise Http404
    return visible_return(request.user, pk)
