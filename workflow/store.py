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
    """Write a file whole or not at all: temporary name, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
