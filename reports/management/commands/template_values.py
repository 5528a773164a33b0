"""manage.py template_values: what only the district knows, for the plans of its townships' reports."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Unit
from reports.queries import template_of
from reports.services import set_template_values
from workflow.transitions import Refused


class Command(BaseCommand):
    """Without NAME=VALUE it lists what there is; exit status 2 and nothing entered when something is refused."""

    help = "Show or enter a district's own entries of its report template: --district CODE --year YYYY [NAME=VALUE …]."

    def add_arguments(self, parser):
        """Name district, year and values."""
        parser.add_argument("--district", required=True, help="12-digit code of the district")
        parser.add_argument("--year", type=int, required=True, help="year of the template, which is that of the report")
        parser.add_argument("values", nargs="*", metavar="NAME=VALUE", help="NAME= takes a value out")

    def handle(self, *args, district, year, values, **options):
        """Enter, then list."""
        unit = Unit.objects.districts().filter(code=district).first()
        if unit is None:
            raise CommandError(_("No district has the code %(code)s.") % {"code": district}, returncode=2)
        pairs = [text.partition("=") for text in values]
        if wrong := [name for name, sign, _value in pairs if not sign]:
            raise CommandError(_("“%(text)s” is not NAME=VALUE.") % {"text": wrong[0]}, returncode=2)
        try:
            if pairs:
                set_template_values(by=None, district=unit, year=year, values={name: value for name, _sign, value in pairs})
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self._list(template_of(unit.pk, year))

    def _list(self, template) -> None:
        content = template.content if template else {}
        own = content.get("local_values", {})
        for name, label in content.get("local", {}).items():
            self.stdout.write(f"{name}\t{own.get(name, '')}\t{label}")
        for name, shipped in content.get("params", {}).items():
            self.stdout.write(f"{name}\t{own.get(name, shipped)}")
