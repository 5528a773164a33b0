"""The database a bench runs on: a scratch one with the demo district, dropped afterwards, on SQLite or PostgreSQL."""

from __future__ import annotations

import io
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from accounts.choices import Role
from accounts.models import Unit, User
from metrics.models import MonthlyReturn
from workflow.choices import EDITABLE_STATES

SCRATCH = "township_bench"
SHOWN_TOWNSHIP = "青云镇"


@contextmanager
def scratch_database():
    """Make an empty database with all tables, and drop it at the end. On SQLite the data folder is already a scratch one."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        yield
        return
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = SCRATCH
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def load_demo() -> None:
    """Load catalogue, templates and the demo district."""
    for command in ("sync_catalogue", "sync_templates", "demo"):
        call_command(command, verbosity=0, stdout=io.StringIO(), skip_checks=True)
    tidy_statistics()


def tidy_statistics() -> None:
    """Let the planner know the tables, as a database that has run for a day does."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def shown_township() -> Unit:
    """Return the township that the demo follows figure by figure."""
    return Unit.objects.get(name=SHOWN_TOWNSHIP)


def clerk_of(unit: Unit) -> User:
    """Return the township's clerk."""
    return User.objects.get(unit=unit, role=Role.TOWNSHIP_CLERK)


def open_return(unit: Unit) -> MonthlyReturn:
    """Return the township's newest return that may still be changed."""
    return MonthlyReturn.objects.filter(unit=unit, state__in=EDITABLE_STATES).first()
