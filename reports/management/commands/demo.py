"""manage.py demo: load the fictional demo district for a first look; --reset empties it first."""

from datetime import UTC, date, datetime, time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.demo.district import ACCOUNTS_FILE
from reports.demo.load import empty_demo, foreign_districts, has_demo, load_demo


class Command(BaseCommand):
    """Idempotent: a second run changes nothing. Never touches a database that holds another district."""

    help = "Load the demo district with two years of returns; its accounts and passwords go to demo-accounts.tsv."

    def add_arguments(self, parser):
        """Take --reset and --today."""
        parser.add_argument("--reset", action="store_true", help="delete the demo district with its history, then load it anew")
        parser.add_argument("--today", type=date.fromisoformat, help="load as of this day (YYYY-MM-DD), for tests")

    def handle(self, *args, **options):
        """Load, and tell what was written. Exit status 2 when another district is there."""
        if found := foreign_districts():
            reason = _("This database holds %(names)s, which is not the demo district. Nothing was changed.")
            raise CommandError(reason % {"names": "、".join(found)}, returncode=2)
        if has_demo() and not options["reset"]:
            self.stdout.write(_("The demo district is there already; nothing was changed. --reset loads it anew."))
            return
        if options["reset"]:
            empty_demo()
            self.stdout.write(_("The demo district is emptied."))
        seconds = load_demo(now=_moment(options["today"]), folder=settings.DATA_DIR, say=self.stdout.write)
        facts = {"seconds": f"{seconds:.1f}", "file": settings.DATA_DIR / ACCOUNTS_FILE}
        self.stdout.write(_("The demo district is loaded (%(seconds)s s). Accounts and passwords: %(file)s") % facts)


def _moment(today: date | None) -> datetime:
    """Return now, or four in the afternoon local time of the given day."""
    if today is None:
        return timezone.now()
    return timezone.make_aware(datetime.combine(today, time(16))).astimezone(UTC)
