"""Word and Excel files are zip archives: written again with fixed times, so that equal content is equal bytes."""

from __future__ import annotations

import io
import re
import zipfile

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def with_fixed_times(data: bytes, *, date: str) -> bytes:
    """Return the archive with every time in it set to `date` (2025-12-18T00:00:00Z) or, for the entries, to the zip's first."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == CORE:
                content = MODIFIED.sub(rb"\g<1>" + date.encode() + rb"\3", content)
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            copy.writestr(entry, content)
    return target.getvalue()


def day_of(issue_date: str) -> str:
    """Return the time of an issue date, 2025年12月18日, as these files write it; without one, the first of 2000."""
    match = re.fullmatch(r"(\d{4})年(\d{1,2})月(\d{1,2})日", issue_date.strip())
    return "{}-{:02}-{:02}T00:00:00Z".format(*map(int, match.groups())) if match else "2000-01-01T00:00:00Z"
