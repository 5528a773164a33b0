"""Faults planted to show that the matrix sees them: unscoped objects, ids from bodies, loud refusals, open doors."""

import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from unittest import mock

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.models import LoginAttempt, User
from accounts.querysets import UserQuerySet
from metrics.models import EvidenceFile, Highlight
from reports.querysets import ReportQuerySet
from tests.urls_checker import every_pattern
from tests.urls_world import inside, named
from workflow.models import Comment, Job


@dataclass(frozen=True)
class Mutant:
    """A fault: the pattern that shows it, the kind of finding it must raise, and how it is planted."""

    route: str
    found_as: str
    planted: Callable[..., AbstractContextManager]


def another_view(name: str, make) -> Callable:
    """Plant a view in place of a pattern's; `make(view)` returns the faulty one."""

    def planted(world):
        pattern = every_pattern()[name]
        return mock.patch.object(pattern, "callback", make(pattern.callback))

    return planted


def replaced(target: str, function) -> Callable:
    """Plant a function in place of another."""
    return lambda world: mock.patch(target, function)


def unchecked_removal(world) -> ExitStack:
    return stacked(
        mock.patch("metrics.views.items.visible_item", lambda request, pk: Highlight.objects.get(pk=pk)),
        mock.patch("metrics.services.items.check_can_manage_items"),
    )


def stacked(*patches) -> ExitStack:
    """Plant several at once."""
    stack = ExitStack()
    for patch in patches:
        stack.enter_context(patch)
    return stack


def seen_from_below(rows, user):
    """Reports of the own unit and of the one above it."""
    return rows.filter(unit__in=[user.unit_id, user.unit.parent_id])


def loud_refusal(view):
    def faulty(request, **kwargs):
        try:
            return view(request, **kwargs)
        except PermissionDenied:
            return HttpResponse(f"not for you: {inside('A2')}", status=403)

    return faulty


def leaky_archive(view):
    def faulty(request, **kwargs):
        box = io.BytesIO()
        with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("sheet.xml", inside("B1") * 50)
        return HttpResponse(box.getvalue(), content_type="application/zip")

    return faulty


def writing_read(view):
    def faulty(request, **kwargs):
        LoginAttempt.objects.create(key=f"seen {LoginAttempt.objects.count()}", window_start="2026-01-01T00:00Z")
        return view(request, **kwargs)

    return faulty


def loose_number(view):
    def faulty(request, **kwargs):
        int(request.GET.get("year", 0))
        return view(request, **kwargs)

    return faulty


def cached_page(view):
    kept = []

    def faulty(request, **kwargs):
        if not kept and request.method == "GET" and request.user.unit.name.startswith(named("A1")):
            kept.append(view(request, **kwargs))
        return kept[0] if kept else view(request, **kwargs)

    return faulty


MUTANTS = {
    "an object loaded by its id alone": Mutant(
        "workflow:job_detail", "leak",
        replaced("workflow.views.jobs.visible_job", lambda request, public_id: Job.objects.get(public_id=public_id)),
    ),
    "a foreign row removed": Mutant("metrics:item_remove", "foreign write", unchecked_removal),
    "a file for whoever knows its address": Mutant(
        "metrics:evidence_file", "leak",
        replaced(
            "metrics.views.evidence._visible_file",
            lambda request, public_id: EvidenceFile.objects.select_related("unit").get(public_id=public_id),
        ),
    ),
    "a foreign file used again": Mutant(
        "metrics:cell_evidence", "smuggled id wrote",
        lambda world: stacked(
            mock.patch(
                "metrics.views.evidence._chosen",
                lambda request: EvidenceFile.objects.filter(public_id__in=request.POST.getlist("reuse")).select_related("unit"),
            ),
            mock.patch("metrics.services.evidence._check_township"),
        ),
    ),
    "a list without a scope": Mutant(
        "workflow:account_list", "leak",
        lambda world: mock.patch.object(UserQuerySet, "visible_to", lambda rows, user: rows.all()),
    ),
    "an id from the body": Mutant(
        "metrics:add_comment", "smuggled id wrote",
        replaced("metrics.views.comments._thread", lambda request, row, pk: Comment.objects.get(pk=pk)),
    ),
    "a right too wide": Mutant(
        "workflow:account_disable", "wrong status",
        replaced("workflow.views.accounts.visible_account", lambda request, pk: User.objects.get(pk=pk)),
    ),
    "the district's own report shown to its townships": Mutant(
        "reports:report_detail", "leak", lambda world: mock.patch.object(ReportQuerySet, "visible_to", seen_from_below)
    ),
    "a refusal that tells": Mutant("metrics:unit_list", "leak", another_view("metrics:unit_list", loud_refusal)),
    "a canary inside a zip": Mutant("workflow:job_list", "leak", another_view("workflow:job_list", leaky_archive)),
    "a page that writes when it is read": Mutant(
        "workflow:job_list", "GET wrote", another_view("workflow:job_list", writing_read)
    ),
    "a number taken as it comes": Mutant("workflow:job_list", "crash", another_view("workflow:job_list", loose_number)),
    "a page open to strangers": Mutant(
        "accounts:password", "wrong status",
        another_view("accounts:password", lambda view: login_not_required(lambda request: HttpResponse("hello"))),
    ),
    "a form without its token": Mutant(
        "metrics:item_remove", "POST without token accepted", another_view("metrics:item_remove", csrf_exempt)
    ),
    "one person's page kept for the next": Mutant(
        "metrics:item_list", "leak", another_view("metrics:item_list", cached_page)
    ),
}  # fmt: skip
