"""manage.py import_units: take in the table of a district's units, or say with --dry-run what it would do."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.services.unit_import import UnitPlan, import_units, plan_units
from metrics.unit_table import COLUMNS, Fault, UnitTableError, read_unit_table

MOST_FAULTS_SHOWN = 20
WORDS = {"new": "新增", "changed": "更新", "ended": "终止", "same": "不变"}


class Command(BaseCommand):
    """Read a CSV table; every line is good, or nothing is written and the faults are named (exit status 2)."""

    help = f"Import units from CSV: {','.join(COLUMNS)} (districts first is not needed). --dry-run only says what would be."

    def add_arguments(self, parser):
        """Take the file, the year of its population column, and whether it is only a trial."""
        parser.add_argument("file", help="CSV in UTF-8 or GB18030")
        parser.add_argument("--year", type=int, default=None, help="year of the population column; this year when left out")
        parser.add_argument("--dry-run", action="store_true", help="print new, changed, ended and refused lines; write nothing")

    def handle(self, *args, file, year, dry_run, **options):
        """Import, or plan."""
        year = year or timezone.localdate().year
        try:
            lines, faults = read_unit_table(_content(file))
            if dry_run:
                self._print(plan_units(lines=lines, year=year), faults)
                return
            if faults:
                raise UnitTableError([str(fault) for fault in faults])
            plan = import_units(by=None, lines=lines, year=year)
        except UnitTableError as error:
            shown = "\n".join(f"  {fault}" for fault in error.faults[:MOST_FAULTS_SHOWN])
            words = _("Nothing was imported; %(count)d places to correct in %(file)s:")
            raise CommandError(words % {"count": len(error.faults), "file": file} + "\n" + shown, returncode=2) from error
        counts = {"made": plan.count("new"), "changed": plan.count("changed", "ended")}
        self.stdout.write(_("%(made)d units created, %(changed)d updated.") % counts)

    def _print(self, plan: UnitPlan, faults: list[Fault]) -> None:
        refused = sorted([*faults, *plan.faults], key=lambda fault: fault.number)
        named = {fault.number for fault in refused}
        rows = [row for row in plan.rows if row.number not in named]
        for row in rows:
            if row.what != "same":
                changes = "；".join(f"{name} {old or '—'} → {new or '—'}" for name, old, new in row.changes)
                self.stdout.write(f"第 {row.number} 行 {WORDS[row.what]} {row.code} {row.name} {changes}".rstrip())
        for fault in refused:
            self.stdout.write(f"第 {fault.number} 行 拒绝 {fault.code} {fault.reason}")
        counts = "，".join(f"{word} {sum(row.what == what for row in rows)}" for what, word in WORDS.items())
        self.stdout.write(f"试运行，没有写入：{counts}，拒绝 {len(named)}。")
        if refused:
            raise SystemExit(2)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        words = _("%(file)s cannot be read: %(reason)s.")
        raise CommandError(words % {"file": file, "reason": error.strerror}, returncode=2) from error
