"""Checks of what the report rests on: months that are missing or blank, and evidence."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.book_rows import ReturnFacts
from metrics.evidence import proven_months
from metrics.models.returns import cell_name
from metrics.periods import Period, PeriodError, parse_period
from reports.checks.findings import Finding, Level, check
from reports.checks.manuscript import Manuscript
from reports.district_book import books_behind, existed
from reports.gaps import load_gaps
from reports.tokens import tokens_of


@check
def blank_months(script: Manuscript) -> Iterator[Finding]:
    """An optional figure with a blank month keeps sentences out: blank is not 0."""
    for gap in load_gaps(script.blocks, script.settled, script.binder):
        months = tuple((month.label, _cell_address(month.return_pk, gap.indicator.code)) for month in gap.months)
        words = _("%(name)s is blank in %(months)s, so its sentences are left out.")
        values = {"name": gap.indicator.name, "months": "、".join(label for label, _href in months)}
        way_out = _(
            "Blank is not 0: have the month reopened and type the figure, 0 when there was none. 未统计 says that it stays out."
        )
        seen = f"{gap.indicator.code}:{values['months']}"
        yield Finding("blank_months", Level.CONFIRM, gap.keys[0], words % values, way_out, seen=seen, links=months)


def _cell_address(return_pk: int, code: str) -> str:
    return f"{reverse('metrics:return_detail', args=[return_pk])}?cell={code}#inspector"


@check
def missing_months(script: Manuscript) -> Iterator[Finding]:
    """Months of the report's span without an approved return, and months approved since."""
    cutoff = script.binder.cutoff_month
    lacking = list(_lacking(script))
    if lacking:
        words = _("No approved return: %(months)s.") % {"months": "、".join(label for label, _facts in lacking)}
        links = tuple((label, reverse("metrics:return_detail", args=[facts.pk])) for label, facts in lacking if facts)
        way_out = _("Have these months approved; sentences that need them block.")
        yield Finding("missing_months", Level.CONFIRM, "", words, way_out, seen=words, links=links)
    newest = script.newest_month
    if newest > cutoff:
        words = _("Figures up to month %(month)d are approved; the report ends with month %(cutoff)d.")
        yield Finding(
            "missing_months",
            Level.HINT,
            "",
            words % {"month": newest, "cutoff": cutoff},
            _("Take them in and update all numbers."),
        )


def _lacking(script: Manuscript) -> Iterator[tuple[str, ReturnFacts | None]]:
    """Yield the months of the span without an approved return, of a district's report by township; None: not opened."""
    whole = script.binder.book
    for book in books_behind(whole, whole.year):
        whose = "" if book is whole else book.unit.name
        for month in range(1, script.binder.cutoff_month + 1):
            facts = book.returns.get((whole.year, month))
            is_due = book is whole or existed(book.unit, whole.year, month)
            if is_due and not (facts and facts.is_approved):
                yield f"{whose}{month}月", facts


@check
def missing_evidence(script: Manuscript) -> Iterator[Finding]:
    """Figures above 0 whose indicator asks for evidence, in months where no file proves them; one finding an indicator.

    A district's report is not asked: each township's own was, where its papers lie.
    """
    if script.binder.book.unit.is_district:
        return
    needy = {code: row for code, row in script.binder.book.indicators.items() if row.needs_evidence and row.has_cell}
    if not needy:
        return
    proven = None
    for code, (key, period) in _quoted(script, needy).items():
        months = [part.month for part in script.binder.book.total(code, period).parts if part.value]
        if months and proven is None:
            proven = proven_months(script.binder.book.unit, script.report.year, list(needy.values()))
        bare = [month for month in months if not _is_proven(script, needy[code], month, proven)]
        if bare:
            yield _without_evidence(script, needy[code], key, bare)


def _without_evidence(script: Manuscript, indicator, key: str, months: list[int]) -> Finding:
    book = script.binder.book
    links = tuple(
        (f"{month}月", _cell_address(book.returns[book.year, month].pk, indicator.code))
        for month in months if (book.year, month) in book.returns
    )  # fmt: skip
    values = {"name": indicator.name, "count": len(months)}
    words = _("%(name)s asks for evidence and has none in %(count)d months.") % values
    way_out, seen = _("Attach the paper to the month, or say where it lies."), f"{indicator.code}:{months}"
    return Finding("missing_evidence", Level.CONFIRM, key, words, way_out, seen=seen, links=links)


def _is_proven(script: Manuscript, indicator, month: int, proven: set[tuple[int, str]]) -> bool:
    places = (
        [unit.code for unit in script.binder.book.villages_of(script.report.year, month)] if indicator.is_by_village else [""]
    )
    return any((month, cell_name(indicator.code, place)) in proven for place in places)


def _quoted(script: Manuscript, needy: dict) -> dict[str, tuple[str, Period]]:
    """Return the needy indicators that the text rests on, through sums too: code -> first block and its period."""
    found: dict[str, tuple[str, Period]] = {}
    book = script.binder.book
    for block, row in script.bound():
        token = tokens_of(row.token)[0]
        indicator = script.binder.indicator_of(token.name)
        try:
            period = parse_period(token.period, year=book.year, cutoff_month=script.binder.cutoff_month)
        except PeriodError:
            continue
        if indicator is None or period.year != book.year:
            continue
        for code in {indicator.code, *indicator.formula.get("sum_of", ())} & needy.keys():
            found.setdefault(code, (block.key, period))
    return found
