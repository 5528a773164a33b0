"""manage.py sweep_evidence: compares the evidence folder with the rows, both ways. Removes only what never became evidence."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from metrics.evidence_sweep import sweep
from metrics.services import settle_gone_entries


class Command(BaseCommand):
    """Exit status 1 when a row's file is missing or not what was stored."""

    help = "Report files without a row and rows without their file; remove uploads that were never finished. --hashes reads all."

    def add_arguments(self, parser):
        """Let every byte be compared."""
        parser.add_argument("--hashes", action="store_true", help="compare the sha256 of every file, not only its size")

    def handle(self, *args, hashes, **options):
        """Print one line a fault, and the counts."""
        settle_gone_entries(now=timezone.now())
        found = sweep(with_hashes=hashes)
        for name in found.missing:
            self.stdout.write(f"缺文件：{name}")
        for name in found.changed:
            self.stdout.write(f"内容不符：{name}")
        for name in found.unknown:
            self.stdout.write(f"无记录：{name}")
        counts = f"共 {found.rows} 个文件；缺 {len(found.missing)}，不符 {len(found.changed)}，无记录 {len(found.unknown)}；"
        self.stdout.write(f"{counts}清除未完成的上传 {found.removed} 个。")
        if found.missing or found.changed:
            raise SystemExit(1)
