"""Annual reports: a district's template, the report, its blocks, the figures bound into them, and frozen versions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from reports.choices import BlockKind, Profile, TemplateState, UnitClass
from reports.plan_models import PlanItem, PlanOutcome, PlanTarget
from reports.querysets import MonthlyFormQuerySet, OfReportQuerySet, ReportQuerySet, TemplateQuerySet
from workflow.choices import EDITABLE_STATES, State

__all__ = [
    "Block",
    "BlockEditor",
    "BoundFigure",
    "Confirmation",
    "MonthlyForm",
    "PlanItem",
    "PlanOutcome",
    "PlanTarget",
    "Report",
    "ReportTemplate",
    "ReportVersion",
]


class ReportTemplate(models.Model):
    """A district's template of a year's reports: for all its townships, for one class of them, or for its own report.

    `content`: title, addressee, signature, blocks, parameters as data (see report_templates/). One that has been in force is
    never changed: a new draft replaces it, so a report always finds what it was made from. `is_shipped`: kept in line with
    the template files by sync_templates.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="report_templates")
    year = models.PositiveSmallIntegerField(_("year"))
    unit_class = models.CharField(_("for"), max_length=12, choices=UnitClass.choices, default=UnitClass.ALL, blank=True)
    name = models.CharField(_("name"), max_length=80)
    profile = models.CharField(_("profile"), max_length=10, choices=Profile.choices, default=Profile.PLAIN)
    content = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=TemplateState.choices, default=TemplateState.DRAFT)
    is_shipped = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        """Newest year first; one in force and one draft a district, year and class."""

        ordering = ["-year", "unit_class", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "year", "unit_class"], condition=models.Q(state="published"), name="report_template_once"
            ),
            models.UniqueConstraint(
                fields=["district", "year", "unit_class"], condition=models.Q(state="draft"), name="report_template_draft_once"
            ),
        ]

    def __str__(self):
        """Return the name."""
        return self.name

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == TemplateState.DRAFT


class MonthlyForm(models.Model):
    """A district's own form of the monthly return, from a year on: title, labels to sign at, notes, orientation.

    `content` is that of metrics.return_form.ReturnForm. It is how paper looks, so what was approved does not depend on it.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="monthly_forms")
    year = models.PositiveSmallIntegerField(_("year"))
    content = models.JSONField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = MonthlyFormQuerySet.as_manager()

    class Meta:
        """Newest year first; one a district and year."""

        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="monthly_form_once")]


class Report(models.Model):
    """A township's or district's summary of a year and plan of the next. `settings_copy`: the district's thresholds of that time.

    `letterhead` of a red-head report: mark, number, signatory, copies, issuer (see render.letterhead), all text.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    cutoff_month = models.PositiveSmallIntegerField(_("figures up to month"), default=12)
    title = models.CharField(_("title"), max_length=200)
    addressee = models.CharField(_("addressee"), max_length=100)
    signature = models.CharField(_("signature"), max_length=100)
    issue_date = models.DateField(_("date of issue"), null=True, blank=True)
    template = models.ForeignKey(ReportTemplate, models.PROTECT, null=True, blank=True, related_name="reports")
    profile = models.CharField(_("profile"), max_length=10, choices=Profile.choices, default=Profile.PLAIN)
    letterhead = models.JSONField(default=dict, blank=True)
    settings_copy = models.JSONField(default=dict)
    version_number = models.PositiveSmallIntegerField(default=0)
    edited = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        """Newest year first; one a unit and year."""

        ordering = ["-year", "unit__order"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="report_once"),
            models.CheckConstraint(condition=models.Q(cutoff_month__gte=1, cutoff_month__lte=12), name="report_cutoff_real"),
        ]

    def __str__(self):
        """Return unit and year."""
        return f"{self.unit.name} {self.year}"

    @property
    def is_editable(self) -> bool:
        """Whether the township may change it."""
        return self.state in EDITABLE_STATES

    @property
    def is_approved(self) -> bool:
        """Whether it is frozen."""
        return self.state == State.APPROVED

    @property
    def district_id(self) -> int:
        """The id of the district whose indicators and settings hold for it."""
        return self.unit.parent_id or self.unit_id

    @property
    def plan_year(self) -> int:
        """The year it plans for."""
        return self.year + 1

    @property
    def file_stem(self) -> str:
        """The name of exported files without extension: unit and title."""
        what = "宣传思想文化工作" if self.unit.is_district else "宣传工作"
        return f"{self.unit.name}_{self.year}年度{what}总结和{self.year + 1}年工作计划"

    def stem_of_version(self, number: int | None) -> str:
        """Return the file name of a version; only one that is not what the report says now carries its number."""
        in_force = number is None or (self.is_approved and number == self.version_number)
        return self.file_stem if in_force else f"{self.file_stem}_第{number}版"


class Block(models.Model):
    """One paragraph, heading or item as plain text with tokens; `watch` names indicators whose fall contradicts a slogan.

    `spec` says what a table, chart or named list shows (see reports.built); `is_added`: put in by hand, not by the template.

    `choice` tells which wording of its template was taken, and why (see reports.alternatives); {} where there was no choice.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="blocks")
    key = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=BlockKind.choices)
    level = models.PositiveSmallIntegerField(default=0)
    lead = models.CharField(max_length=120, blank=True)
    text = models.TextField(_("text"), max_length=6000, blank=True)
    is_optional = models.BooleanField(default=False)
    is_dropped = models.BooleanField(_("left out"), default=False)
    watch = models.JSONField(default=list, blank=True)
    choice = models.JSONField(default=dict, blank=True)
    spec = models.JSONField(default=dict, blank=True)
    is_added = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """In reading order; keys are stable names within a report."""

        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="block_key_once")]


class BlockEditor(models.Model):
    """Who has which block of a report open, and when they were last seen at it. Not history: overwritten."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="editors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    block_key = models.CharField(max_length=60, blank=True)
    seen_at = models.DateTimeField()

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """A row a person and report."""

        constraints = [models.UniqueConstraint(fields=["report", "user"], name="block_editor_once")]


class BoundFigure(models.Model):
    """What a token showed when its block was last settled: text, value, hash of its sources. Another hash now means stale.

    A stale one may be kept as it prints, with a note: `kept_mark` is then the mark of what it would be instead, `kept_shown`
    how that read. When its source moves on from there, it is stale again.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="bound_figures")
    block = models.ForeignKey(Block, models.CASCADE, related_name="bound_figures")
    token = models.CharField(max_length=200)
    status = models.CharField(max_length=10)
    shown = models.TextField(blank=True)
    value = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    reason = models.TextField(blank=True)
    source_hash = models.CharField(max_length=64, blank=True)
    sources = models.JSONField(default=list)
    settled_at = models.DateTimeField()
    kept_note = models.CharField(_("why it is kept"), max_length=200, blank=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField(null=True)
    kept_mark = models.CharField(max_length=80, blank=True)
    kept_shown = models.TextField(blank=True)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """A token stands once a block: the same token twice shows the same."""

        constraints = [models.UniqueConstraint(fields=["block", "token"], name="bound_figure_once")]

    @property
    def mark(self) -> str:
        """The mark it was settled with, as reports.binding.Bound has it."""
        return f"{self.status}:{self.source_hash}"

    @property
    def is_kept(self) -> bool:
        """Whether somebody decided that it stays as it prints."""
        return self.kept_at is not None


class Confirmation(models.Model):
    """Why something that a check found stands as it is: one line that the reviewer reads.

    `mark` is the finding's with the text it was found in (reports.checks.findings): another text is asked about anew, and the
    old line stays for who reads back. Never removed; a second thought replaces the words, and both are in the history.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="confirmations")
    mark = models.CharField(max_length=64)
    check_name = models.CharField(max_length=40)
    block_key = models.CharField(max_length=60, blank=True)
    words = models.TextField()
    reason = models.CharField(_("reason"), max_length=200)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now=True)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """A finding is confirmed once."""

        constraints = [models.UniqueConstraint(fields=["report", "mark"], name="confirmation_once")]


class ReportVersion(models.Model):
    """A frozen report: the ReportDocument as JSON with its hash. Every later export of an approved report reads this alone."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        """Versions count up within their report."""

        ordering = ["report", "number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="report_version_once")]
