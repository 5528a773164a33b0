"""manage.py import_units: take in the table of a district's units."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.unit_table import UnitTableError, read_unit_table
from workflow.unit_services import import_units

MOST_FAULTS_SHOWN = 20


class Command(BaseCommand):
    """Read a CSV table; every line is good, or nothing is written and the faults are named (exit status 2)."""

    help = "Import units from CSV: code,name,kind,parent_code,valid_from,population (districts first is not needed)."

    def add_arguments(self, parser):
        """Take the file and the year of its population column."""
        parser.add_argument("file", help="CSV in UTF-8 or GB18030")
        parser.add_argument("--year", type=int, default=None, help="year of the population column; this year when left out")

    def handle(self, *args, file, year, **options):
        """Import."""
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(reason)s.") % {"file": file, "reason": error.strerror}, returncode=2
            ) from error
        try:
            made, changed = import_units(by=None, lines=read_unit_table(content), year=year or timezone.localdate().year)
        except UnitTableError as error:
            shown = "\n".join(f"  {fault}" for fault in error.faults[:MOST_FAULTS_SHOWN])
            words = _("Nothing was imported; %(count)d places to correct in %(file)s:")
            raise CommandError(words % {"count": len(error.faults), "file": file} + "\n" + shown, returncode=2) from error
        self.stdout.write(_("%(made)d units created, %(changed)d updated.") % {"made": made, "changed": changed})
