"""A small district whose township has two years of approved figures: what the tests of the annual report start from."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Unit, User
from metrics.choices import FigureKind
from metrics.models import Figure, Indicator, MonthlyReturn, NamedList
from metrics.services import sync_catalogue
from reports.services import sync_templates
from tests.factories import local_moment, make_district, make_district_year, make_item, make_township, make_user, make_village
from workflow.choices import State

RUNNING = ("distinct_ytd", "max")  # cells whose value grows through the year
LIST_ITEMS = ("甲项", "《乙项》", "《丙项》")


@dataclass
class World:
    """A district with three townships; the first one has villages, people and figures."""

    district: Unit
    town: Unit
    villages: tuple[Unit, ...]
    clerk: User
    head: User
    reviewer: User
    admin: User
    auditor: User


def make_world(*, years=((2025, 12), (2026, 10)), with_items=True, townships=3, villages_each=0) -> World:
    """Make it: `years` are (year, last approved month); every entered cell is filled, every list has three items.

    `villages_each`: how many villages the other townships have.
    """
    sync_catalogue()
    district = make_district("云浦区")
    for year, _month in years:
        make_district_year(district, year)
    town = make_township(district, "青云镇")
    others = [make_township(district) for _number in range(townships - 1)]
    villages = tuple(make_village(town, name) for name in ("东村", "西村", "南社区"))
    sync_templates()
    world = World(
        district, town, villages, make_user(Role.TOWNSHIP_CLERK, town), make_user(Role.TOWNSHIP_HEAD, town),
        make_user(Role.DISTRICT_REVIEWER, district), make_user(Role.DISTRICT_ADMIN, district), make_user(Role.AUDITOR, district),
    )  # fmt: skip
    places_of = {other: tuple(make_village(other) for _number in range(villages_each)) for other in others}
    for unit, places in [(town, villages), *places_of.items()]:
        make_returns(unit, places, years, world.reviewer, world.clerk)
    if with_items:
        make_items(town, [year for year, _month in years])
    return world


def make_returns(unit, villages, years, approver, submitter) -> None:
    """Make approved returns with every entered cell filled."""
    entered = Indicator.objects.filter(source="entered")
    indicators = {year: list(entered.of_year(unit.parent_id, year)) for year, _last in years}
    rows = [
        MonthlyReturn(unit=unit, year=year, month=month, state=State.APPROVED, due_at=local_moment(year, month, 28), revision=1,
                      submitted_by=submitter, submitted_at=timezone.now(), approved_by=approver, approved_at=timezone.now())
        for year, last in years for month in range(1, last + 1)
    ]  # fmt: skip
    cells = []
    for row in MonthlyReturn.objects.bulk_create(rows):
        for indicator in indicators[row.year]:
            places = villages if indicator.is_by_village else (unit,)
            cells += [cell(row, indicator, place) for place in places]
    Figure.objects.bulk_create(cells, batch_size=500)


def cell(row: MonthlyReturn, indicator: Indicator, place: Unit) -> Figure:
    """Return a filled cell: a value that is the same in every run and grows from year to year."""
    value = value_of(indicator, row.year, row.month)
    return Figure(monthly_return=row, indicator=indicator, unit=place, kind=FigureKind.VALUE, value=value, raw=str(value),
                  updated_at=timezone.now())  # fmt: skip


def value_of(indicator: Indicator, year: int, month: int) -> Decimal:
    """Return a plausible value: 100 for persons and stocks, 1 a month for the rest, running figures running."""
    if indicator.aggregation in RUNNING:
        return Decimal(month + (year - 2025))
    base = {"last": 100, "avg": 90}.get(indicator.aggregation, 1)
    return Decimal(base + (year - 2025))


def make_items(unit, years) -> None:
    """Give every named list three items a year."""
    for named_list in NamedList.objects.all():
        for year in years:
            for order, name in enumerate(LIST_ITEMS):
                make_item(unit, named_list, name, year, order=order, date_from=date(year, 1 + order, 5))


def change_figure(world: World, code: str, value, *, year=2026, month=10) -> Figure:
    """Put another value into an approved return, as an approved correction would."""
    figure = Figure.objects.get(
        monthly_return__unit=world.town,
        monthly_return__year=year,
        monthly_return__month=month,
        indicator__code=code,
        unit=world.town,
    )
    figure.value, figure.raw, figure.version = Decimal(value), str(value), figure.version + 1
    figure.save()
    return figure


def analyze() -> None:
    """Let PostgreSQL know how full the tables are: else it plans for empty ones, and a query of many rows takes for ever.

    Our own tables alone: those that all databases share stay locked until the transaction ends, and others wait for them.
    """
    if connection.vendor == "postgresql":
        tables = map(connection.ops.quote_name, connection.introspection.django_table_names(only_existing=True))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(tables)}")


@contextmanager
def lasting(blocker, **options):
    """Give one world to all tests of a module: it is made once, each test's own writes are rolled back over it."""
    with blocker.unblock(), transaction.atomic():
        world = make_world(**options)
        analyze()
        yield world
        transaction.set_rollback(True)
