"""Loads the demo district in one transaction, stage by stage, and empties it again."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import LoginAttempt, Population, Unit, User
from metrics.ledgers import ledger_kinds
from metrics.models import Catalogue, DistrictYear, Figure, Highlight, Indicator, MonthlyReturn, NamedList, Target
from metrics.services import remove_all_evidence, sync_catalogue
from reports.demo import returns, rounds
from reports.demo.district import (
    Calendar,
    District,
    settings_history,
    write_accounts,
    write_accounts_file,
    write_items,
    write_settings,
    write_units,
)
from reports.demo.evidence import write_evidence
from reports.demo.history import write_history
from reports.demo.ledgers import write_ledgers
from reports.demo.papers import write_reports
from reports.demo.plan import DISTRICT_CODE
from reports.demo.targets import write_targets
from reports.models import Block, BoundFigure, PlanItem, PlanOutcome, PlanTarget, Report, ReportTemplate, ReportVersion
from workflow import triggers
from workflow.models import Comment, Event, EventChain, Job, Round

# Children before parents, so that every PROTECT is satisfied.
EMPTIED = (
    Session, LoginAttempt, Job, PlanOutcome, PlanTarget, PlanItem, BoundFigure, Block, ReportVersion, Report, ReportTemplate,
    Comment, Round, Event, EventChain, Target, Figure, MonthlyReturn, Highlight, DistrictYear, Population,
)  # fmt: skip


def has_demo() -> bool:
    """Whether the demo district is there."""
    return Unit.objects.filter(code=DISTRICT_CODE).exists()


def foreign_districts() -> list[str]:
    """Return the names of districts that are not the demo's: real data, which the demo never touches."""
    return list(Unit.objects.districts().exclude(code=DISTRICT_CODE).values_list("name", flat=True))


class Stages:
    """Tells each stage with what was written and the seconds it took."""

    def __init__(self, say: Callable[[str], None]):
        """Start the clock; `say` takes one line."""
        self.say, self.began = say, time.perf_counter()
        self.last = self.began

    def done(self, what: str) -> None:
        """Tell a stage that has ended."""
        now = time.perf_counter()
        self.say(_("%(what)s: %(seconds)s s") % {"what": what, "seconds": f"{now - self.last:.1f}"})
        self.last = now

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.began


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the garbage collector from walking forty thousand rows over and over."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_uncollected()
@transaction.atomic
def load_demo(*, now: datetime, folder: Path, say: Callable[[str], None]) -> float:
    """Write the whole demo as of `now` (UTC) and the password file into `folder`; returns the seconds it took."""
    stages, calendar = Stages(say), Calendar(now)
    if not Indicator.objects.exists():
        sync_catalogue()
    district, passwords = _write_district(calendar, stages)
    entries = settings_history(district) + write_items(district, calendar)
    stages.done(_("%(count)d named items and settings") % {"count": len(entries)})
    cases = returns.write_returns(district, calendar)
    figures = sum(len(case.figures) for case in cases)
    stages.done(_("%(count)d monthly returns with %(figures)d figures") % {"count": len(cases), "figures": figures})
    books = returns.load_demo_books(cases)
    stages.done(_("%(count)d reminders explained") % {"count": returns.explain_queries(cases, books)})
    kept = write_ledgers(cases, district, calendar)
    stages.done(_("%(count)d ledger entries") % {"count": sum(len(entry.changes) for entry in kept)})
    stages.done(_("%(count)d submissions") % {"count": rounds.write_rounds(cases, district, books)})
    stages.done(_("%(count)d comments") % {"count": rounds.write_comments(cases, district)})
    entries += kept + write_targets(district, calendar)
    stages.done(_("%(count)d targets") % {"count": Target.objects.count()})
    stages.done(_("%(count)d events") % {"count": write_history(entries + rounds.returns_history(cases, district))})
    write_reports(district, calendar)
    stages.done(_("%(count)d annual reports") % {"count": Report.objects.count()})
    stages.done(_("%(count)d files of evidence") % {"count": write_evidence(district, calendar)})
    write_accounts_file(folder, district.users, passwords)
    return stages.seconds


def _write_district(calendar: Calendar, stages: Stages) -> tuple[District, dict[str, str]]:
    units = write_units(calendar)
    settings = write_settings(calendar, units)
    stages.done(_("%(count)d units") % {"count": len(units)})
    users, passwords = write_accounts(calendar, units)
    stages.done(_("%(count)d accounts") % {"count": len(users)})
    return District(units[DISTRICT_CODE], units, users, settings), passwords


@transaction.atomic
def empty_demo() -> None:
    """Delete everything of the demo district, history included: the one place that lifts the append-only triggers."""
    triggers.remove(connection)
    remove_all_evidence()
    for model in (*(kind.model for kind in ledger_kinds()), *EMPTIED):
        model.objects.all().delete()
    _empty_catalogues()
    User.objects.all().delete()
    Unit.objects.filter(successor__isnull=False).update(successor=None)
    for level in ("villages", "townships", "districts"):
        getattr(Unit.objects, level)().delete()
    triggers.install(connection)


def _empty_catalogues() -> None:
    """Delete the district's own catalogues; the shipped one stays."""
    Indicator.objects.exclude(catalogue__district=None).update(parent=None)
    for model in (Indicator, NamedList):
        model.objects.exclude(catalogue__district=None).delete()
    Catalogue.objects.exclude(district=None).delete()
