"""Reads over reports: which numbers have changed since they were written, which slogans the figures contradict."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.choices import TOWNSHIP_KINDS
from metrics.comparison import townships_during
from metrics.models import MonthlyReturn
from metrics.periods import LAST_MONTH
from metrics.queries import YearBook
from reports.alternatives import moved_against_last_year
from reports.assembly import load_binder
from reports.binding import EMPTY, MISSING, REFUSED, Binder, Bound
from reports.choices import BlockKind, TemplateState, UnitClass
from reports.district_book import books_behind, existed
from reports.document import ReportDocument
from reports.models import Block, BoundFigure, Report, ReportTemplate, ReportVersion
from reports.template_files import class_of, empty_entries, read_templates
from reports.tokens import printed_words, tokens_of
from reports.zeros import ZERO


@dataclass(frozen=True)
class StaleFigure:
    """A number whose source has changed: where it stands, what it shows, what it would show now."""

    row: BoundFigure
    old: str
    new: str
    now: Bound

    @property
    def is_decided(self) -> bool:
        """Whether somebody has seen just this change and keeps the number with a note."""
        return self.row.is_kept and self.row.kept_mark == self.now.mark

    @property
    def is_back(self) -> bool:
        """Whether its source is again what it was when the number was written."""
        return self.row.mark == self.now.mark


def stale_figures(report: Report, binder: Binder | None = None) -> list[StaleFigure]:
    """Return every bound figure whose sources differ from when it was settled and nobody decided on, in reading order.

    An approved report has none: its text stands. What moved under it is told by `moved_since_approval`.
    """
    return [] if report.is_approved else _moved(report, binder)


def moved_since_approval(report: Report, binder: Binder | None = None) -> list[StaleFigure]:
    """Return the bound figures of an approved report that would read or rest on something else today."""
    return _moved(report, binder) if report.is_approved else []


def kept_figures(report: Report, binder: Binder | None = None) -> list[StaleFigure]:
    """Return the numbers that stay as they print, each with its note, in reading order."""
    return _compared(BoundFigure.objects.filter(report=report, kept_at__isnull=False), report, binder)


def _moved(report: Report, binder: Binder | None) -> list[StaleFigure]:
    rows = _compared(BoundFigure.objects.filter(report=report), report, binder)
    return [row for row in rows if not (row.is_back or row.is_decided)]


def _compared(figures, report: Report, binder: Binder | None) -> list[StaleFigure]:
    """Return figures beside what they would be now."""
    rows = figures.filter(block__is_dropped=False).select_related("block", "kept_by").order_by("block__order", "pk")
    found = [(row, token) for row in rows for token in tokens_of(row.token)[:1]]
    if not found:
        return []
    binder = binder or load_binder(report)
    binder.expect(token for _row, token in found)
    return [_beside(row, binder.bind(token)) for row, token in found]


def _beside(row: BoundFigure, now: Bound) -> StaleFigure:
    return StaleFigure(row, in_words(row.status, row.shown), in_words(now.status, now.shown), now)


@dataclass(frozen=True)
class MovedMonth:
    """A month that an approved report rests on, reopened or approved anew since."""

    label: str
    return_pk: int
    is_approved: bool


def months_moved_since_approval(report: Report, binder: Binder) -> list[MovedMonth]:
    """Return the months of both years whose return an approved report no longer rests on as it is. No queries."""
    if not report.is_approved:
        return []
    books = {id(book): book for year in (report.year - 1, report.year) for book in books_behind(binder.book, year)}
    return [row for book in books.values() for row in _moved_months(report, book, binder.book)]


def _moved_months(report: Report, book: YearBook, whole: YearBook) -> Iterator[MovedMonth]:
    whose = "" if book is whole else book.unit.name
    for (year, month), facts in sorted(book.returns.items()):
        is_later = not facts.is_approved or (facts.approved_at and facts.approved_at > report.approved_at)
        if month <= report.cutoff_month and is_later:
            yield MovedMonth(f"{whose}{year}年{month}月", facts.pk, facts.is_approved)


def returns_behind(unit) -> QuerySet[MonthlyReturn]:
    """Return the returns that a unit's report rests on: its own, or those of all the district's townships."""
    rows = MonthlyReturn.objects.all()
    return rows.filter(unit__parent=unit, unit__kind__in=TOWNSHIP_KINDS) if unit.is_district else rows.filter(unit=unit)


def returns_moved_since(unit, reports) -> dict[int, int]:
    """Return report id -> how many months under an approved report were reopened or approved anew since. One query at most."""
    approved = [report for report in reports if report and report.is_approved]
    if not approved:
        return {}
    years = {year for report in approved for year in (report.year, report.year - 1)}
    rows = list(returns_behind(unit).filter(year__in=years).order_by().values_list("year", "month", "approved_at"))
    return {
        report.pk: sum(
            year in (report.year, report.year - 1) and month <= report.cutoff_month and (at is None or at > report.approved_at)
            for year, month, at in rows
        )
        for report in approved
    }  # fmt: skip


def in_words(status: str, shown: str) -> str:
    """Return what a settled token shows, or why it shows nothing."""
    words = {EMPTY: _("(sentence left out)"), MISSING: _("(no figure)"), REFUSED: _("(cannot be written so)")}
    if status == ZERO:
        return _("%(shown)s (left out)") % {"shown": shown}
    return shown or words.get(status, "")


@dataclass(frozen=True)
class FallenSlogan:
    """A heading that praises what fell against last year."""

    block: Block
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """The heading as it prints."""
        return printed_words(self.block.text)


def fallen_slogans(report: Report, binder: Binder, blocks: list[Block] | None = None) -> list[FallenSlogan]:
    """Return headings whose watched indicators are lower than in the same months of last year."""
    found = []
    for block in report.blocks.all() if blocks is None else blocks:
        if block.kind != BlockKind.HEADING or block.is_dropped:
            continue
        names = tuple(binder.book.indicators[code].name for code in block.watch if _fell(binder, code))
        found += [FallenSlogan(block, names)] if names else []
    return found


def _fell(binder: Binder, code: str) -> bool:
    pair = moved_against_last_year(binder, code)
    return bool(pair) and pair[0] < pair[1]


def newest_approved_month(unit, year: int) -> int:
    """Return the last month of a year whose return is approved, 0 when there is none: up to there a report speaks.

    A district's ends with the last month that is approved in every township that stood at its end.
    """
    if unit.is_district:
        return _newest_month_of_all(unit, year)
    approved = MonthlyReturn.objects.filter(unit=unit, year=year).approved()
    return approved.aggregate(month=Max("month"))["month"] or 0


def _newest_month_of_all(district, year: int) -> int:
    approved = defaultdict(set)
    rows = MonthlyReturn.objects.filter(unit__parent=district, year=year).approved()
    for month, township in rows.order_by().values_list("month", "unit_id"):
        approved[month].add(township)
    townships = list(townships_during(district, year, LAST_MONTH))
    standing = {month: {row.pk for row in townships if existed(row, year, month)} for month in approved}
    return max((month for month, units in approved.items() if standing[month] and standing[month] <= units), default=0)


def template_for(unit, year: int) -> ReportTemplate | None:
    """Return the template that a unit's report of a year is created from, None when there is none so early.

    A district that was imported after the last sync_templates has none of its own yet: the shipped one, not saved, stands in.
    """
    own = ReportTemplate.objects.for_unit(unit, year).first()
    return own or _shipped_template(unit.parent_id or unit.pk, year, UnitClass.DISTRICT if unit.is_district else UnitClass.ALL)


def template_of(district_id: int, year: int) -> ReportTemplate | None:
    """Return what a district's townships use that have no template for their class; the shipped one may stand in here too."""
    own = ReportTemplate.objects.in_force(district_id, year).filter(unit_class=UnitClass.ALL)
    return own.first() or _shipped_template(district_id, year, UnitClass.ALL)


def _shipped_template(district_id: int, year: int, unit_class: str) -> ReportTemplate | None:
    files = [row for row in read_templates() if row["year"] <= year and class_of(row) == unit_class]
    if not files:
        return None
    newest = max(files, key=lambda row: row["year"])
    return ReportTemplate(
        district_id=district_id, year=newest["year"], unit_class=unit_class, name=newest["name"], content=newest,
        is_shipped=True, state=TemplateState.PUBLISHED,
    )  # fmt: skip


def empty_template_entries(report: Report) -> tuple[str, ...]:
    """Return by label what the district has not entered into the template of a report that is still open."""
    template = template_for(report.unit, report.year) if report.is_editable else None
    return empty_entries(template.content) if template else ()


def template_behind(report: Report) -> ReportTemplate | None:
    """Return the template that a report was made from; where none is kept, that of its year."""
    return report.template or template_for(report.unit, report.year)


def head_mark(report: Report) -> str:
    """Return a mark of the report's head that changes with it: what an editor has seen."""
    facts = [report.title, report.addressee, report.signature, str(report.issue_date or "")]
    facts += [report.letterhead] if report.letterhead else []
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def frozen_document(report: Report, number: int | None = None) -> ReportDocument | None:
    """Return a version's document as it was frozen; without a number the one in force, None while there is none."""
    if number is None and not report.is_approved:
        return None
    version = ReportVersion.objects.filter(report=report, number=number or report.version_number).first()
    return ReportDocument.from_json(version.document) if version else None
