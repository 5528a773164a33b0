"""The whole product as it runs in production, on a database of its own: gunicorn, a Celery worker, PostgreSQL, Redis."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Account:
    """A line of the demo's list of accounts."""

    login: str
    password: str
    role: str
    unit: str


@dataclass
class Site:
    """Processes, addresses and accounts of one running site."""

    folder: Path
    database_url: str
    redis_url: str
    port: int
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("TWR_TEST", "DJANGO_SETTINGS_MODULE")}
        return kept | {
            "DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "TWR_DATA_DIR": str(self.folder),
            "ALLOWED_HOSTS": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def prepare(self) -> None:
        """Migrate, load the demo district, collect static files: what script/server does before it starts anything."""
        done = subprocess.run(
            [sys.executable, "script/prepare.py"], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stderr[-3000:]
        lines = (self.folder / "demo-accounts.tsv").read_text(encoding="utf-8").splitlines()
        rows = [Account(*line.split("\t")[:4]) for line in lines if line and "\t" in line]
        self.accounts = {row.login: row for row in rows}

    def start_web(self) -> None:
        """Start gunicorn with the product's own settings file and wait until it answers.

        Without recycling: the suite asks for more pages than a process serves in its life, and a browser that talks to one
        just then sees a closed connection, which a proxy would hide from it.
        """
        place = ("--bind", f"127.0.0.1:{self.port}", "--max-requests", "0")
        self._start("web", "gunicorn", "-c", "config/gunicorn.conf.py", *place, "config.wsgi:application")
        self.wait_for(lambda: self.is_answering(), "the web server")

    def start_worker(self) -> None:
        """Start a worker as script/server does."""
        self._start(
            "worker", "celery", "--quiet", "-A", "config.celery:app", "worker", "-Q", "default", "--pool", "prefork",
            "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING",
        )  # fmt: skip

    def _start(self, name, *command) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self, name: str, how: int = signal.SIGTERM) -> None:
        """Stop one part with all its children; SIGKILL means pulling the plug."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        for sign in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, sign)
                process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        process.wait(20)

    def stop_all(self) -> None:
        """Stop everything that was started."""
        for name in list(self.processes):
            self.stop(name)

    def is_answering(self) -> bool:
        """Whether the web server answers at all, whatever it says of the worker."""
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def is_well(self) -> bool:
        """Whether database, broker and worker are all there."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait_for(self, condition, what: str, patience: float = PATIENCE):
        """Wait until a condition holds, or fail with the logs."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what} was not there within {patience} s.\n{self.logs()}")

    def logs(self) -> str:
        """The last words of every part."""
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in self.folder.glob("*.log"))

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement on the site's database: what no page shows or does."""
        with psycopg2.connect(self.database_url) as link, link.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def make_site(folder: Path) -> Site:
    """Make a database of its own beside the tests' one, and a number of its own in Redis."""
    database_url, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    database = f"site_{secrets.token_hex(6)}"
    _administer(database_url, f'CREATE DATABASE "{database}"')
    number = 7 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    site = Site(folder, _other_path(database_url, database), _other_path(redis_url, str(number)), _free_port())
    folder.mkdir(parents=True, exist_ok=True)
    return site


def drop_database(site: Site) -> None:
    """Remove the site's database."""
    _administer(os.environ["DATABASE_URL"], f'DROP DATABASE IF EXISTS "{urlsplit(site.database_url).path[1:]}" WITH (FORCE)')


def _administer(database_url: str, statement: str) -> None:
    link = psycopg2.connect(database_url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()


def _other_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
