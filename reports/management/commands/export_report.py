"""manage.py export_report: a report, or all of a year, as files, without the browser.

Says in one line what is wrong, and leaves no half file.
"""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reports.exports import document_to_export, missing_notes
from reports.models import Report
from reports.render import files
from workflow.store import write_durably
from workflow.transitions import Refused


class Command(BaseCommand):
    """Exit status 2 for an unknown unit, a missing report or an unwritable file."""

    help = (
        "Export an annual report: --unit CODE --year YYYY --format pdf|pdfa|docx|xlsx|json --output FILE; "
        "--all --year YYYY --output FOLDER [--drafts] those of all townships; --list shows what there is."
    )

    def create_parser(self, prog_name, subcommand, **kwargs):
        """Return the parser; what it refuses is one line, without the usage. Its --version is the report's, not Django's."""
        parser = super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)
        if getattr(self, "_called_from_command_line", False):
            parser.error = lambda message: parser.exit(2, _("Wrong argument: %(message)s") % {"message": message} + "\n")
        return parser

    def add_arguments(self, parser):
        """Name the unit, the year and the file, or ask for the list."""
        parser.add_argument("--list", action="store_true", help="print CODE YEAR STATUS a line and stop")
        parser.add_argument("--all", action="store_true", help="all townships of a year, --output being a folder")
        parser.add_argument("--drafts", action="store_true", help="with --all: drafts too, marked as not approved")
        parser.add_argument("--unit", help="12-digit code of the township, or of the district")
        parser.add_argument("--year", type=int)
        parser.add_argument("--format", choices=tuple(files.FORMATS), default=files.DEFAULT)
        parser.add_argument("--output", type=Path)
        parser.add_argument("--version", type=int, help="a frozen version; without it the one in force, else the draft")

    def handle(self, *args, **options):
        """List, or render and write."""
        if options["list"]:
            rows = Report.objects.select_related("unit").order_by("unit__code", "year")
            self._say([f"{row.unit.code} {row.year} {row.state}" for row in rows])
            return
        if options["all"]:
            self._write_all(options)
            return
        report = self._find(options)
        self._write(report, options["output"], options["version"], options["format"])

    def _find(self, options) -> Report:
        missing = [f"--{name}" for name in ("unit", "year", "output") if not options[name]]
        if missing:
            raise CommandError(_("These arguments are missing: %(names)s.") % {"names": " ".join(missing)}, returncode=2)
        from accounts.models import Unit

        units = Unit.objects.townships() | Unit.objects.districts()
        if not units.filter(code=options["unit"]).exists():
            reason = _("No township or district has the code %(unit)s; --list shows the reports there are.")
            raise CommandError(reason % {"unit": options["unit"]}, returncode=2)
        report = Report.objects.select_related("unit__parent").filter(unit__code=options["unit"], year=options["year"]).first()
        if report is None:
            reason = _("%(unit)s has no report of %(year)d; --list shows the reports there are.")
            raise CommandError(reason % {"unit": options["unit"], "year": options["year"]}, returncode=2)
        return report

    def _write(self, report: Report, output: Path, version: int | None, file_format: str) -> None:
        from reports.render.fonts import FontsMissing
        from reports.render.html import ReportRefused
        from reports.render.pdf import RenderError

        if output.is_dir():
            raise CommandError(_("%(path)s is a folder: name a file in it.") % {"path": output}, returncode=2)
        if not output.parent.is_dir():
            raise CommandError(_("The folder %(path)s does not exist.") % {"path": output.parent}, returncode=2)
        try:
            rendered = files.render(document_to_export(report, version), file_format)
            write_durably(output, rendered.data)
        except (Refused, ReportRefused, RenderError, FontsMissing) as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            reason = _("%(path)s cannot be written: %(reason)s.") % {"path": output, "reason": error.strerror}
            raise CommandError(reason, returncode=2) from error
        line = _("%(path)s: %(pages)d pages") % {"path": output, "pages": rendered.pages} if rendered.pages else f"{output}"
        self._say([line], missing_notes(rendered.missing))

    def _write_all(self, options) -> None:
        """Make all files, name on the error channel what is left out, and pack what there is into the folder."""
        from reports.batch_files import pack_folder
        from reports.batches import list_entries, make_file, notes_of
        from reports.render.fonts import FontsMissing
        from reports.services.batches import batch_title
        from workflow.jobs import JobFailed

        district, year, folder = self._district(options), options["year"], options["output"]
        entries = list_entries(district, year, with_drafts=options["drafts"])
        if not any(entry.is_pending for entry in entries):
            raise CommandError(_("There is no report of %(year)d to export.") % {"year": year}, returncode=2)
        try:
            folder.mkdir(exist_ok=True)
            for entry in entries:
                if entry.is_pending:
                    make_file(entry, options["format"])
            pack_folder(folder, entries, options["format"], batch_title(district, year))
        except (FontsMissing, JobFailed) as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            reason = _("%(path)s cannot be written: %(reason)s.") % {"path": folder, "reason": error.strerror}
            raise CommandError(reason, returncode=2) from error
        made = sum(bool(entry.artifact) for entry in entries)
        line = _("%(path)s: %(made)d of %(all)d townships") % {"path": folder, "made": made, "all": len(entries)}
        self._say([line], tuple(notes_of(entries)))

    def _district(self, options):
        from accounts.models import Unit

        missing = [f"--{name}" for name in ("year", "output") if not options[name]]
        if missing:
            raise CommandError(_("These arguments are missing: %(names)s.") % {"names": " ".join(missing)}, returncode=2)
        if not options["output"].parent.is_dir():
            raise CommandError(_("The folder %(path)s does not exist.") % {"path": options["output"].parent}, returncode=2)
        if options["version"]:
            raise CommandError(_("--all exports what is in force: leave --version out."), returncode=2)
        districts = Unit.objects.districts()
        found = list(districts.filter(code=options["unit"]) if options["unit"] else districts[:2])
        if len(found) != 1:
            reason = _("Name the district with --unit CODE: %(unit)s is none, or there is more than one.")
            raise CommandError(reason % {"unit": options["unit"] or "—"}, returncode=2)
        return found[0]

    def _say(self, lines: list[str], notes: tuple[str, ...] = ()) -> None:
        """Tell what there is or was written. Nobody may be listening any more (| head -1): a file is written all the same."""
        try:
            for note in notes:
                self.stderr.write(note)
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python complains once more at its end
