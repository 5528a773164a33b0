"""Signing in under a throttle, making accounts and setting passwords.

These functions know nothing of history: workflow.account_services and workflow.session_services wrap them and record the Event,
because imports go from workflow to accounts and never back.
"""

import hashlib
import logging
import secrets
import unicodedata
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, TOWNSHIP_ROLES, Role
from accounts.models import LoginAttempt, User

WINDOW = timedelta(minutes=15)
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 100
ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when read aloud or copied
log = logging.getLogger("township.accounts")


class SignInLocked(Exception):
    """Too many tries under this name or from this address; `until` is when the next try is possible."""

    def __init__(self, until: datetime):
        """Keep the moment."""
        super().__init__(until)
        self.until = until


def normalised_login(typed: str) -> str:
    """Return a login as stored, whatever way it was typed: full-width letters, capitals and outer spaces are one name."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def sign_in_user(request, *, login: str, password: str, address: str) -> User | None:
    """Return the account whose password this is, or None: the same for an unknown name, a wrong password, a disabled account.

    A try is counted before any password is hashed, so that parallel guesses cannot outrun the count. Raises SignInLocked.
    """
    name, name_key = normalised_login(login), _name_key(login)
    address_key = f"address:{address}"[:80]
    reserve_try(address_key, TRIES_PER_ADDRESS)
    reserve_try(name_key, TRIES_PER_NAME)
    user = authenticate(request, login=name, password=password)
    if user is not None:
        LoginAttempt.objects.filter(key=name_key).delete()
        LoginAttempt.objects.filter(key=address_key, count__gt=0).update(count=F("count") - 1)
    return user


@transaction.atomic
def reserve_try(key: str, limit: int) -> None:
    """Count one try in the key's window of 15 minutes, atomically on every database. Raises SignInLocked at the limit."""
    now = timezone.now()
    attempt, _made = LoginAttempt.objects.get_or_create(key=key, defaults={"window_start": now})
    rows = LoginAttempt.objects.filter(key=key)
    rows.filter(window_start__lte=now - WINDOW).update(window_start=now, count=0)
    if not rows.filter(count__lt=limit).update(count=F("count") + 1):
        attempt.refresh_from_db()
        log.warning("sign-in locked: %s…", key[:16])
        raise SignInLocked(attempt.window_start + WINDOW)


def is_first_refusal(login: str) -> bool:
    """Whether this is the first try of the window that a name's lock refuses; True once a window, on every database."""
    at_limit = LoginAttempt.objects.filter(key=_name_key(login), count=TRIES_PER_NAME)
    return bool(at_limit.update(count=F("count") + 1))


def unlock_sign_in(login: str) -> None:
    """Forget the failed tries under a name."""
    LoginAttempt.objects.filter(key=_name_key(login)).delete()


def _name_key(login: str) -> str:
    return "name:" + hashlib.sha256(normalised_login(login).encode()).hexdigest()


def one_time_password() -> str:
    """Return a random password of four groups of four letters (79 bits), to be changed at the first sign-in."""
    letters = [secrets.choice(ONE_TIME_LETTERS) for _place in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def check_role_fits_unit(role: str, unit) -> None:
    """Raise ValidationError unless the role works at the unit's level."""
    fits = {
        Role.VILLAGE_CLERK: unit.is_village,
        **dict.fromkeys(TOWNSHIP_ROLES, unit.is_township),
        **dict.fromkeys(DISTRICT_ROLES, unit.is_district),
    }
    if not fits[role]:
        raise ValidationError(
            _("“%(role)s” does not work at %(unit)s (%(kind)s). Choose a unit of the role's level.")
            % {"role": Role(role).label, "unit": unit.name, "kind": unit.get_kind_display()}
        )


def make_account(*, login: str, display_name: str, unit, role: str) -> tuple[User, str]:
    """Create an account with a one-time password; returns both. Raises ValidationError with the reason."""
    check_role_fits_unit(role, unit)
    user = User(login=normalised_login(login), display_name=display_name.strip(), unit=unit, role=role)
    password = one_time_password()
    user.must_change_password = True
    user.set_password(password)
    user.full_clean()
    user.save()
    return user, password


def give_one_time_password(user: User) -> str:
    """Replace an account's password by a one-time one, ending its sessions and its lock; returns the password."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    unlock_sign_in(user.login)
    return password


def change_own_password(*, by: User, password: str) -> None:
    """Set the password a person chose; their other sessions end."""
    by.set_password(password)
    by.must_change_password = False
    by.save(update_fields=["password", "must_change_password"])
