"""Brings a data folder up to the code, in one process: script/server runs this before it starts anything.

Database, catalogue, report templates, demo data on the first run, static files when they changed, this month's returns.
"""

import hashlib
import io
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402  (the path above comes first)
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402


def run(command: str, **options) -> None:
    """Run a management command without its report; errors still come through."""
    call_command(command, verbosity=0, stdout=io.StringIO(), **options)


def static_fingerprint() -> str:
    """Return a hash over names, sizes and times of all static files and over the installed packages."""
    parts = [(ROOT / "requirements.txt").read_bytes()]
    for path in sorted((ROOT / "static").rglob("*")):
        facts = path.stat()
        parts.append(f"{path}|{facts.st_size}|{facts.st_mtime_ns}".encode())
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def collect_static() -> None:
    """Collect and compress static files unless the folder already holds exactly these."""
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    wanted = static_fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    run("collectstatic", interactive=False, clear=True)
    stamp.write_text(wanted)


def load_demo_once() -> None:
    """Load the demo district into a database that has no users yet."""
    from django.contrib.auth import get_user_model

    if get_user_model().objects.exists():
        return
    print("首次运行：正在载入演示数据……", file=sys.stderr, flush=True)
    run("demo")


def main() -> None:
    """Do every step in order; each is idempotent."""
    django.setup()
    run("migrate", interactive=False)
    run("sync_catalogue")
    run("sync_templates")
    if "--no-demo" not in sys.argv:
        load_demo_once()
    run("open_returns")
    collect_static()


if __name__ == "__main__":
    main()
