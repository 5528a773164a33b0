"""What is kept for a time only: keys of forms, finished jobs with their files. Bookkeeping and copies, so no Event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from workflow.choices import OPEN_JOB_STATES
from workflow.jobs import BRIEF_KINDS
from workflow.models import IdempotencyKey, Job, WorkerBeat
from workflow.store import path_of

KEEPERS: list[Callable[[], set[str]]] = []
KEPT_BRIEF = timedelta(days=1)


@dataclass(frozen=True)
class Pruned:
    """What went, or would go in a dry run: rows of one sort and the files that went with them."""

    what: str
    rows: int
    files: int = 0
    size: int = 0


def register_keeper(names: Callable[[], set[str]]) -> None:
    """Let an app name artifacts that stay however old they are."""
    KEEPERS.append(names)


def prune_form_keys(*, now: datetime, dry_run: bool = False) -> Pruned:
    """Forget which forms were carried out more than KEPT_FORM_KEY_DAYS ago: no browser sends one again after that."""
    rows = IdempotencyKey.objects.filter(created_at__lt=now - timedelta(days=settings.KEPT_FORM_KEY_DAYS))
    return Pruned("form_keys", _delete(rows, dry_run))


def prune_jobs(*, now: datetime, dry_run: bool = False) -> Pruned:
    """Remove jobs that ended more than KEPT_JOB_DAYS ago, and every artifact as old that no job and no keeper names.

    The rows go first: what is cut short between the two leaves files that the next run finds.
    """
    oldest = now - timedelta(days=settings.KEPT_JOB_DAYS)
    kept = _kept()
    ended = Job.objects.exclude(state__in=OPEN_JOB_STATES).filter(finished_at__lt=oldest)
    going = [pk for pk, artifact in ended.order_by().values_list("pk", "artifact") if artifact not in kept]
    with transaction.atomic():
        rows = sum(_delete(Job.objects.filter(pk__in=going[at : at + 500]), dry_run) for at in range(0, len(going), 500))
        _delete(WorkerBeat.objects.filter(seen_at__lt=oldest), dry_run)
    gone = set(going)
    named = {artifact for pk, artifact in Job.objects.order_by().values_list("pk", "artifact") if pk not in gone}
    return Pruned("jobs", rows, *remove_unnamed(Path(settings.ARTIFACTS_DIR), named | kept, oldest, dry_run=dry_run))


def prune_brief_jobs(*, now: datetime, dry_run: bool = False) -> Pruned:
    """Remove what was looked at once (see workflow.jobs.job_kind) and ended more than a day ago, with its files."""
    ended = Job.objects.exclude(state__in=OPEN_JOB_STATES).filter(kind__in=BRIEF_KINDS, finished_at__lt=now - KEPT_BRIEF)
    return remove_brief_jobs(list(ended), dry_run=dry_run)


def remove_brief_jobs(jobs: list[Job], *, dry_run: bool = False) -> Pruned:
    """Remove brief jobs, and at once the files that no other job and no keeper names."""
    gone = [job.pk for job in jobs]
    names = {job.artifact for job in jobs if job.artifact}
    others = Job.objects.filter(artifact__in=names).exclude(pk__in=gone).order_by()
    alone = names - set(others.values_list("artifact", flat=True))
    paths = [path for path in map(path_of, sorted(alone - _kept() if alone else alone)) if path.is_file()]
    size = sum(path.stat().st_size for path in paths)
    rows = _delete(Job.objects.filter(pk__in=gone), dry_run)
    for path in () if dry_run else paths:
        path.unlink(missing_ok=True)
    return Pruned("previews", rows, len(paths), size)


def _kept() -> set[str]:
    return {name for names in KEEPERS for name in names()}


def remove_unnamed(folder: Path, named: set[str], oldest: datetime, *, dry_run: bool = False) -> tuple[int, int]:
    """Remove the files of a folder that nobody names and that were written before `oldest`; returns how many, and their bytes.

    A younger file may belong to a row that is not committed yet.
    """
    count = size = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in named or not path.is_file():
            continue
        facts = path.stat()
        if facts.st_mtime < oldest.timestamp():
            count, size = count + 1, size + facts.st_size
            if not dry_run:
                path.unlink(missing_ok=True)
    return count, size


def _delete(rows, dry_run: bool) -> int:
    return rows.count() if dry_run else rows.delete()[0]
