"""manage.py import_ledger: a file into a township's ledger, judged and written as in the browser."""

import sys
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from metrics.choices import RowStatus
from metrics.imports.heads import targets_of
from metrics.imports.judging import WHOLE_ROW
from metrics.management.commands.ledger_template import chosen_ledger, one_line_errors
from metrics.models import ImportBatch
from metrics.services import start_import, write_import
from metrics.services.imports import judge_batch
from metrics.workbooks.gate import MOST_BYTES, WorkbookRefused, check_size
from workflow.transitions import Refused

SHOWN = 30  # characters of a row's name


class Command(BaseCommand):
    """Exit status 0: everything is in; 1: rows were refused (the others are in); 2: wrong arguments or file, nothing written."""

    help = "Import a file into a ledger: import_ledger KIND FILE --unit CODE --by LOGIN [--dry-run]."

    def create_parser(self, prog_name, subcommand, **kwargs):
        """Refuse in one line on the command line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        return one_line_errors(parser) if getattr(self, "_called_from_command_line", False) else parser

    def add_arguments(self, parser):
        """Name ledger, file, township and person."""
        parser.add_argument("kind")
        parser.add_argument("file", type=Path)
        parser.add_argument("--unit", required=True, help="12-digit code of the township")
        parser.add_argument("--by", required=True, help="login of its clerk or head, under whose name it is recorded")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def handle(self, *args, kind, file, unit, by, dry_run, **options):
        """Read, judge, tell, write."""
        ledger, township, person = chosen_ledger(kind), self._unit(unit), self._person(by)
        data = self._read(file)
        try:
            with transaction.atomic():
                batch = start_import(by=person, unit=township, kind=ledger, file_name=file.name, data=data)
                self._check_columns(ledger, batch)
                judge_batch(batch=batch)
                self._tell(ledger, batch)
                if any(batch.counts[status] for status in (RowStatus.NEW, RowStatus.UPDATE)) and not dry_run:
                    write_import(by=person, batch=batch, base_version=batch.version)
                transaction.set_rollback(dry_run)
        except (WorkbookRefused, Refused, PermissionDenied) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self._sum_up(batch, dry_run)
        if batch.counts[RowStatus.ERROR]:
            sys.exit(1)

    def _unit(self, code: str) -> Unit:
        township = Unit.objects.townships().filter(code=code).first()
        if township is None:
            raise CommandError(_("No township has the code %(code)s.") % {"code": code}, returncode=2)
        return township

    def _person(self, login: str) -> User:
        person = User.objects.filter(login=login, is_active=True).select_related("unit").first()
        if person is None:
            raise CommandError(_("There is no active account “%(login)s”.") % {"login": login}, returncode=2)
        return person

    def _read(self, file: Path) -> bytes:
        try:
            check_size(file.stat().st_size)
            with file.open("rb") as opened:
                return opened.read(MOST_BYTES + 1)
        except WorkbookRefused as refusal:
            raise CommandError(f"{file}: {refusal}", returncode=2) from refusal
        except OSError as error:
            words = _("%(file)s cannot be read: %(reason)s.") % {"file": file, "reason": error.strerror}
            raise CommandError(words, returncode=2) from error

    def _check_columns(self, ledger, batch: ImportBatch) -> None:
        missing = [target.label for target in targets_of(ledger) if target.is_required and target.name not in batch.columns]
        if missing:
            words = _("The file has no column for: %(labels)s. Name the heads as in the template (ledger_template).")
            raise CommandError(words % {"labels": "、".join(missing)}, returncode=2)

    def _tell(self, ledger, batch: ImportBatch) -> None:
        labels = {target.name: target.label for target in targets_of(ledger)}
        for row in batch.rows.all():
            name = row.raw.get("name", "")[:SHOWN]
            errors = [(field, text) for field, texts in row.errors.items() for text in texts]
            reasons = "；".join(text if field == WHOLE_ROW else f"{labels[field]}：{text}" for field, text in errors)
            line = _("Row %(number)d: %(status)s") % {"number": row.number, "status": row.get_status_display()}
            self.stdout.write("  ".join(part for part in (line, name, reasons) if part))

    def _sum_up(self, batch: ImportBatch, dry_run: bool) -> None:
        words = _("New %(new)d, changed %(update)d, duplicate %(duplicate)d, refused %(error)d.") % batch.counts
        self.stdout.write(words)
        if dry_run:
            self.stdout.write(_("Nothing was written (--dry-run)."))
