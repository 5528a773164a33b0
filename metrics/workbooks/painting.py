"""The workbook that was sent, as it was but with refused cells red: painted in the process that may be killed (child.py)."""

from __future__ import annotations

import json
import subprocess
import sys

from metrics.workbooks.gate import WorkbookRefused, check_workbook
from metrics.workbooks.reading import CHILD, MEMORY
from metrics.workbooks.writing import clean

SECONDS, FILE_SIZE = 20, 64 << 20  # writing takes longer than reading, and goes through a file for each sheet
Marks = dict[tuple[int, int], str]


def painted(data: bytes, sheet: str, marks: Marks) -> bytes | None:
    """Return a workbook with cells in red and the reasons as comments; None for what is no workbook or too hard to write.

    `marks`: (row, column), both from 1 -> the reason. Formulas come out as the values that stood beside them.
    """
    if not data.startswith(b"PK"):
        return None
    wanted = {"sheet": sheet, "marks": [[*place, clean(text)] for place, text in marks.items()]}
    command = [sys.executable, "-I", str(CHILD), "paint", str(MEMORY), str(SECONDS), str(FILE_SIZE)]
    try:
        check_workbook(data)
        done = subprocess.run(
            command, input=json.dumps(wanted).encode() + b"\n" + data, capture_output=True, timeout=SECONDS, env={}, check=False
        )
    except (WorkbookRefused, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"PK") else None
