"""Describes the machine and the versions that a run was made with."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("Django", "WeasyPrint", "celery", "gunicorn")


def describe(command: str, load: float) -> list[tuple[str, str]]:
    """Return the run's facts as (name, value): `command` is what was typed, `load` the machine's load before."""
    return [
        ("command", f"`{command}`"),
        ("date", date.today().isoformat()),
        ("processor", f"{_processor()}, {os.cpu_count()} cores, load {load:.1f} before the run"),
        ("memory", f"{_memory() / 2**30:.0f} GiB"),
        ("system", _system()),
        ("Python", platform.python_version()),
        ("packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES)),
    ]


def database_fact() -> tuple[str, str]:
    """Return the database in use and its version."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return "PostgreSQL", f"{cursor.fetchone()[0]}, synchronous_commit on"
        cursor.execute("SELECT sqlite_version()")
        return "SQLite", f"{cursor.fetchone()[0]}, WAL, synchronous FULL"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _system() -> str:
    names = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return f"{names.get('PRETTY_NAME', 'Linux').strip(chr(34))}, Linux {platform.release()}"
