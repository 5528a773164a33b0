"""Reads settings from the environment, and says in words what is wrong with them. No Django here."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}


def flag(name: str, default: bool = False) -> bool:
    """Return an environment switch as a boolean."""
    raw = os.environ.get(name, "").strip().lower()
    return raw in TRUE_WORDS if raw else default


def number(name: str, default: int) -> int:
    """Return a whole number above 0 from the environment. Raises ImproperlyConfigured naming what was written there."""
    raw = os.environ.get(name, "").strip()
    if raw and not (raw.isascii() and raw.isdigit() and 0 < int(raw) < 1_000_000):
        raise ImproperlyConfigured(f"{name} is {raw!r}; it takes a whole number above 0.")
    return int(raw) if raw else default


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated environment variable as a list without blanks."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def required(name: str, why: str) -> str:
    """Return a variable that production cannot do without. Raises ImproperlyConfigured naming it and the reason."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file of mode 0600, made on first use: the embedded mode's own key."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(60)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret
