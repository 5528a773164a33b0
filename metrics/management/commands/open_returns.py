"""manage.py open_returns: open monthly returns. The worker does the same every day; --month opens an earlier one."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

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
        days = _months_since(_first_of(options["month"], today), today) if options["month"] else []
        opened = sum(open_returns(today=day) for day in [*days, today])
        self.stdout.write(_("%(count)d monthly returns opened.") % {"count": opened})


def _first_of(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise CommandError(_("--month takes YYYY-MM, not “%(text)s”.") % {"text": text}, returncode=2) from error
    if day > today:
        reason = _("%(month)s lies in the future; returns open by themselves when their month begins.")
        raise CommandError(reason % {"month": text}, returncode=2)
    return day


def _months_since(day: date, today: date) -> list[date]:
    months = range(day.year * 12 + day.month - 1, today.year * 12 + today.month - 1)
    return [date(at // 12, at % 12 + 1, 1) for at in months]
