"""Writes the district itself: units, populations, settings, accounts with their password file, named items."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.choices import Role, UnitKind
from accounts.models import Population, Unit, User
from metrics.models import DistrictYear, Highlight, NamedList
from metrics.services.items import item_data
from reports.demo.figures import population
from reports.demo.history import Entry
from reports.demo.items import planned_items
from reports.demo.plan import DISTRICT_CODE, DISTRICT_NAME, TownshipPlan, accounts, townships
from workflow.choices import Subject

FOUNDED = date(2000, 1, 1)
# Without characters that look like others: 0 o 1 l i and so on.
CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
ACCOUNTS_FILE = "demo-accounts.tsv"


@dataclass(frozen=True)
class Calendar:
    """The moment the demo is loaded for (UTC), and the years around it."""

    now: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return timezone.localtime(self.now).date()

    @property
    def this_year(self) -> int:
        """The year that still runs."""
        return self.today.year

    @property
    def last_year(self) -> int:
        """The year that is complete."""
        return self.today.year - 1

    def months_of(self, township: TownshipPlan) -> list[tuple[int, int]]:
        """All (year, month) with returns: the end of the year before last or all of it, last year, this year up to now."""
        earlier = [(self.last_year - 1, month) for month in range(1 if township.is_pilot else 12, 13)]
        whole = [(self.last_year, month) for month in range(1, 13)]
        return [*earlier, *whole, *((self.this_year, month) for month in range(1, self.today.month + 1))]

    def item_years(self, township: TownshipPlan) -> list[tuple[int, int]]:
        """All (year, last month) with named items."""
        earlier = [(self.last_year - 1, 12)] if township.is_pilot else []
        return [*earlier, (self.last_year, 12), (self.this_year, self.today.month - 1)]


@dataclass
class District:
    """What has been written: the district unit, units and accounts by code and login."""

    unit: Unit
    units: dict[str, Unit]
    users: dict[str, User]
    settings: dict[int, DistrictYear]

    @cached_property
    def village_clerks(self) -> dict[int, int]:
        """Village id -> id of the account of its own clerk, where it has one."""
        return {user.unit_id: user.pk for user in self.users.values() if user.role == Role.VILLAGE_CLERK}

    def reviewer_of(self, township: TownshipPlan) -> User:
        """The reviewer who looks after a township."""
        return self.users[f"district.reviewer{township.order % 2 + 1}"]


def write_units(calendar: Calendar) -> dict[str, Unit]:
    """Write district, townships, villages and three years of population; returns code -> unit."""
    district = Unit.objects.create(code=DISTRICT_CODE, name=DISTRICT_NAME, kind=UnitKind.DISTRICT, valid_from=FOUNDED)
    plans = townships(calendar.last_year)
    made = Unit.objects.bulk_create(
        Unit(code=row.code, name=row.name, kind=row.kind, parent=district, valid_from=FOUNDED, order=row.order) for row in plans
    )
    units = {unit.code: unit for unit in [district, *made]}
    rows = [_village(village, order, units[row.code]) for row in plans for order, village in enumerate(row.villages)]
    units |= {unit.code: unit for unit in Unit.objects.bulk_create(rows)}
    _link_merged(plans, units)
    _write_population(plans, units, calendar)
    return units


def _village(plan, order: int, township: Unit) -> Unit:
    return Unit(
        code=plan.code, name=plan.name, kind=plan.kind, parent=township, order=order, valid_from=plan.valid_from,
        valid_to=plan.valid_to,
    )  # fmt: skip


def _link_merged(plans, units: dict[str, Unit]) -> None:
    for village in (village for row in plans for village in row.villages if village.merged_from):
        Unit.objects.filter(code__in=village.merged_from).update(successor=units[village.code])


def _write_population(plans, units, calendar: Calendar) -> None:
    rows = []
    for village in (village for row in plans for village in row.villages):
        for offset in (-1, 0, 1):
            year = calendar.last_year + offset
            stood = village.valid_from.year <= year and (village.valid_to is None or village.valid_to.year >= year)
            if stood:
                rows.append(Population(unit=units[village.code], year=year, persons=population(village, offset)))
    Population.objects.bulk_create(rows)


def write_settings(calendar: Calendar, units: dict[str, Unit]) -> dict[int, DistrictYear]:
    """Write the district's settings of three years."""
    years = (calendar.last_year - 1, calendar.last_year, calendar.this_year)
    rows = DistrictYear.objects.bulk_create(DistrictYear(district=units[DISTRICT_CODE], year=year) for year in years)
    return {row.year: DistrictYear.objects.get(pk=row.pk) for row in rows}


def write_accounts(calendar: Calendar, units: dict[str, Unit]) -> tuple[dict[str, User], dict[str, str]]:
    """Write the accounts; returns login -> account and login -> password."""
    plans = accounts(calendar.last_year)
    passwords = {plan.login: new_password() for plan in plans}
    rows = [
        User(login=plan.login, display_name=plan.display_name, role=plan.role, unit=units[plan.unit_code],
             password=make_password(passwords[plan.login]))
        for plan in plans
    ]  # fmt: skip
    return {user.login: user for user in User.objects.bulk_create(rows)}, passwords


def new_password() -> str:
    """Return sixteen random letters and digits in groups of four (about 79 bits)."""
    return "-".join("".join(secrets.choice(CHARACTERS) for _ in range(4)) for _ in range(4))


def write_accounts_file(folder: Path, users: dict[str, User], passwords: dict[str, str]) -> Path:
    """Write login, password, role and unit of every demo account, readable by the owner alone."""
    path, draft = folder / ACCOUNTS_FILE, folder / f".{ACCOUNTS_FILE}.new"
    rows = [("login", "password", "role", "unit")]
    rows += [(user.login, passwords[user.login], str(user.role), user.unit.name) for user in users.values()]
    folder.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
    draft.replace(path)
    return path


def settings_history(district: District) -> list[Entry]:
    """Return the events of the yearly settings."""
    by = district.users["district.admin"]
    entries = []
    for year, row in district.settings.items():
        fields = {field.name: str(getattr(row, field.name)) for field in row._meta.concrete_fields}
        at = datetime(year, 1, 2, 1, 10, tzinfo=UTC)
        entries.append(Entry(at, by, district.unit, Subject.SETTINGS, row.pk, "save_settings", changes=(fields,)))
    return entries


def write_items(district: District, calendar: Calendar) -> list[Entry]:
    """Write the named items up to last month; returns their events."""
    lists = {row.code: row for row in NamedList.objects.of_year(district.unit, calendar.last_year)}
    rows, moments = [], []
    for township in townships(calendar.last_year):
        clerk = district.users[f"{township.login}.clerk"]
        for year, last_month in calendar.item_years(township):
            for order, item in enumerate(planned_items(township, year, calendar.last_year, last_month)):
                rows.append(
                    Highlight(unit=district.units[township.code], year=year, named_list=lists[item.list_code], name=item.name,
                              order=order, updated_by=clerk, **item.fields)
                )  # fmt: skip
                moments.append(_noted_at(item, year, calendar))
    made = Highlight.objects.bulk_create(rows, batch_size=500)
    return [_item_entry(row, at) for row, at in zip(made, moments, strict=True)]


def _noted_at(item, year: int, calendar: Calendar) -> datetime:
    """A dated item is noted the day after it began, any other in the middle of January; never after now."""
    day = item.fields.get("date_from") or date(year, 1, 14)
    at = datetime(day.year, day.month, day.day, 2, 30, tzinfo=UTC) + timedelta(days=1)
    return min(at, calendar.now - timedelta(hours=1))


def _item_entry(row: Highlight, at: datetime) -> Entry:
    about = {"list": row.named_list.code, "name": row.name, "year": row.year}
    changes = ({**about, "old": None, "new": item_data(row)},)
    return Entry(at, row.updated_by, row.unit, Subject.ITEM, row.pk, "save_item", changes=changes)
