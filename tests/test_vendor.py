"""What is shipped from others is what vendor.lock says; no page reaches outside or carries inline code."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCK = json.loads((ROOT / "static/vendor/vendor.lock").read_text())
LOCKED = {path: digest for entry in LOCK for path, digest in entry["sha256"].items()}
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
OWN_SCRIPTS = sorted(path for path in ROOT.glob("static/**/*.js") if "vendor" not in path.parts)
OWN_STYLES = sorted(path for path in ROOT.glob("static/**/*.css") if "vendor" not in path.parts)

# Print templates go to the PDF writer and never to a browser, and keep to the same rules.
FORBIDDEN_IN_TEMPLATES = {
    "an address outside": re.compile(r"""(?:src|href|action|url\()\s*=?\s*["']?(?:https?:)?//""", re.I),
    "an inline style": re.compile(r"""\sstyle\s*=\s*["']""", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline handler": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.I),
    "an htmx script": re.compile(r"""\shx-on|\shx-(?:vals|headers)\s*=\s*["']js:|\shx-trigger\s*=\s*["'][^"']*\[""", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "a script without src": re.compile(r"""<script(?![^>]*\bsrc=)(?![^>]*type=["']application/json["'])[^>]*>""", re.I),
}


@pytest.mark.parametrize("path", sorted(LOCKED))
def test_vendored_file_is_the_locked_one(path):
    """A changed file means: change script/vendor and run it."""
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == LOCKED[path]


def test_nothing_unlocked_lies_in_the_vendor_folders():
    """Every file there has a hash, a version and a licence beside it."""
    present = {
        str(path.relative_to(ROOT))
        for home in ("static/vendor", "tests/vendor")
        for path in (ROOT / home).rglob("*")
        if path.is_file() and path.name != "vendor.lock"
    }
    assert present == set(LOCKED)
    for entry in LOCK:
        assert any(path.endswith("/LICENSE") for path in entry["sha256"]), entry["npm"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_has_no_inline_code_and_no_outside_address(path):
    """The content security policy would block it, and a closed network could not load it."""
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
    found = [name for name, pattern in FORBIDDEN_IN_TEMPLATES.items() if pattern.search(text)]
    assert not found, f"{path.relative_to(ROOT)} has {', '.join(found)}"


@pytest.mark.parametrize("path", OWN_SCRIPTS + OWN_STYLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_own_script_or_style_loads_nothing_from_outside(path):
    """No CDN, no font or script from outside, and no code from text."""
    text = path.read_text().replace("http://www.w3.org/", "")
    assert not re.search(r"https?://", text)
    assert not re.search(r"\beval\s*\(|new Function\s*\(", text)


def test_every_icon_a_template_names_is_in_the_sprite():
    """A missing symbol shows as nothing at all."""
    sprite = next(path for path in LOCKED if path.endswith("icons.svg"))
    ids = set(re.findall(r'id="([^"]+)"', (ROOT / sprite).read_text()))
    used = {
        (icon, path.name)
        for path in TEMPLATES + OWN_SCRIPTS
        for icon in re.findall(r"icons\.svg[^#\"']*[\"' %}]*#([a-z0-9-]+)", path.read_text())
    }
    assert not {pair for pair in used if pair[0] not in ids}
