"""manage.py ledger_template: a ledger's empty template as a workbook, without the browser."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import Unit
from metrics.exports.ledgers import ledger_template
from metrics.ledgers import ledger_kind, ledger_kinds
from metrics.workbooks.writing import to_xlsx
from workflow.store import write_durably

MISSING = "the following arguments are required: "


def one_line_errors(parser):
    """Let a parser refuse in one line, without the usage; exit status 2."""

    def refuse(message: str):
        words = _("Wrong argument: %(message)s") % {"message": message}
        if message.startswith(MISSING):
            words = _("These arguments are missing: %(names)s.") % {"names": message.removeprefix(MISSING)}
        parser.exit(2, words + "\n")

    parser.error = refuse
    return parser


def chosen_ledger(code: str):
    """Return a ledger by its code. Raises CommandError naming those there are."""
    kind = ledger_kind(code)
    if kind is None:
        names = "、".join(f"{row.code}（{row.name}）" for row in ledger_kinds())
        words = _("There is no ledger “%(code)s”; there are: %(names)s.")
        raise CommandError(words % {"code": code, "names": names}, returncode=2)
    return kind


class Command(BaseCommand):
    """Exit status 2 for an unknown ledger or unit, or a file that cannot be written; nothing half is left."""

    help = "Write a ledger's import template: ledger_template KIND --output FILE.xlsx [--unit CODE]."

    def create_parser(self, prog_name, subcommand, **kwargs):
        """Refuse in one line on the command line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        return one_line_errors(parser) if getattr(self, "_called_from_command_line", False) else parser

    def add_arguments(self, parser):
        """Name the ledger and the file."""
        parser.add_argument("kind")
        parser.add_argument("--output", type=Path, required=True)
        parser.add_argument("--unit", default="", help="12-digit code of the township whose villages stand in the drop-downs")

    def handle(self, *args, kind, output, unit, **options):
        """Write the workbook whole or not at all."""
        ledger = chosen_ledger(kind)
        township = Unit.objects.townships().filter(code=unit).first() if unit else None
        if unit and township is None:
            raise CommandError(_("No township has the code %(code)s.") % {"code": unit}, returncode=2)
        if output.is_dir() or output.suffix.lower() != ".xlsx":
            raise CommandError(_("%(file)s is no workbook's name: end it in .xlsx.") % {"file": output}, returncode=2)
        if not output.absolute().parent.is_dir():
            raise CommandError(_("The folder %(folder)s does not exist.") % {"folder": output.parent}, returncode=2)
        try:
            write_durably(output.absolute(), to_xlsx(ledger_template(ledger, township)))
        except OSError as error:
            words = _("%(file)s cannot be written: %(reason)s.") % {"file": output, "reason": error.strerror}
            raise CommandError(words, returncode=2) from error
        self.stdout.write(_("%(file)s: template of %(ledger)s.") % {"file": output, "ledger": ledger.name})
