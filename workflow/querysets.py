"""Rounds, comments, events and jobs by scope."""

from django.db.models import Q, QuerySet

from accounts.models import Unit
from workflow.choices import OPEN_JOB_STATES, CommentKind


class UnitScopedQuerySet(QuerySet):
    """Rows that belong to a unit through a `unit` key."""

    def visible_to(self, user):
        """Rows of the units the user may see."""
        return self.filter(unit__in=Unit.objects.visible_to(user))

    def about(self, kind, pk):
        """Rows about one subject."""
        return self.filter(subject_kind=kind, subject_id=pk)


class CommentQuerySet(UnitScopedQuerySet):
    """Comment threads."""

    def visible_to(self, user):
        """Comments of visible units; a village clerk sees those on their own village's cells only."""
        rows = super().visible_to(user)
        parent = user.unit.parent_id if user.is_authenticated and user.unit.is_village else None
        if parent is None:
            return rows
        return self.filter(unit=parent, anchor__endswith="@" + user.unit.code)

    def open_threads(self):
        """First comments of threads that nobody has closed."""
        return self.filter(parent__isnull=True, resolved_at__isnull=True)

    def to_correct(self):
        """Open threads that ask for a correction."""
        return self.open_threads().filter(kind=CommentKind.MUST_FIX)


class JobQuerySet(UnitScopedQuerySet):
    """Long work."""

    def visible_to(self, user):
        """A person's own jobs, within the units they may still see."""
        if not user.is_authenticated:
            return self.none()
        return super().visible_to(user).filter(requested_by=user)

    def waiting(self):
        """Jobs not finished."""
        return self.filter(state__in=OPEN_JOB_STATES)

    def lapsed(self, now):
        """Waiting jobs that nobody holds, or whose holder's lease has run out."""
        return self.waiting().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
