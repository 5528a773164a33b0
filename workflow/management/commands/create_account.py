"""manage.py create_account: the first administrator of a site, and a way back in for one who is locked out."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import Unit
from workflow.account_services import create_account, find_account, reset_password


class Command(BaseCommand):
    """Create an account, or with --reset give an existing one a new password; prints the one-time password."""

    help = "Create an account and print its one-time password."

    def add_arguments(self, parser):
        """Take login, role, unit and name."""
        parser.add_argument("--login", required=True, help="login name: lower-case letters, digits, dot, hyphen")
        parser.add_argument("--role", choices=Role.values, default=Role.DISTRICT_ADMIN.value)
        parser.add_argument("--unit", metavar="CODE", help="12-digit code of the unit (manage.py import_units makes them)")
        parser.add_argument("--name", default="", help="name to show; the login when left out")
        parser.add_argument("--reset", action="store_true", help="new one-time password for an account that exists")

    def handle(self, *args, login, role, unit, name, reset, **options):
        """Create or reset."""
        password = self._reset(login) if reset else self._create(login, role, unit, name)
        self.stdout.write(_("Account %(login)s") % {"login": login})
        self.stdout.write(_("One-time password (shown only now, to be changed at the first sign-in): %(password)s") % {
            "password": password
        })  # fmt: skip

    def _create(self, login, role, code, name) -> str:
        unit = Unit.objects.filter(code=code or "").first()
        if unit is None:
            raise CommandError(
                _("There is no unit with the code %(code)s. Import units first: manage.py import_units FILE.")
                % {"code": code or _("(none given)")},
                returncode=2,
            )
        try:
            return create_account(by=None, login=login, display_name=name or login, unit=unit, role=role)[1]
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error

    def _reset(self, login) -> str:
        account = find_account(login)
        if account is None:
            raise CommandError(_("There is no account %(login)s.") % {"login": login}, returncode=2)
        return reset_password(by=None, account=account)
