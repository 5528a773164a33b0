"""Answers to what the checks found: confirm with a reason, put right with one click."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reports import services
from reports.views.blocks import answer, refused
from reports.views.reports import visible_report
from workflow.transitions import Refused


@require_POST
def finding_confirm(request, pk):
    """Keep why a finding stands."""
    report, reason = visible_report(request.user, pk), request.POST.get("reason", "")
    try:
        row = services.confirm_finding(by=request.user, report=report, mark=request.POST.get("mark", ""), reason=reason)
    except Refused as refusal:
        return refused(request, pk, str(refusal), typed=reason)
    return answer(request, pk, [row.block_key] if row.block_key else ["-"], _("Your reason is saved; the reviewer reads it."))


@require_POST
def finding_fix(request, pk):
    """Put a finding right the way it offers."""
    report = visible_report(request.user, pk)
    try:
        key = services.fix_finding(by=request.user, report=report, mark=request.POST.get("mark", ""))
    except Refused as refusal:
        return refused(request, pk, str(refusal))
    return answer(request, pk, [key], _("Put right."))
