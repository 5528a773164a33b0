"""Targets of this year in the demo: last year's result and a twentieth more, as the district set them in January.

Those that a plan of the demo sets come with its report's approval (papers.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from metrics.books import load_books
from metrics.models import Indicator, Target
from metrics.numbers import plain
from metrics.target_page import Formula, last_result
from reports.demo.district import Calendar, District
from reports.demo.history import Entry
from reports.demo.papers import FINISHED
from reports.demo.plan import content, townships
from workflow.choices import Subject

AIMED_AT = (
    "ideology_study_session_count", "media_adopted_count", "civ_visit_person_times", "apip_inspection_visit_count",
    "vol_service_hours", "xuexi_coverage_rate",
)  # fmt: skip
NOTE = "上年结果 × 1.05"


def write_targets(district: District, calendar: Calendar) -> list[Entry]:
    """Write this year's targets of every township; returns their event. Last year's returns have to be there."""
    year, by = calendar.this_year, district.users["district.admin"]
    rows = Indicator.objects.of_year(district.unit, year).filter(code__in=AIMED_AT)
    indicators = {row.code: row for row in rows}
    units = list(district.unit.children.all())
    targets, planned = [], _planned(calendar)
    for unit, book in zip(units, load_books(district.unit, units, calendar.last_year, indicators).values(), strict=True):
        for code, indicator in indicators.items():
            if (unit.code, code) in planned:
                continue
            result, _months = last_result(book, indicator)
            if result is not None:
                values = {"value": _aim(indicator, result), "note": NOTE, "updated_by": by}
                targets.append(Target(unit=unit, year=year, code=code, **values))
    Target.objects.bulk_create(targets)
    changes = tuple(
        {"unit": row.unit.code, "indicator": row.code, "year": year, "old": "", "new": plain(row.value)} for row in targets
    )
    at = datetime(year, 1, 8, 1, 30, tzinfo=UTC)
    return [Entry(at, by, district.unit, Subject.TARGET, district.unit.pk, "set_targets", reason=NOTE, changes=changes)]


def _aim(indicator: Indicator, result: Decimal) -> Decimal:
    value = Formula().of(result, indicator.decimals)
    return min(value, Decimal(100)) if indicator.measure == "%" else value


def _planned(calendar: Calendar) -> set[tuple[str, str]]:
    """Return (unit code, indicator) of the targets that come from a plan."""
    unit = next(row.code for row in townships(calendar.last_year) if row.login == FINISHED)
    return {(unit, row["code"]) for row in content("measures")["items"] if "code" in row}
