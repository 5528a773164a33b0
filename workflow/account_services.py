"""Administration of accounts and units, each deed with its Event.

It lives here and not in accounts, because every write leaves an Event and accounts, the lowest room, knows nothing of history.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from accounts.permissions import check_can_manage_accounts
from accounts.services import give_one_time_password, make_account, normalised_login
from workflow.choices import Subject
from workflow.services import once, record_event


def record_account_event(by, account: User, deed: str, **facts) -> None:
    """Append an Event about an account to its unit's chain; `by` None is the system. `facts` never hold a password."""
    record_event(
        by=by, unit=account.unit, subject_kind=Subject.ACCOUNT, subject_id=account.pk, deed=deed,
        changes=[{"login": account.login, **facts}],
    )  # fmt: skip


@transaction.atomic
def create_account(*, by, login, display_name, unit, role, form_key=None) -> tuple[User, str]:
    """Create an account in the administrator's district; returns it with its one-time password, which is kept nowhere.

    A form sent again, with the same `form_key`, gets the account and "" for the password. `by` None is the command line.
    Raises ValidationError (bad input) or PermissionDenied.
    """
    passwords = []

    def make() -> User:
        account, password = _create_account(by, login, display_name, unit, role)
        passwords.append(password)
        return account

    account = once(by=by, form_key=form_key, rows=User.objects.select_related("unit"), make=make)
    return account, passwords[0] if passwords else ""


def _create_account(by, login, display_name, unit, role) -> tuple[User, str]:
    if by is not None:
        check_can_manage_accounts(by)
        if not Unit.objects.visible_to(by).filter(pk=unit.pk).exists():
            raise PermissionDenied(_("This unit belongs to another district."))
    account, password = make_account(login=login, display_name=display_name, unit=unit, role=role)
    record_account_event(by, account, "create_account", role=role)
    return account, password


@transaction.atomic
def reset_password(*, by, account: User) -> str:
    """Give an account a new one-time password and end its sessions; returns the password. `by` None is the command line."""
    if by is not None:
        check_can_manage_accounts(by, account)
    password = give_one_time_password(account)
    record_account_event(by, account, "reset_password")
    return password


@transaction.atomic
def disable_account(*, by, account: User) -> None:
    """Close an account: its sessions end with the next click. What it did stays under its name."""
    check_can_manage_accounts(by, account)
    _set_active(by, account, False, "disable_account")


@transaction.atomic
def enable_account(*, by, account: User) -> None:
    """Open a closed account again."""
    check_can_manage_accounts(by, account)
    _set_active(by, account, True, "enable_account")


def _set_active(by, account: User, is_active: bool, deed: str) -> None:
    if User.objects.filter(pk=account.pk, is_active=not is_active).update(is_active=is_active):
        account.is_active = is_active
        record_account_event(by, account, deed)


def find_account(login: str) -> User | None:
    """Return the account of a login name, however it is typed."""
    return User.objects.filter(login=normalised_login(login)).first()
