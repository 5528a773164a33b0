"""manage.py sync_templates: give every district the report templates of the template files."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reports.services import sync_templates
from reports.template_files import TemplateError


class Command(BaseCommand):
    """Idempotent; refuses a broken file and says where."""

    help = "Load report templates from the template files."

    def handle(self, *args, **options):
        """Sync and print the count."""
        try:
            count = sync_templates()
        except TemplateError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(_("%(count)d report templates are in line with their files.") % {"count": count})
