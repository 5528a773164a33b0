"""Running jobs: take under a lease with a fencing token, report progress, finish once. A lost bell, a killed worker or a
restarted broker loses nothing, because the sweeper finds every job whose lease has lapsed."""

import logging
import os
import socket
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow.choices import JobState
from workflow.models import Job, WorkerBeat
from workflow.store import path_of

LEASE = timedelta(seconds=150)  # longer than the worker's hard time limit, so a live run is never taken over
BELL_INTERVAL = timedelta(seconds=15)
MAX_TRIES = 3
log = logging.getLogger("township.jobs")
KINDS: dict[str, Callable] = {}
BRIEF_KINDS: set[str] = set()  # work that is looked at once: not listed, and gone after a day


class JobStopped(Exception):
    """The job was cancelled or taken over: the run must end without writing."""


class JobPaused(Exception):
    """The run's share of time is used up and what it did is written down: the work goes on in a later run."""


class JobFailed(Exception):
    """The work cannot succeed; the message is for the person who asked for it. Not tried again."""


def job_kind(name: str, *, is_brief: bool = False):
    """Register a function `(job, report_progress) -> dict of artifact, file_name, notes` as the work of a kind of job.

    A brief one is no file that somebody asked for: it stands in no list, and is pruned after a day.
    """

    def register(function):
        KINDS[name] = function
        if is_brief:
            BRIEF_KINDS.add(name)
        return function

    return register


@transaction.atomic
def request_job(*, by, unit, kind, subject_id, key, title, file_name, parameters=None, made="") -> Job:
    """Return a job for this work: one that is open or done under the same key and person, else a new one, bell rung on commit.

    `made` names an artifact that other work has left and that holds the result already: then the new one is done, too.
    """
    same = Job.objects.filter(kind=kind, key=key)
    if standing := _standing(same, by):
        return standing
    job = Job(
        unit=unit, kind=kind, subject_id=subject_id, key=key, title=title, parameters=parameters or {}, requested_by=by,
        file_name=file_name,
    )  # fmt: skip
    if finished := same.filter(state=JobState.DONE).first() or (Job(artifact=made) if made else None):
        job.state, job.artifact, job.notes = JobState.DONE, finished.artifact, finished.notes
        job.done, job.total, job.finished_at = finished.done, finished.total, timezone.now()
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        if standing := _standing(same, by):  # asked for twice in one moment
            return standing
        raise
    if job.is_open:
        transaction.on_commit(lambda: ring(job))
    return job


def _standing(same, by) -> Job | None:
    return same.filter(requested_by=by, state__in=(JobState.QUEUED, JobState.RUNNING, JobState.DONE)).first()


def forget_lost_files(kind: str, key: str) -> None:
    """A finished job whose file is gone from the store is no longer an answer; the next request makes the file again."""
    for job in Job.objects.filter(kind=kind, key=key, state=JobState.DONE):
        if not path_of(job.artifact).exists():
            lost = _("The file is no longer in the store; export again.")
            Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error=lost)


def ring(job: Job) -> None:
    """Tell the workers. Best effort: when the broker is away the sweeper will ring again."""
    from workflow.tasks import run_job

    Job.objects.filter(pk=job.pk).update(rung_at=timezone.now())
    try:
        run_job.apply_async([str(job.public_id)], retry=False)
    except Exception as error:
        log.warning("bell for job %s not delivered: %s", job.public_id, error)


def take(public_id: str) -> Job | None:
    """Take a job under a new lease and fence, or return None when another worker holds it or it is over."""
    now = timezone.now()
    rows = Job.objects.lapsed(now).filter(public_id=public_id)
    if not rows.update(state=JobState.RUNNING, fence=F("fence") + 1, tries=F("tries") + 1, lease_until=now + LEASE):
        return None
    return Job.objects.get(public_id=public_id)


def write(job: Job, **values) -> None:
    """Write to a job while this run still holds it. Raises JobStopped when it was cancelled or taken over."""
    rows = Job.objects.filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING)
    if not rows.update(**values):
        raise JobStopped(str(job.public_id))


def run(public_id: str) -> None:
    """Do a job to its end: the body of the Celery task."""
    job = take(public_id)
    if job is None:
        return
    if job.tries > MAX_TRIES:
        write(
            job,
            state=JobState.FAILED,
            finished_at=timezone.now(),
            lease_until=None,
            error=_("The work was broken off %(tries)d times and is not tried again. Please tell the administrator.")
            % {"tries": MAX_TRIES},
        )
        return

    def report_progress(done, total):
        write(job, done=done, total=total, lease_until=timezone.now() + LEASE)

    try:
        result = KINDS[job.kind](job, report_progress)
        write(job, state=JobState.DONE, finished_at=timezone.now(), lease_until=None, error="", **result)
    except JobStopped:
        log.info("job %s stopped", public_id)
    except JobPaused:
        _let_go(job)
    except Exception as error:
        _fail(job, error)


def _let_go(job: Job) -> None:
    """Give up the lease and ring again, behind whatever else waits. A run that got somewhere is no try in vain."""
    try:
        write(job, lease_until=None, tries=0)
    except (JobStopped, DatabaseError):
        log.info("job %s was not let go: it is over or somebody else's", job.public_id)
        return
    ring(job)


def _fail(job: Job, error: Exception) -> None:
    """Keep the reason; work that may succeed on another try goes back to the queue."""
    final = isinstance(error, JobFailed) or job.tries >= MAX_TRIES
    if not isinstance(error, JobFailed):
        log.exception("job %s failed", job.public_id)
    message = (
        str(error)
        if isinstance(error, JobFailed)
        else _("Internal error: %(name)s. The administrator finds the details in the log.") % {"name": type(error).__name__}
    )
    state = JobState.FAILED if final else JobState.QUEUED
    try:
        write(job, state=state, error=message, lease_until=None, finished_at=timezone.now() if final else None)
    except (JobStopped, DatabaseError):
        log.warning("job %s: its end could not be written", job.public_id)


@transaction.atomic
def cancel_job(*, by, job) -> bool:
    """Cancel an open job; its run stops at the next progress report. Returns whether there was anything to cancel."""
    return cancel_jobs(Job.objects.visible_to(by).filter(pk=job.pk))


def cancel_jobs(jobs) -> bool:
    """Cancel the open ones of a queryset of jobs; returns whether there were any."""
    return bool(jobs.waiting().update(state=JobState.CANCELLED, finished_at=timezone.now(), lease_until=None))


def sweep() -> int:
    """Ring for every open job that nobody holds and nobody rang for lately, oldest first; returns how many."""
    quiet_since = timezone.now() - BELL_INTERVAL
    unheard = Q(rung_at__isnull=True) | Q(rung_at__lt=quiet_since)
    jobs = list(Job.objects.lapsed(timezone.now()).filter(unheard).order_by("requested_at", "pk")[:50])
    for job in jobs:
        ring(job)
    return len(jobs)


def beat() -> None:
    """Note that this worker lives."""
    WorkerBeat.objects.update_or_create(name=f"{socket.gethostname()}:{os.getpid()}", defaults={"seen_at": timezone.now()})
