"""Files that are kept: written so that a name never points at half a file."""

import os
from pathlib import Path

from django.conf import settings


def path_of(name: str) -> Path:
    """Return where an artifact lies. Raises ValueError for a name that leaves the folder."""
    if Path(name).name != name:
        raise ValueError(f"not an artifact name: {name!r}")
    return Path(settings.ARTIFACTS_DIR) / name


def write_durably(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: temporary name, then as `move_durably`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        move_durably(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def move_durably(temporary: Path, path: Path) -> None:
    """Give a finished file of the same file system its name: fsync, rename, fsync of the folders on the way to it."""
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    _flush(temporary)
    os.replace(temporary, path)
    for folder in (path.parent, *(folder.parent for folder in missing)):
        _flush(folder)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
