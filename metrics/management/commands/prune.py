"""manage.py prune: what the worker removes every day, on request; --dry-run says what would go and removes nothing."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from metrics.services import prune

WORDS = {
    "form_keys": "表单防重记录", "operations": "单元格操作记录", "previews": "看过的预览", "jobs": "已结束的任务",
    "imports": "到期的导入",
}  # fmt: skip
WITH_FILES = ("previews", "jobs", "imports")


class Command(BaseCommand):
    """How long what is kept stands in the settings (KEPT_..._DAYS) and in docs/operations.md."""

    help = "Remove old form keys, finished jobs with their files, and files of old imports; --dry-run only counts."

    def add_arguments(self, parser):
        """Let it only be said."""
        parser.add_argument("--dry-run", action="store_true", help="say what would go and remove nothing")

    def handle(self, *args, dry_run, **options):
        """Print one line a sort."""
        verb = "将清除" if dry_run else "已清除"
        for row in prune(now=timezone.now(), dry_run=dry_run):
            files = f"，文件 {row.files} 个（{row.size / (1 << 20):.1f} MB）" if row.what in WITH_FILES else ""
            self.stdout.write(f"{verb}{WORDS[row.what]} {row.rows} 条{files}")
