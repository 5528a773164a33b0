"""manage.py sync_catalogue: bring the catalogue tables in line with the catalogue files."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from metrics.catalogue_files import CatalogueError
from metrics.services import sync_catalogue


class Command(BaseCommand):
    """Idempotent; refuses a file with an unknown key, code or field and says which."""

    help = "Load indicators and named lists from the catalogue files."

    def handle(self, *args, **options):
        """Sync and print the counts."""
        try:
            synced = sync_catalogue()
        except CatalogueError as error:
            raise CommandError(str(error), returncode=2) from error
        counts = {"indicators": synced.indicators, "lists": synced.lists}
        self.stdout.write(_("The catalogue holds %(indicators)d indicators and %(lists)d named lists.") % counts)
        if synced.kept:
            words = _("Approved returns rest on these, so what reports print of them stays as it was: %(codes)s")
            self.stdout.write(words % {"codes": ", ".join(synced.kept)})
