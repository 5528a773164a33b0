"""What a round keeps for ever: the cells of a return, the counts of its lists, its calculated figures and its files."""

from django.db.models import Q
from django.utils import timezone

from metrics.choices import FigureKind, Source
from metrics.evidence import evidence_snapshot
from metrics.models import Figure, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import plain
from metrics.periods import Period
from metrics.population import population_words
from metrics.queries import Status, YearBook
from metrics.services.opening import district_year


def load_submitted_book(monthly_return: MonthlyReturn) -> YearBook:
    """Return the year's figures up to the month of a return, as they are while it is being handed in."""
    year, month = monthly_return.year, monthly_return.month
    return YearBook.load(monthly_return.unit, year, approved_only=False, months=Q(year=year, month__lte=month))


def keep_counts(*, by, monthly_return: MonthlyReturn, book: YearBook) -> list[dict]:
    """Store what the lists count for an open return that is handed in: from now on its figures stand, whatever lists say.

    Returns the changes for the Event, as typed figures have them; call it in the transaction of the deed.
    """
    year, month, rows, changes = monthly_return.year, monthly_return.month, [], []
    stored = Figure.objects.filter(monthly_return=monthly_return, indicator__source=Source.LIST)
    stored = {row.indicator_id: row for row in stored}
    for indicator in (row for row in book.indicators.values() if row.source == Source.LIST and row.counts_in(year, month)):
        value, old = book.listed(indicator, year, month), stored.get(indicator.pk)
        if old and old.value == value:
            continue
        rows.append(Figure(
            monthly_return=monthly_return, indicator=indicator, unit=monthly_return.unit, kind=FigureKind.VALUE, value=value,
            raw=plain(value), version=(old.version if old else 0) + 1, updated_at=timezone.now(), updated_by=by,
        ))  # fmt: skip
        changes.append({"cell": indicator.code, "old": old.raw if old else "", "new": plain(value)})
    Figure.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["monthly_return", "indicator", "unit"],
        update_fields=["kind", "value", "raw", "version", "updated_at", "updated_by"],
    )  # fmt: skip
    return changes


def snapshot(monthly_return: MonthlyReturn, book: YearBook | None = None) -> dict:
    """Return every cell of a return, its calculated figures and the list of its files, as plain data."""
    kind = district_year(monthly_return.unit.parent, monthly_return.year).population_kind
    rows = (
        Figure.objects.filter(monthly_return=monthly_return)
        .select_related("indicator", "unit")
        .order_by("indicator__code", "unit__code")
    )
    cells = {
        cell_name(row.indicator.code, row.unit.code if row.indicator.is_by_village else ""): {
            "kind": row.kind, "raw": row.raw, "value": plain(row.value) if row.value is not None else None,
            "explanation": row.explanation, "name": population_words(row.indicator.name, kind), "measure": row.indicator.measure,
            "unit": row.unit.name if row.indicator.is_by_village else "",
        }
        for row in rows
    }  # fmt: skip
    taken = {"unit": monthly_return.unit.name, "year": monthly_return.year, "month": monthly_return.month, "cells": cells}
    taken["totals"] = calculated(book or load_submitted_book(monthly_return), monthly_return)
    files = evidence_snapshot(monthly_return)
    return {**taken, "evidence": files} if files else taken


def calculated(book: YearBook, monthly_return: MonthlyReturn) -> dict[str, dict]:
    """Return the calculated figures of a return's month in the shape of cells."""
    year, month = monthly_return.year, monthly_return.month
    rows = [row for row in book.indicators.values() if row.source == Source.DERIVED and row.counts_in(year, month)]
    return {row.code: _as_cell(book, row, Period(year, month, month)) for row in sorted(rows, key=lambda row: row.code)}


def _as_cell(book: YearBook, indicator, month: Period) -> dict:
    total = book.total(indicator.code, month)
    value = None if total.status == Status.MISSING else total.value
    absent = FigureKind.BLANK if total.status == Status.MISSING else total.status
    return {
        "kind": str(absent if value is None else FigureKind.VALUE), "raw": "", "value": None if value is None else plain(value),
        "explanation": "", "name": indicator.name, "measure": indicator.measure, "unit": "",
    }  # fmt: skip
