"""manage.py open_returns: open monthly returns. The worker does the same every day; --month opens an earlier one."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from metrics.services import open_returns


class Command(BaseCommand):
    """Idempotent. --month YYYY-MM lets a site that starts mid-year enter the months before; exit status 2 for nonsense."""

    help = "Open this month's return for every township, or that of --month YYYY-MM and every month since."

    def add_arguments(self, parser):
        """Take the month."""
        parser.add_argument("--month", help="an earlier month, YYYY-MM")

    def handle(self, *args, **options):
        """Open and print how many."""
        today = timezone.localdate()
        opened = open_returns(today=_first_of(options["month"], today)) if options["month"] else 0
        self.stdout.write(f"{opened + open_returns(today=today)} returns opened")


def _first_of(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise CommandError(f"--month takes YYYY-MM, not {text!r}", returncode=2) from error
    if day > today:
        raise CommandError(f"{text} lies in the future; returns open by themselves when their month begins", returncode=2)
    return day
