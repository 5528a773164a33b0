"""manage.py open_returns: open this month's returns. The worker does the same every hour."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from metrics.services import open_returns


class Command(BaseCommand):
    """Idempotent."""

    help = "Open this month's return for every township."

    def handle(self, *args, **options):
        """Open and print how many."""
        self.stdout.write(f"{open_returns(today=timezone.localdate())} returns opened")
