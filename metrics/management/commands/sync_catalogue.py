"""manage.py sync_catalogue: bring the catalogue tables in line with the catalogue files."""

from django.core.management.base import BaseCommand, CommandError

from metrics.catalogue_files import CatalogueError
from metrics.services import sync_catalogue


class Command(BaseCommand):
    """Idempotent; refuses a file with an unknown key, code or field and says which."""

    help = "Load indicators and named lists from the catalogue files."

    def handle(self, *args, **options):
        """Sync and print the counts."""
        try:
            indicators, lists = sync_catalogue()
        except CatalogueError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{indicators} indicators, {lists} named lists")
