"""Signing in and out and the own password, each with its Event in the account's unit (see account_services for why here)."""

from django.contrib.auth import login as open_session
from django.contrib.auth import logout as close_session
from django.db import transaction

from accounts.models import User
from accounts.services import SignInLocked, change_own_password, is_first_refusal, sign_in_user
from workflow.account_services import find_account, record_account_event


def sign_in(request, *, login: str, password: str, address: str) -> User | None:
    """Open a session for the account whose password this is and return it, None when there is no such account.

    Raises SignInLocked; the first refusal of a lock is recorded with the account, for the throttle would let an attacker
    fill the history with the others. Names that no account has are in the log alone.
    """
    try:
        user = sign_in_user(request, login=login, password=password, address=address)
    except SignInLocked:
        _record_lock_out(login, address)
        raise
    if user is not None:
        with transaction.atomic():
            record_account_event(user, user, "sign_in", address=address)
            open_session(request, user)
    return user


@transaction.atomic
def _record_lock_out(login: str, address: str) -> None:
    if is_first_refusal(login) and (account := find_account(login)):
        record_account_event(None, account, "lock_out", address=address)


@transaction.atomic
def sign_out(request) -> None:
    """End the session of whoever is signed in."""
    if request.user.is_authenticated:
        record_account_event(request.user, request.user, "sign_out")
    close_session(request)


@transaction.atomic
def change_password(*, by: User, password: str) -> None:
    """Set the password a person chose; their other sessions end."""
    change_own_password(by=by, password=password)
    record_account_event(by, by, "change_password")
