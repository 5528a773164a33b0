"""The demo's ledgers: one township's entries of this year. They come to its figures, but where somebody typed something else:
figures that are wrong still, with the explanation they were sent in with, and one in the running month that nobody explained."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

from metrics.choices import FigureKind
from metrics.ledgers import LedgerKind, LedgerRule, ledger_kind
from metrics.models import Figure, Indicator
from metrics.services.ledgers import entry_data
from reports.demo import texts
from reports.demo.district import Calendar, District
from reports.demo.history import Entry
from reports.demo.ledger_rows import MAKERS, Month
from reports.demo.returns import Case
from workflow.choices import Subject

KEEPER = "qingyun"
LEFT_OUT = "outreach"  # the kind of entry that the running month lacks one of


def write_ledgers(cases: list[Case], district: District, calendar: Calendar) -> list[Entry]:
    """Write the entries of this year's months and return their events; call it before the rounds are written."""
    bound = _bound_cells(calendar.this_year)
    before: dict[str, set] = defaultdict(set)
    entries, explained = [], []
    for case in cases:
        if case.township.login != KEEPER or case.row.year != calendar.this_year:
            continue
        month = Month(case.township, case.row, _right_values(case), before, Random(f"ledger {case.row.month}"))  # noqa: S311
        explained += _explain_slips(case)
        for code, make in MAKERS.items():
            if all(_is_typed(case, cell) for cell in bound[code]):
                entries += _write(ledger_kind(code), make(month), case, district, calendar)
    Figure.objects.bulk_update(explained, ["explanation"])
    return entries


def _bound_cells(year: int) -> dict[str, list[str]]:
    """Return ledger -> the township's cells that it counts."""
    bound = defaultdict(list)
    for indicator in Indicator.objects.of_year(None, year):
        if (rule := LedgerRule.of(indicator)) and not indicator.is_by_village:
            bound[rule.kind].append(indicator.code)
    return bound


def _is_typed(case: Case, cell: str) -> bool:
    return cell in case.figures and case.figures[cell].kind not in (FigureKind.BLANK, FigureKind.TEXT)


def _right_values(case: Case) -> dict:
    """Return cell -> number as it should be: ledgers are kept day by day and do not know the slips of the return."""
    values = {cell: figure.value for cell, figure in case.figures.items() if figure.value is not None}
    return values | {slip.cell: slip.right for slip in case.slips if not case.story.corrections}


def _explain_slips(case: Case) -> list[Figure]:
    wrong = [
        case.figures[slip.cell] for slip in case.slips if not case.story.corrections and slip.indicator.formula.get("ledger")
    ]
    for figure in wrong:
        figure.explanation = texts.LEDGER_DIFFERENCE
    return wrong


def _write(kind: LedgerKind, rows: list[dict], case: Case, district: District, calendar: Calendar) -> list[Entry]:
    """Write a month of one ledger, and return the one event that tells of it."""
    if (case.row.year, case.row.month) == (calendar.this_year, calendar.today.month):
        rows = _without_one(rows)
    clerk, last = district.users[f"{KEEPER}.clerk"], calendar.today
    made = []
    for row in rows:
        values = {**row, "date": min(row["date"], last)}
        if code := values.pop("village_code", ""):
            values["village"] = district.units[code]
        made.append(kind.model(unit=case.row.unit, updated_by=clerk, **values))
    if not made:
        return []
    kind.model.objects.bulk_create(made, batch_size=500)
    day = max(entry.date for entry in made)
    at = min(datetime(day.year, day.month, day.day, 2, 40, tzinfo=UTC) + timedelta(days=1), calendar.now - timedelta(hours=1))
    changes = tuple({"ledger": kind.code, "entry": row.pk, "old": None, "new": entry_data(kind, row)} for row in made)
    subject_id = made[0].pk if len(made) == 1 else 0
    return [Entry(at, clerk, case.row.unit, Subject.LEDGER, subject_id, "add_entry", changes=changes)]


def _without_one(rows: list[dict]) -> list[dict]:
    """Leave out the last entry of one kind: the figure is typed already, its row is not."""
    places = [place for place, row in enumerate(rows) if row.get("kind") == LEFT_OUT]
    return rows[: places[-1]] + rows[places[-1] + 1 :] if places else rows
