"""The accounts app: who acts, and where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles and the unit tree."""

    name = "accounts"
    verbose_name = _("Accounts and units")
