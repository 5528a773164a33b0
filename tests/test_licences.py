"""docs/licences.md names every pinned package and every font."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")


def pinned(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {match[1] for line in lines if (match := re.match(r"([a-z0-9][a-z0-9._-]*)==", line))}


def listed():
    cells = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    return {name.strip() for cell in cells for name in cell.split(",")}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pinned_package_has_its_licence(name):
    assert pinned(name) - listed() == set()


def test_every_font_package_has_its_licence():
    rows = [line.split("\t") for line in (ROOT / "fonts.lock").read_text().splitlines() if not line.startswith("#")]
    assert {row[2] for row in rows if row[2] not in PAGE} == set()
