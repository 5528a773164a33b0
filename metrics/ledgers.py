"""The registry of ledgers: their models, columns and habits; and how an indicator is counted from one. No sums, no pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.db import models
from django.urls import reverse

from metrics.ledger_rules import inspection_faults, item_faults, media_faults, practice_faults, study_faults
from metrics.models import Highlight, Inspection, MediaPlacement, PracticeEvent, StudySession

MEASURES = ("count", "sum", "max", "distinct", "days")
RUNNING_MEASURES = ("max", "distinct", "days")  # entries of earlier months count in a month's value


@dataclass(frozen=True)
class LedgerKind:
    """One ledger: `columns` are its model's fields in the order of form, table, template and export.

    `kept`: fields that the quick-add row keeps for the next entry. `identity`: fields in which two entries agree when one is
    probably the other again. `village_field`: which village an entry counts for. `allows_future`: rows may be dated ahead
    (planned ones). `faults` returns field -> message of what does not go together in a row's cleaned values. `page` names the
    address of its table. `split_by`: conditions that make parts of it, which an office may keep or not, each by itself.
    """

    code: str
    name: str
    area: str
    model: type[models.Model]
    columns: tuple[str, ...]
    kept: tuple[str, ...]
    date_field: str = "date"
    identity: tuple[str, ...] = ("date", "name", "place")
    village_field: str = ""
    allows_future: bool = False
    page: str = "metrics:ledger_list"
    split_by: tuple[str, ...] = ()
    faults: Callable[[dict], dict[str, str]] = lambda values: {}

    def entries(self, unit) -> models.QuerySet:
        """Return a township's entries."""
        return self.model.objects.filter(unit=unit)

    @property
    def address(self) -> str:
        """The page with its table."""
        return reverse(self.page) if self.page != LedgerKind.page else reverse(self.page, args=[self.code])

    def field(self, name: str) -> models.Field:
        """Return a column's model field."""
        return self.model._meta.get_field(name)

    def is_text(self, name: str) -> bool:
        """Whether a column holds free text."""
        return isinstance(self.field(name), models.CharField) and not self.field(name).choices

    @cached_property
    def has_year(self) -> bool:
        """Whether entries belong to a year even without a day."""
        return any(field.name == "year" for field in self.model._meta.concrete_fields)

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Columns that name rows of other tables."""
        return tuple(name for name in self.columns if isinstance(self.field(name), models.ForeignKey))

    @cached_property
    def countable(self) -> set[str]:
        """Names of fields that hold a number."""
        numbers = (models.IntegerField, models.DecimalField)
        return {field.name for field in self.model._meta.concrete_fields if isinstance(field, numbers)} - {"id", "version"}


_kinds: dict[str, LedgerKind] = {}


def register_ledger(kind: LedgerKind) -> None:
    """Add a ledger; an app does so for its own in AppConfig.ready."""
    _kinds[kind.code] = kind


def ledger_kinds() -> tuple[LedgerKind, ...]:
    """Return all ledgers in the order of registration."""
    return tuple(_kinds.values())


def ledger_kind(code: str) -> LedgerKind | None:
    """Return a ledger by its code, None for an unknown one."""
    return _kinds.get(code)


register_ledger(LedgerKind(
    "study", "学习教育台账", "ideology", StudySession,
    ("date", "kind", "name", "place", "organiser", "speeches", "attendees", "copies", "note"), kept=("date", "kind"),
    faults=study_faults, split_by=("kind",),
))  # fmt: skip
register_ledger(LedgerKind(
    "media", "媒体录用台账", "media", MediaPlacement,
    ("date", "channel", "level", "medium", "outlet", "name", "is_joint", "link", "note"),
    kept=("date", "channel", "level", "medium", "outlet"), identity=("date", "name", "outlet"), faults=media_faults,
    split_by=("channel",),
))  # fmt: skip
register_ledger(LedgerKind(
    "practice", "文明实践台账", "practice", PracticeEvent,
    ("date", "kind", "name", "place", "level", "organiser", "is_booked", "groups", "person_times", "note"), kept=("date", "kind"),
    faults=practice_faults, split_by=("kind",),
))  # fmt: skip
register_ledger(LedgerKind(
    "inspection", "扫黄打非检查台账", "inspections", Inspection,
    ("date", "kind", "campaign", "venue_kind", "name", "premises", "visits", "inspectors", "seized", "destroyed", "place",
     "note"),
    kept=("date", "kind", "campaign", "venue_kind"), faults=inspection_faults,
))  # fmt: skip
# Named items are a ledger too; their own pages (metrics.views.items) fit each list's fields.
register_ledger(LedgerKind(
    "highlight", "事项清单", "", Highlight,
    ("named_list", "name", "date_from", "date_to", "period_text", "place", "organiser", "partner", "level", "grade", "recipient",
     "quantity", "quantity_measure", "evidence_ref", "note"),
    kept=("named_list", "date_from"), date_field="date_from", identity=("named_list", "name", "date_from"),
    page="metrics:item_list", split_by=("named_list__code",), faults=item_faults,
))  # fmt: skip


class LedgerRuleError(ValueError):
    """A rule that names no ledger, field or value; str() says which."""


@dataclass(frozen=True)
class LedgerRule:
    """How an indicator is counted: from which ledger, by which measure of which field, of which entries.

    `measure`: count of entries, sum or max of a field, distinct names in a text field (separated by 、), or days covered
    of the month from the date to the end field. max and distinct run from January on, the others are of the month.
    `where`: field -> value; a list means any of them.
    """

    kind: str
    measure: str = "count"
    field: str = ""
    where: tuple[tuple[str, tuple], ...] = ()

    @classmethod
    def of(cls, indicator) -> LedgerRule | None:
        """Return an indicator's rule, None when no ledger counts it."""
        data = indicator.formula.get("ledger")
        return _read_rule(json.dumps(data)) if data else None

    @classmethod
    def read(cls, data: dict) -> LedgerRule:
        """Read {"kind", "measure": "sum:speeches", "where": {...}}. Raises LedgerRuleError."""
        measure, _colon, field = str(data.get("measure", "count")).partition(":")
        where = data.get("where", {})
        pairs = tuple((name, tuple(value) if isinstance(value, list) else (value,)) for name, value in where.items())
        rule = cls(str(data.get("kind", "")), measure, field, pairs)
        rule.check()
        return rule

    @property
    def part(self) -> tuple[tuple[str, tuple], ...]:
        """Which part of its ledger has to be kept for the rule to say anything: its conditions that split the ledger."""
        return tuple(pair for pair in self.where if pair[0] in ledger_kind(self.kind).split_by)

    @property
    def needs_number(self) -> bool:
        """Whether only entries with a number of its field tell that it is kept: a sum over all parts of a ledger."""
        return self.measure in ("sum", "max") and bool(ledger_kind(self.kind).split_by) and not self.part

    @property
    def is_running(self) -> bool:
        """Whether entries of earlier months count too."""
        return self.measure in RUNNING_MEASURES

    def check(self) -> None:
        """Refuse what the ledger does not have. Raises LedgerRuleError."""
        kind = ledger_kind(self.kind)
        if kind is None:
            raise LedgerRuleError(f"unknown ledger {self.kind!r}; there are {sorted(_kinds)}")
        names = {field.name for field in kind.model._meta.concrete_fields}
        if self.measure not in MEASURES:
            raise LedgerRuleError(f"unknown measure {self.measure!r}; there are {list(MEASURES)}")
        needed = {"sum": kind.countable, "max": kind.countable, "distinct": names, "days": names}.get(self.measure)
        if needed is not None and self.field not in needed:
            raise LedgerRuleError(f"ledger {self.kind!r} has no field {self.field!r} for {self.measure!r}")
        if unknown := {name.partition("__")[0] for name, _values in self.where} - names:
            raise LedgerRuleError(f"ledger {self.kind!r} has no fields {sorted(unknown)}")

    def condition(self) -> models.Q:
        """Return which entries count."""
        chosen = models.Q()
        for name, values in self.where:
            chosen &= models.Q(**{f"{name}__in": values})
        return chosen


@lru_cache(maxsize=512)
def _read_rule(text: str) -> LedgerRule:
    """Read a rule from its JSON: a page asks for the same fifty over and over."""
    return LedgerRule.read(json.loads(text))
