"""The sweep over the evidence folder: what is missing, what nobody knows, and uploads that were never finished."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from metrics.evidence_gate import incoming_folder
from metrics.models import EvidenceFile

UNFINISHED_SECONDS = 3600  # an upload takes seconds; what lies longer belongs to a process that died
SMALL = ".small.jpg"


@dataclass
class Sweep:
    """What was found: names below the folder, and how many unfinished uploads were removed."""

    rows: int = 0
    removed: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def sweep(*, with_hashes: bool = False) -> Sweep:
    """Compare folder and rows. Unfinished uploads older than an hour are removed; everything else is only reported.

    Files younger than an hour are left out: their row may be on its way.
    """
    found, home = Sweep(), Path(settings.EVIDENCE_DIR)
    known = set()
    for row in EvidenceFile.objects.order_by("pk").iterator():
        found.rows += 1
        known |= {row.stored_as, str(Path(row.stored_as).with_suffix(SMALL))}
        _compare(row, home / row.stored_as, found, with_hashes)
    found.removed = _remove_unfinished()
    for path in sorted(home.glob("*/*/*")):
        name = str(path.relative_to(home))
        if name not in known and _is_old(path):
            found.unknown.append(name)
    return found


def _compare(row: EvidenceFile, path: Path, found: Sweep, with_hashes: bool) -> None:
    if not path.is_file():
        found.missing.append(row.stored_as)
    elif path.stat().st_size != row.size or (with_hashes and hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256):
        found.changed.append(row.stored_as)


def _remove_unfinished() -> int:
    old = [path for path in incoming_folder().iterdir() if _is_old(path)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > UNFINISHED_SECONDS
    except FileNotFoundError:  # it was finished meanwhile
        return False
