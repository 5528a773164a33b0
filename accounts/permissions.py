"""Who may manage accounts. Each check raises PermissionDenied with the reason that the disabled button shows."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.choices import DISTRICT_ROLES, Role


def check_can_manage_accounts(user, account=None) -> None:
    """Refuse everybody but a district administrator, and an administrator on their own account."""
    if user.role != Role.DISTRICT_ADMIN:
        raise PermissionDenied(_("Only a district administrator manages accounts."))
    if account is not None and account.pk == user.pk:
        raise PermissionDenied(_("You cannot disable or reset your own account here."))


def check_is_of_district(user) -> None:
    """Refuse everybody who does not work for the district."""
    if user.role not in DISTRICT_ROLES:
        raise PermissionDenied(_("This page compares townships; it is for the district's staff."))
