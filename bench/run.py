"""Runs the benches named on the command line, or all: export entry save growth. Writes bench/results.md.

Always on SQLite in a scratch folder; with DATABASE_URL the benches that depend on the database run there too, in a scratch
database of that server.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.md"
# Name -> seconds for its rounds. The entry page comes before the saves, which leave a reminder under almost every row of it.
BENCHES = {"export": 60.0, "entry": 15.0, "save": 20.0, "growth": 15.0}
ON_SERVER = ("entry", "save", "growth")


def main(arguments: list[str]) -> int:
    """Parent: one child a database; child (`--child NAMES`): measure and print JSON."""
    if arguments[:1] == ["--child"]:
        return measure(arguments[1:])
    names, load = arguments or list(BENCHES), os.getloadavg()[0]
    if unknown := [name for name in names if name not in BENCHES]:
        print(f"no such bench: {' '.join(unknown)}; there are {' '.join(BENCHES)}", file=sys.stderr)
        return 2
    facts, chapters = [], []
    url = os.environ.get("DATABASE_URL", "")
    for address, wanted in (("", names), (url, [name for name in names if name in ON_SERVER] if url else [])):
        if wanted:
            found = run_child(address, wanted)
            facts.append(tuple(found["database"]))
            chapters += found["chapters"]
    write(names, facts, chapters, load)
    return 0


def run_child(address: str, names: list[str]) -> dict:
    """Measure in a process of its own, with a scratch data folder; its last line of output is the result."""
    with tempfile.TemporaryDirectory(prefix="township-bench.") as folder:
        environment = {**os.environ, "TWR_DATA_DIR": folder, "TWR_TEST": "1", "DATABASE_URL": address, "REDIS_URL": ""}
        command = [sys.executable, str(Path(__file__).resolve()), "--child", *names]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=300, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(names: list[str]) -> int:
    """Set up Django and a scratch database, run the benches, print their chapters."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import logging
    import warnings

    import django

    warnings.simplefilter("ignore")
    django.setup()
    logging.disable(logging.WARNING)
    from bench import machine, world

    with world.scratch_database():
        world.load_demo()
        chapters = []
        for name in names:
            print(f"… {name}", file=sys.stderr, flush=True)
            chapters.append(import_module(f"bench.{name}").run(BENCHES[name]))
        database = machine.database_fact()
    print(json.dumps({"database": database, "chapters": [asdict(chapter) for chapter in chapters]}))
    return 0


def write(names: list[str], databases: list[tuple[str, str]], chapters: list[dict], load: float) -> None:
    """Print the chapters; a run of all benches also becomes bench/results.md."""
    sys.path.insert(0, str(ROOT))
    from bench import machine
    from bench.results import Chapter, Line, write_results

    made = [Chapter(**{**chapter, "lines": [Line(**line) for line in chapter["lines"]]}) for chapter in chapters]
    prefix = "DATABASE_URL=… " if os.environ.get("DATABASE_URL") else ""
    facts = [*machine.describe(prefix + shlex.join(["script/bench", *sys.argv[1:]]), load), *databases]
    print("\n".join(chapter.as_text() for chapter in made))
    if set(names) == set(BENCHES):
        write_results(RESULTS, facts, made)
        print(f"written to {RESULTS.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
