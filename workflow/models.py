"""Rounds, comments, append-only history, jobs. Subjects are named by kind and id, so that returns and reports share them."""

import hashlib
import json
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from workflow.choices import CommentKind, JobState, Subject
from workflow.querysets import CommentQuerySet, JobQuerySet, UnitScopedQuerySet


class Round(models.Model):
    """One submission: an immutable snapshot with its hash, and how it ended. Never rewritten, so old rounds stay readable."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    signed_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """Rounds count up within their subject."""

        ordering = ["subject_kind", "subject_id", "number"]
        constraints = [models.UniqueConstraint(fields=["subject_kind", "subject_id", "number"], name="round_number_once")]


class Comment(models.Model):
    """A remark on one figure or block, and the answers to it. The thread's first comment carries kind and resolution."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    round_number = models.PositiveSmallIntegerField(default=0)
    anchor = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=CommentKind.choices, default=CommentKind.MUST_FIX)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")
    text = models.TextField(_("comment"), max_length=1000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        """Oldest first."""

        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "anchor"], name="comment_subject")]


class EventChain(models.Model):
    """The head of one unit's chain of events: length and last hash, so that a cut tail is noticed."""

    unit_code = models.CharField(max_length=12, unique=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)


class Event(models.Model):
    """What happened: append-only (database triggers refuse changes), each row hashed over the one before it in its unit's chain.

    People and subjects are kept as text, so history outlives accounts. Rows are also the outbox for notices.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    chain_number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_login = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=40)
    actor_role = models.CharField(max_length=20)
    subject_kind = models.CharField(max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    deed = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    changes = models.JSONField(default=list)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = UnitScopedQuerySet.as_manager()

    class Meta:
        """In order of their chain."""

        ordering = ["unit", "chain_number"]
        constraints = [models.UniqueConstraint(fields=["unit", "chain_number"], name="event_chain_once")]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="event_subject")]

    def computed_hash(self) -> str:
        """Return the sha256 of the row's contents, its unit's code and the previous hash: what `hash` must equal."""
        contents = [
            self.previous_hash, self.unit.code, self.chain_number, self.at.isoformat(timespec="microseconds"), self.actor_login,
            self.actor_name, self.actor_role, self.subject_kind, self.subject_id, self.deed, self.from_state,
            self.to_state, self.reason, self.changes,
        ]  # fmt: skip
        text = json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class IdempotencyKey(models.Model):
    """A form that was carried out and what it made: sending it again finds that. `subject_kind` is the model's name.

    `subject_id` is empty only inside the transaction that makes the thing.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.UUIDField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person sends a form once."""

        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]


class Job(models.Model):
    """Long work as a row: the truth about it. The broker only rings; lease and fence make a second run harmless.

    `key` names equal work: a finished job of the same key is served again. `fence` grows with every take-over; a worker
    may only write while its fence is the row's.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=64, db_index=True)
    title = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    artifact = models.CharField(max_length=120, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    notes = models.JSONField(default=list)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    requested_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        """Newest first; a person has one open job for equal work."""

        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "requested_by"], name="job_open_once",
                condition=models.Q(state__in=(JobState.QUEUED, JobState.RUNNING)),
            )
        ]  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def percent(self) -> int:
        """Progress from 0 to 100."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class WorkerBeat(models.Model):
    """When a worker was last heard."""

    name = models.CharField(max_length=120, unique=True)
    seen_at = models.DateTimeField()
