"""What a page costs in a district of 12, 100 and 1,000 townships: a page's cost must not grow with what it does not show."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role, UnitKind
from accounts.models import Unit, User
from bench import world
from bench.results import Chapter, cost_line
from bench.site import Browser, our_site
from bench.timing import Contestant, race
from metrics.models import DistrictYear, Figure, MonthlyReturn
from workflow.choices import State, Subject
from workflow.models import Round

SIZES = (12, 100, 1000)
YEAR, LAST_MONTH = 2026, 10  # the months before the last are approved, the last is a draft
BOARD = f"/board/?year={YEAR}&month={LAST_MONTH - 1}"
METHOD = (
    "Districts of 12, 100 and 1,000 townships in one database, each township with ten monthly returns of {cells} figures, "
    "{figures} figures in all. The board shows 25 townships a page, so 12 is a shorter page; one return is "
    "the entry page of a township."
)
FIGURES = """
INSERT INTO metrics_figure
    (monthly_return_id, indicator_id, unit_id, kind, value, raw, explanation, version, updated_at)
SELECT r.id, i.id, r.unit_id, 'value', 20 + (r.id * 7 + i.id) %% 50, CAST(20 + (r.id * 7 + i.id) %% 50 AS varchar(20)), '', 1,
    r.due_at
FROM metrics_monthlyreturn r CROSS JOIN metrics_indicator i JOIN metrics_catalogue c ON c.id = i.catalogue_id
WHERE c.district_id IS NULL
    AND r.unit_id IN (SELECT id FROM accounts_unit WHERE parent_id = %s) AND i.source = 'entered' AND i.level = 'township'
"""


class District:
    """A district of `size` townships, its reviewer, one township's clerk and that township's open return."""

    def __init__(self, size: int):
        """Make it, figures by one statement."""
        prefix = f"97{SIZES.index(size):02d}"
        unit = Unit.objects.create(
            code=f"{prefix}00000000", name=f"{size}镇区", kind=UnitKind.DISTRICT, valid_from=date(2000, 1, 1)
        )
        DistrictYear.objects.create(district=unit, year=YEAR)
        self.townships = Unit.objects.bulk_create(
            Unit(code=f"{prefix}{number:05d}000", name=f"第{number}镇", kind=UnitKind.TOWN, parent=unit, order=number,
                 valid_from=date(2000, 1, 1)) for number in range(1, size + 1)
        )  # fmt: skip
        self.reviewer = User.objects.create(login=f"bench.r{size}", display_name="审核", unit=unit, role=Role.DISTRICT_REVIEWER)
        first = self.townships[0]
        self.clerk = User.objects.create(login=f"bench.c{size}", display_name="经办", unit=first, role=Role.TOWNSHIP_CLERK)
        self._make_returns(unit)
        self.open_return = MonthlyReturn.objects.get(unit=first, year=YEAR, month=LAST_MONTH)

    def _make_returns(self, unit: Unit) -> None:
        rows = [self._return(town, month) for town in self.townships for month in range(1, LAST_MONTH + 1)]
        made = MonthlyReturn.objects.bulk_create(rows, batch_size=2000)
        submitted = [row for row in made if row.submitted_at]
        Round.objects.bulk_create(
            (Round(unit_id=row.unit_id, subject_kind=Subject.RETURN, subject_id=row.pk, number=1, snapshot={}, sha256="",
                   submitted_by=self.clerk, submitted_at=row.submitted_at, outcome="approve") for row in submitted),
            batch_size=2000,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(FIGURES, [unit.pk])

    def _return(self, town: Unit, month: int) -> MonthlyReturn:
        due = datetime(YEAR, month + 1, 5, 10, tzinfo=UTC)
        if month == LAST_MONTH:
            return MonthlyReturn(unit=town, year=YEAR, month=month, due_at=due)
        return MonthlyReturn(
            unit=town, year=YEAR, month=month, due_at=due, state=State.APPROVED, revision=1, submitted_at=due,
            submitted_by=self.clerk, approved_by=self.reviewer, approved_at=due,
        )  # fmt: skip

    def pages(self, site) -> dict[str, tuple[Browser, str]]:
        """Return page name -> browser and address."""
        return {
            "board": (Browser(self.reviewer, site), BOARD),
            "return": (Browser(self.clerk, site), f"/returns/{self.open_return.pk}/"),
        }


def run(seconds: float) -> Chapter:
    """Measure, within about `seconds` besides making the districts."""
    site = our_site()
    pages = {(name, size): page for size in SIZES for name, page in District(size).pages(site).items()}
    world.tidy_statistics()
    contestants = {key: Contestant(lambda page=page: page[0].get(page[1])) for key, page in pages.items()}
    times = race(contestants, rounds=40, seconds=seconds)
    queries = {key: _queries(*page) for key, page in pages.items()}
    figures = Figure.objects.count()
    cells = Figure.objects.filter(monthly_return__year=YEAR, unit__parent__name="12镇区").count() // (12 * LAST_MONTH)
    chapter = Chapter(f"Growth ({connection.vendor})", METHOD.format(cells=cells, figures=f"{figures:,}"))
    chapter.lines = [
        cost_line("board, 100 townships to 12", times["board", 100], times["board", 12]),
        cost_line("board, 1,000 townships to 100", times["board", 1000], times["board", 100], 1.2),
        cost_line("one return, 100 townships to 12", times["return", 100], times["return", 12], 1.2),
        cost_line("one return, 1,000 townships to 12", times["return", 1000], times["return", 12], 1.2),
    ]
    counts = {name: ", ".join(str(queries[name, size]) for size in SIZES) for name in ("board", "return")}
    chapter.notes = [f"Queries at 12, 100 and 1,000 townships: board {counts['board']}; one return {counts['return']}."]
    return chapter


def _queries(browser: Browser, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(path)
    return len(queries)
