"""The files that people sent, kept as they came under the sha256 of their content."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from metrics.models import ImportBatch
from metrics.workbooks.gate import WorkbookRefused
from metrics.workbooks.reading import ReadSheet, read_file
from workflow.store import write_durably

UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")


def keep_original(data: bytes) -> str:
    """Store a file and return its name in the folder; equal content is kept once."""
    name = hashlib.sha256(data).hexdigest()
    path = Path(settings.IMPORTS_DIR) / name
    if not path.is_file() or path.stat().st_size != len(data):
        write_durably(path, data)
    else:
        os.utime(path)  # as young as the batch to come, so that the pruning leaves it
    return name


def original_bytes(batch: ImportBatch) -> bytes:
    """Return a batch's file as it was sent. Raises WorkbookRefused when it is gone."""
    path = Path(settings.IMPORTS_DIR) / Path(batch.stored_as).name
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkbookRefused(_("The file that was sent is no longer in the store. Please choose it once more.")) from error


def read_original(batch: ImportBatch) -> list[ReadSheet]:
    """Read a batch's file again. Raises WorkbookRefused when it is gone or cannot be read."""
    return read_file(original_bytes(batch), batch.file_name)


def clean_name(name: str) -> str:
    """Return a file's name as it may be shown: no folders, no controls, its end kept."""
    return UNSAFE.sub("", Path(name.replace("\\", "/")).name)[-200:] or "table"
