"""The volunteers app: the fifth work area, counted by village."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    """The village sheet and its catalogue."""

    name = "volunteers"
    verbose_name = _("Volunteer service")

    def ready(self):
        """Add the fifth area's catalogue, ledgers and sheet of the month's template to the ones that metrics knows."""
        from metrics.catalogue_files import register_catalogue
        from metrics.ledgers import register_ledger
        from metrics.sheets import register_sheet
        from volunteers.exports import village_template
        from volunteers.ledgers import LEDGERS

        for kind in LEDGERS:
            register_ledger(kind)
        register_sheet(village_template)
        register_catalogue(Path(__file__).parent / "catalogue.toml")
