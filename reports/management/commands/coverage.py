"""Lists everything the yearly report has to hold, with what holds it; exit status 1 unless it is all there."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reports.coverage import CoverageError, check_coverage


class Command(BaseCommand):
    """manage.py coverage [--file docs/coverage.toml]"""

    help = "Checks docs/coverage.toml against the catalogue, the report template and the formats."
    requires_system_checks = []

    def add_arguments(self, parser):
        """Take another list, for tests."""
        parser.add_argument("--file", type=Path, default=settings.BASE_DIR / "docs/coverage.toml")

    def handle(self, *args, file, **options):
        """Print one line an entry, then the share that is held."""
        try:
            entries = check_coverage(file)
        except CoverageError as error:
            raise CommandError(str(error)) from error
        for entry in entries:
            mark = "ok  " if entry.is_held else "MISS"
            lacking = "" if entry.is_held else "  " + _lacking(entry)
            self.stdout.write(f"{mark} {entry.section:<5} {entry.id:<8} {entry.text}  [{', '.join(entry.held_by)}]{lacking}")
        held, total = sum(entry.is_held for entry in entries), len(entries)
        counts = {"held": held, "total": total, "percent": _percent(held, total)}
        self.stdout.write(_("%(held)d of %(total)d are held: %(percent)s %%") % counts)
        if held < total or not entries:
            raise CommandError(_("%(count)d entries are not held.") % {"count": total - held}, returncode=1)


def _lacking(entry) -> str:
    if not entry.lacking:
        return _("nothing holds it")
    return _("there is no %(holders)s") % {"holders": ", ".join(entry.lacking)}


def _percent(held: int, total: int) -> str:
    """Return whole per cents, rounded down: 100 is said only of everything."""
    return str(held * 100 // total) if total else "0"
