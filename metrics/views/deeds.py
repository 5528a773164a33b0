"""Deeds that move a return on: a page that says what will happen, and the deed itself."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.choices import DISTRICT_ROLES
from metrics import services
from metrics.grid import load_grid
from metrics.return_page import group_findings, proposed_reason, why_not
from metrics.transitions import RETURN_TABLE
from metrics.views.returns import visible_return
from workflow.choices import State
from workflow.transitions import Refused

SERVICES = {
    "submit": services.submit_return,
    "sign_off": services.sign_off_return,
    "head_send_back": services.head_send_back_return,
    "withdraw": services.withdraw_return,
    "start_review": services.start_review,
    "send_back": services.send_back_return,
    "approve": services.approve_return,
    "reopen": services.reopen_return,
}


@require_http_methods(["GET", "HEAD", "POST"])
def return_deed(request, pk, deed):
    """GET: show what the deed does and what is in its way. POST: do it; a refusal keeps what was typed."""
    monthly_return = visible_return(request.user, pk)
    if deed not in SERVICES or request.user.unit.is_village:
        raise Http404
    if request.method != "POST":
        return _page(request, monthly_return, deed, reason=proposed_reason(deed, monthly_return))
    reason = request.POST.get("reason", "")
    try:
        _check_fresh(request, monthly_return)
        moved = SERVICES[deed](by=request.user, monthly_return=monthly_return, reason=reason)
    except Refused as refusal:
        return _page(request, monthly_return, deed, error=str(refusal), reason=reason)
    messages.success(request, done_words(deed, moved))
    return redirect("metrics:return_detail", pk)


def _check_fresh(request, monthly_return) -> None:
    """Refuse a deed from a page that shows an older state of the return."""
    seen = request.POST.get("seen")
    if seen and seen != freshness(monthly_return):
        raise Refused(
            _("The return has moved on since you opened this page: it is now “%(state)s”. Look at it again before you decide.")
            % {"state": monthly_return.get_state_display()}
        )


def freshness(monthly_return) -> str:
    """Return a mark that changes whenever the return moves to another state or is submitted again."""
    return f"{monthly_return.state}.{monthly_return.revision}"


def _page(request, monthly_return, deed, *, error="", reason=""):
    grid = load_grid(monthly_return, for_district=request.user.role in DISTRICT_ROLES)
    transition = RETURN_TABLE[deed]
    village_blanks, single_findings = group_findings(grid)
    context = {
        "monthly_return": monthly_return, "deed": deed, "transition": transition, "grid": grid, "error": error,
        "reason": reason, "refusal": why_not(deed, request.user, monthly_return, grid), "seen": freshness(monthly_return),
        "village_blanks": village_blanks, "single_findings": single_findings,
        "commented": [row for row in grid.rows if row.open_comments], "changed": [row for row in grid.rows if row.is_changed],
    }  # fmt: skip
    return render(request, "metrics/return_deed.html", context, status=409 if error else 200)


def done_words(deed: str, monthly_return) -> str:
    """Return what happened and what comes next."""
    if deed == "submit" and monthly_return.state == State.AWAITING_SIGNOFF:
        return _("Submitted. The township head signs it off next.")
    return {
        "submit": _("Submitted to the district. You can withdraw it until the review starts."),
        "sign_off": _("Signed off and sent to the district."),
        "head_send_back": _("Sent back to the clerk."),
        "withdraw": _("Withdrawn. You can change figures again."),
        "start_review": _("The review has started. Comment on single figures, then send back or approve."),
        "send_back": _("Sent back to the township."),
        "approve": _("Approved and locked. The figures count from now on."),
        "reopen": _("Reopened. The township can correct figures."),
    }[deed]
