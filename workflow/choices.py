"""States, kinds of comment, job states."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a return or a report stands on its way to approval."""

    DRAFT = "draft", _("Draft")
    AWAITING_SIGNOFF = "awaiting_signoff", _("Awaiting sign-off")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")


EDITABLE_STATES = (State.DRAFT, State.RETURNED)


class Subject(TextChoices):
    """What a round, comment or event is about."""

    RETURN = "return", _("Monthly return")
    REPORT = "report", _("Annual report")
    ACCOUNT = "account", _("Account")
    UNIT = "unit", _("Unit")
    ITEM = "item", _("Named item")
    LEDGER = "ledger", _("Ledger entry")
    IMPORT = "import", _("Import")
    EVIDENCE = "evidence", _("Evidence")
    CATALOGUE = "catalogue", _("Catalogue")
    TARGET = "target", _("Target")
    TEMPLATE = "template", _("Report template")
    SETTINGS = "settings", _("District settings")
    JOB = "job", _("Job")


class CommentKind(TextChoices):
    """What a comment asks for."""

    MUST_FIX = "must_fix", _("Must be corrected")
    NOTE = "note", _("Note")


class JobState(TextChoices):
    """A job's life."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_JOB_STATES = (JobState.QUEUED, JobState.RUNNING)
