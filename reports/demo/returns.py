"""Writes the monthly returns with their figures: the rows that the services leave when people do it. Then see rounds.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from accounts.models import Unit, User
from metrics.book_rows import month_of_item
from metrics.checks import ERROR, QUERY, return_findings
from metrics.choices import FigureKind, Source
from metrics.models import Figure, Highlight, Indicator, MonthlyReturn
from metrics.models.returns import cell_name
from metrics.numbers import plain
from metrics.queries import YearBook, villages_of_month
from metrics.services import due_at
from reports.demo import texts
from reports.demo.district import Calendar, District
from reports.demo.figures import NOT_APPLICABLE, NOT_COLLECTED, Year, township_year
from reports.demo.plan import TownshipPlan, townships
from reports.demo.stories import Step, Story, opened_at, story_of, tell
from workflow.choices import State

POPULATION = "vol_household_population"
# Figures that a comment may be about, with how much too high they were typed.
DOUBTED = (
    "apip_inspection_visit_count",
    "media_adopted_district_print",
    "vol_institute_activity_count",
    "civ_visit_person_times",
)
ABSENCES = {NOT_APPLICABLE: FigureKind.NOT_APPLICABLE, NOT_COLLECTED: FigureKind.NOT_COLLECTED}
# A cell of a running month that holds words instead of a number, as it happens.
UNREADABLE = {("longquan", "media_own_channel_post_wechat"): "80多"}


Books = dict[tuple[int, int], YearBook]


class DemoError(Exception):
    """The demo's own numbers break a rule of the product: a fault of the demo, with the cells."""


@dataclass(frozen=True)
class Slip:
    """A figure that was typed too high, with what it should be."""

    indicator: Indicator
    right: Decimal
    wrong: Decimal

    @property
    def cell(self) -> str:
        """The cell's name."""
        return self.indicator.code


@dataclass
class Case:
    """A return with its story on the way to the database."""

    township: TownshipPlan
    row: MonthlyReturn
    story: Story
    steps: list[Step]
    slips: list[Slip] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)

    @property
    def corrected_at(self) -> datetime | None:
        """When the slips were put right, None when they were not."""
        return next((step.at for step in self.steps if step.deed == "correct"), None)


def write_returns(district: District, calendar: Calendar) -> list[Case]:
    """Write all returns with their figures."""
    indicators = {row.code: row for row in Indicator.objects.of_year(district.unit, calendar.last_year)}
    cases = [
        _case(township, year, month, district, calendar)
        for township in townships(calendar.last_year)
        for year, month in calendar.months_of(township)
    ]
    returns = [case.row for case in cases]
    MonthlyReturn.objects.bulk_create(returns)
    MonthlyReturn.objects.bulk_update([_opened(row) for row in returns], ["opened_at"])
    years: dict[tuple[str, int], Year] = {}
    lists = _listed()
    for case in cases:
        key = (case.township.login, case.row.year)
        if key not in years:
            years[key] = township_year(case.township, case.row.year, calendar.last_year)
        case.indicators, case.slips = indicators, _slips(case, years[key], indicators)
        case.figures = _figures(case, years[key], district)
        case.figures |= _counts(case, lists[case.row.unit_id, case.row.year])
    Figure.objects.bulk_create([figure for case in cases for figure in case.figures.values()], batch_size=2000)
    return cases


def _opened(row: MonthlyReturn) -> MonthlyReturn:
    """Set when the return opened: creating the row has set it to now."""
    row.opened_at = opened_at(row.year, row.month)
    return row


def _case(township: TownshipPlan, year: int, month: int, district: District, calendar: Calendar) -> Case:
    story = story_of(township.login, year, month, calendar.now)
    steps = tell(story, township.login, year, month, calendar.now)
    row = MonthlyReturn(
        unit=district.units[township.code], year=year, month=month, state=story.state,
        due_at=due_at(year, month, district.settings[year]), revision=story.deeds.count("submit"),
    )  # fmt: skip
    for step in steps:
        if step.deed == "submit":
            row.submitted_by, row.submitted_at = actor_of(step, township, district), step.at
        if step.deed == "approve" and story.state == State.APPROVED:
            row.approved_by, row.approved_at = actor_of(step, township, district), step.at
    return Case(township, row, story, steps)


def actor_of(step: Step, township: TownshipPlan, district: District) -> User:
    """Return who did a deed: the township's clerk or head, or the reviewer who looks after it."""
    if step.actor == "reviewer":
        return district.reviewer_of(township)
    return district.users[f"{township.login}.{step.actor}"]


def _slips(case: Case, cells: Year, indicators) -> list[Slip]:
    """Choose the figures that were wrong at first, where the story needs them."""
    wanted = case.story.deeds.count("second_comment") + bool({"comment", "correct"} & set(case.story.deeds))
    rng = Random(f"slip {case.township.login} {case.row.year} {case.row.month}")  # noqa: S311
    slips = []
    for code in rng.sample(DOUBTED, wanted):
        right = cells[code, ""][case.row.month - 1]
        slips.append(Slip(indicators[code], right, right + rng.randint(2, 5)))
    return slips


def _figures(case: Case, cells: Year, district: District) -> dict[str, Figure]:
    """Return the return's cells by name: what is typed so far, and the populations that were there from the start."""
    wrong = {slip.cell: slip.wrong for slip in case.slips if not case.story.corrections}
    figures = {}
    for cell, (indicator, unit, value) in _typed(case, _in_order_of_the_form(case, cells, district)).items():
        figures[cell] = _figure(case, indicator, unit, wrong.get(cell, value), district)
    for slip in case.slips if case.story.corrections else ():
        figures[slip.cell].version, figures[slip.cell].updated_at = 2, case.corrected_at
    return figures


def _listed() -> dict[tuple[int, int], Counter]:
    """Return (township, year) -> how many items each list has in each month."""
    found: dict[tuple[int, int], Counter] = defaultdict(Counter)
    for item in Highlight.objects.select_related("named_list").order_by():
        found[item.unit_id, item.year][item.named_list.code, month_of_item(item, item.year)] += 1
    return found


def _counts(case: Case, listed: Counter) -> dict[str, Figure]:
    """Return what a submission kept of the lists; the demo's items are all noted before their month is handed in."""
    if not case.row.revision:
        return {}
    handed_in = next(step.at for step in case.steps if step.deed == "submit")
    by = case.row.submitted_by_id
    values = {
        row: Decimal(listed[row.formula["list"], case.row.month])
        for row in case.indicators.values() if row.source == Source.LIST
    }  # fmt: skip
    return {
        row.code: Figure(
            monthly_return_id=case.row.pk, indicator_id=row.pk, unit_id=case.row.unit_id, kind=FigureKind.VALUE, value=value,
            raw=plain(value), updated_at=handed_in, updated_by_id=by,
        )
        for row, value in values.items()
    }  # fmt: skip


def counted_cells(case: Case) -> dict[str, Figure]:
    """Return the cells of a return that its lists gave it."""
    return {cell: row for cell, row in case.figures.items() if "@" not in cell and case.indicators[cell].source == Source.LIST}


def _in_order_of_the_form(case: Case, cells: Year, district: District) -> dict:
    """Return cell name -> (indicator, unit, value)."""
    village_units = [district.units[village.code] for village in case.township.villages]
    standing = {unit.code: unit for unit in villages_of_month(village_units, case.row.year, case.row.month)}
    values = {}
    for code, village in sorted(cells, key=lambda key: _place(case.indicators[key[0]])):
        if not village or village in standing:
            unit = standing.get(village, case.row.unit)
            values[cell_name(code, village)] = (case.indicators[code], unit, cells[code, village][case.row.month - 1])
    return values


def _place(indicator: Indicator) -> tuple[int, int]:
    return indicator.area.order, indicator.order


def _typed(case: Case, values: dict) -> dict:
    """Keep the share of cells that is typed so far; populations are always there."""
    count = round(len(values) * case.story.typed)
    kept = {cell: value for place, (cell, value) in enumerate(values.items()) if place < count or value[0].code == POPULATION}
    for (login, cell), words in UNREADABLE.items():
        if 0 < case.story.typed < 1 and login == case.township.login and cell in kept:
            kept[cell] = (*kept[cell][:2], words)
    return kept


def _figure(case: Case, indicator: Indicator, unit: Unit, value, district: District) -> Figure:
    is_number = isinstance(value, Decimal)
    by, at = _typist(case, indicator, unit, district)
    return Figure(
        monthly_return_id=case.row.pk, indicator_id=indicator.pk, unit_id=unit.pk, raw=plain(value) if is_number else value,
        kind=FigureKind.VALUE if is_number else ABSENCES.get(value, FigureKind.TEXT), value=value if is_number else None,
        updated_at=at, updated_by_id=by,
    )  # fmt: skip


def _typist(case: Case, indicator: Indicator, unit: Unit, district: District) -> tuple[int | None, datetime]:
    """Return who typed a cell (an account's id) and when: populations nobody; then the village sheet, the rows of villages
    that have a clerk, and the township's cells."""
    if indicator.code == POPULATION:
        return None, case.row.opened_at
    clerk, filled = district.users[f"{case.township.login}.clerk"].pk, case.steps[0].at
    if not indicator.is_by_village:
        return clerk, filled
    own = district.village_clerks.get(unit.pk)
    return (own, filled - timedelta(minutes=20)) if own else (clerk, filled - timedelta(minutes=40))


def load_demo_books(cases: list[Case]) -> Books:
    """Return the figures of every township's year as they were typed, by (unit id, year)."""
    units = {(case.row.unit_id, case.row.year): case.row.unit for case in cases if case.row.revision}
    return {(pk, year): YearBook.load(unit, year, approved_only=False) for (pk, year), unit in units.items()}


def explain_queries(cases: list[Case], books: Books) -> int:
    """Give every query of a submitted return its explanation; returns how many. Raises DemoError on an error."""
    explained, faults = {}, []
    for case in cases:
        if not case.row.revision:
            continue
        for finding in return_findings(case.row, books[case.row.unit_id, case.row.year]):
            if finding.level == ERROR or (finding.level == QUERY and finding.cell not in case.figures):
                faults.append(f"{case.row} {finding.cell}: {finding.message}")
            elif finding.level == QUERY:
                figure = case.figures[finding.cell]
                figure.explanation = figure.explanation or texts.explanation(finding.cell, finding.code)
                explained[figure.pk] = figure
    if faults:
        raise DemoError("\n".join(faults))
    Figure.objects.bulk_update(explained.values(), ["explanation"], batch_size=500)
    return len(explained)
