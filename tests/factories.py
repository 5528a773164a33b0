"""Small factories: plain functions that make one valid thing each, with only what the test names.

Everything is fictional; codes are made up within the pattern of 12-digit division codes.
"""

import itertools
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from accounts.choices import DISTRICT_ROLES, Role, UnitKind
from accounts.models import Population, Unit, User
from metrics.choices import FigureKind
from metrics.models import (
    Area,
    Catalogue,
    CatalogueState,
    DistrictYear,
    Figure,
    Highlight,
    Indicator,
    MonthlyReturn,
    NamedList,
)
from workflow.choices import JobState, State
from workflow.models import Job

PASSWORD = "correct horse battery"
OPENED = date(2020, 1, 1)
numbers = itertools.count(1)


def make_district(name="临江区", code="", **values) -> Unit:
    """Make a district."""
    code = code or f"99{next(numbers) % 10000:04d}000000"
    return Unit.objects.create(code=code, name=name, kind=UnitKind.DISTRICT, valid_from=OPENED, **values)


def make_township(district=None, name="", code="", kind=UnitKind.TOWN, **values) -> Unit:
    """Make a town of a district."""
    district = district or make_district()
    number = next(numbers)
    code = code or f"{district.code[:6]}{100 + number % 900:03d}000"
    values = {"valid_from": OPENED, "order": number, **values}
    return Unit.objects.create(code=code, name=name or f"甲{number}镇", kind=kind, parent=district, **values)


def make_village(township=None, name="", code="", kind=UnitKind.VILLAGE, persons=None, year=2026, **values) -> Unit:
    """Make a village; `persons` is its household population of `year`."""
    township = township or make_township()
    number = next(numbers)
    code = code or f"{township.code[:9]}{200 + number % 800:03d}"
    values = {"valid_from": OPENED, "order": number, **values}
    village = Unit.objects.create(code=code, name=name or f"乙{number}村", kind=kind, parent=township, **values)
    if persons is not None:
        Population.objects.create(unit=village, year=year, persons=persons)
    return village


def make_user(role=Role.TOWNSHIP_CLERK, unit=None, login="", password="", **values) -> User:
    """Make an account; without `password` it cannot sign in by form, which spares the hash (use client.force_login)."""
    unit = unit or _unit_for(role)
    login = login or f"user{next(numbers)}"
    user = User(login=login, display_name=values.pop("display_name", f"用户{login}"), unit=unit, role=role, **values)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    return user


def _unit_for(role) -> Unit:
    if role in DISTRICT_ROLES:
        return make_district()
    return make_village() if role == Role.VILLAGE_CLERK else make_township()


def make_district_year(district, year=2026, **values) -> DistrictYear:
    """Make a district's settings of a year."""
    return DistrictYear.objects.create(district=district, year=year, **values)


def make_return(unit=None, year=2026, month=10, state=State.DRAFT, due_at=None, **values) -> MonthlyReturn:
    """Make a monthly return, due at 18:00 on the 5th of the next month; a submitted one carries submitter and time."""
    unit = unit or make_township()
    due_at = due_at or local_moment(year + month // 12, month % 12 + 1, 5, 18)
    if state not in (State.DRAFT,) and "submitted_by" not in values:
        values["submitted_by"] = make_user(Role.TOWNSHIP_CLERK, unit)
    if state not in (State.DRAFT,):
        values = {"submitted_at": due_at, "revision": 1, **values}
    if state == State.APPROVED:
        values = {"approved_at": due_at, "approved_by": make_user(Role.DISTRICT_REVIEWER, unit.parent), **values}
    return MonthlyReturn.objects.create(unit=unit, year=year, month=month, state=state, due_at=due_at, **values)


def local_moment(*parts) -> datetime:
    """Return a moment in the site's time zone."""
    return timezone.make_aware(datetime(*parts))


def make_area(code="ideology", name="意识形态学习", order=1) -> Area:
    """Make or find a work area."""
    return Area.objects.get_or_create(code=code, defaults={"name": name, "order": order})[0]


def make_catalogue(district=None, first_year=2000, state=CatalogueState.PUBLISHED, **values) -> Catalogue:
    """Make or find a catalogue; without a district the shipped one."""
    return Catalogue.objects.get_or_create(district=district, first_year=first_year, defaults={"state": state, **values})[0]


def make_indicator(code="", name="", measure="次", aggregation="sum", area=None, **values) -> Indicator:
    """Make an entered indicator."""
    number = next(numbers)
    return Indicator.objects.create(
        code=code or f"indicator_{number}", name=name or f"指标{number}", measure=measure, aggregation=aggregation,
        area=area or make_area(), order=values.pop("order", number),
        catalogue=values.pop("catalogue", None) or make_catalogue(), **values,
    )  # fmt: skip


def make_figure(monthly_return, indicator, value=None, kind="", unit=None, **values) -> Figure:
    """Make a cell: a value, or an absence by `kind`."""
    kind = kind or (FigureKind.BLANK if value is None else FigureKind.VALUE)
    number = None if value is None else Decimal(str(value))
    values = {"raw": "" if value is None else str(value), "updated_at": timezone.now(), **values}
    return Figure.objects.create(
        monthly_return=monthly_return, indicator=indicator, unit=unit or monthly_return.unit, kind=kind, value=number, **values
    )


def make_list(code="list_honour", name="荣誉", fields=("level", "grade", "recipient"), **values) -> NamedList:
    """Make a kind of named item."""
    catalogue = values.pop("catalogue", None) or make_catalogue()
    defaults = {"area": make_area(), "name": name, "fields": list(fields), **values}
    return NamedList.objects.get_or_create(code=code, catalogue=catalogue, defaults=defaults)[0]


def make_item(unit=None, named_list=None, name="某某活动", year=2026, **values) -> Highlight:
    """Make a named item."""
    return Highlight.objects.create(
        unit=unit or make_township(), named_list=named_list or make_list(), name=name, year=year, **values
    )


def make_job(by, unit=None, state=JobState.QUEUED, **values) -> Job:
    """Make a job of a person."""
    values = {"kind": "report_pdf", "subject_id": 1, "key": f"key{next(numbers)}", "title": "年度总结 PDF", **values}
    return Job.objects.create(unit=unit or by.unit, requested_by=by, state=state, **values)
