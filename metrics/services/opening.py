"""Opening the monthly returns, with due dates and what is known already."""

from calendar import monthrange
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Unit
from metrics.models import DistrictYear, Figure, MonthlyReturn
from metrics.services.ledgers import fill_return
from metrics.services.population import carried_cells
from workflow.choices import State, Subject
from workflow.services import record_event

MISSED_MONTHS = 12  # before this one; older gaps are opened with manage.py open_returns --month


def district_year(district: Unit, year: int) -> DistrictYear:
    """Return a district's settings of a year, made from last year's when there are none yet."""
    found = DistrictYear.objects.filter(district=district, year=year).first()
    if found:
        return found
    last = DistrictYear.objects.filter(district=district, year__lt=year).order_by("-year").first()
    own = {"id", "district", "year", "version"}
    names = {field.name for field in DistrictYear._meta.concrete_fields} - own
    kept = {name: getattr(last, name) for name in names} if last else {}
    return DistrictYear.objects.get_or_create(district=district, year=year, defaults=kept)[0]


@transaction.atomic
def open_returns(*, today: date) -> int:
    """Open the month's return of `today` for every township that has none, and those missed within MISSED_MONTHS before it,
    over New Year too, but none before the district's first return (a worker that slept loses nothing); returns how many were
    opened. Idempotent.
    """
    return sum(_open_missed(district, today) for district in Unit.objects.districts())


def _open_missed(district: Unit, today: date) -> int:
    now = today.year * 12 + today.month - 1
    began = MonthlyReturn.objects.filter(unit__parent=district).order_by("year", "month").values_list("year", "month").first()
    first = began[0] * 12 + began[1] - 1 if began else now
    return sum(_open_month(district, today, divmod(at, 12)) for at in range(min(now, max(first, now - MISSED_MONTHS)), now + 1))


def _open_month(district: Unit, today: date, at: tuple[int, int]) -> int:
    year, month = at[0], at[1] + 1
    settings = district_year(district, year)
    day = min(today, date(year, month, monthrange(year, month)[1]))
    townships = Unit.objects.townships().filter(parent=district).valid_during(day, day)
    missing = townships.exclude(returns__in=MonthlyReturn.objects.filter(year=year, month=month))
    return sum(bool(open_return(unit, year, month, settings)) for unit in missing)


def open_return(unit: Unit, year: int, month: int, settings: DistrictYear) -> MonthlyReturn | None:
    """Open one return with its due date, the villages' population of the year and what the ledgers hold. None when it exists."""
    monthly_return, made = MonthlyReturn.objects.get_or_create(
        unit=unit, year=year, month=month, defaults={"due_at": due_at(year, month, settings)}
    )
    if not made:
        return None
    Figure.objects.bulk_create(carried_cells(monthly_return, settings)[0])
    record_event(
        by=None,
        unit=unit,
        subject_kind=Subject.RETURN,
        subject_id=monthly_return.pk,
        deed="open",
        to_state=State.DRAFT,
    )
    fill_return(by=None, monthly_return=monthly_return)
    return monthly_return


def due_at(year: int, month: int, settings: DistrictYear) -> datetime:
    """Return the moment a month's return is due: the district's day and hour of the next month, local time."""
    next_year, next_month = (year + 1, 1) if month == 12 else (year, month + 1)
    moment = datetime(next_year, next_month, settings.due_day, settings.due_hour)
    return timezone.make_aware(moment, timezone.get_default_timezone())
