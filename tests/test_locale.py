"""The Chinese catalogue is complete: nothing new in the source, nothing untranslated or fuzzy, formats agree."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
SOURCES = ("accounts", "config", "metrics", "reports", "static/css", "templates", "volunteers", "workflow")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENTRY = re.compile(r'^msgid (".*"(?:\n".*")*)\n', re.MULTILINE)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """A copy of the source with its catalogue brought up to date by makemessages; the tree itself stays as it is."""
    copy = tmp_path_factory.mktemp("messages")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copytree(ROOT / "locale", copy / "locale")
    shutil.copy(ROOT / "manage.py", copy)
    done = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-wrap", "--no-obsolete", "-v", "0"],
        cwd=copy, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return copy / CATALOGUE


def messages(path: Path, *options: str) -> list[str]:
    """The msgids that msgattrib selects; the header's empty one left out."""
    done = subprocess.run(["msgattrib", "--no-wrap", *options, path], capture_output=True, text=True, check=True)
    found = ["".join(re.findall(r'"(.*)"', entry)) for entry in ENTRY.findall(done.stdout)]
    return [msgid for msgid in found if msgid]


def test_the_catalogue_holds_exactly_the_messages_of_the_source(extracted):
    here, there = set(messages(ROOT / CATALOGUE, "--no-obsolete")), set(messages(extracted, "--no-obsolete"))
    assert here == there, (
        f"run makemessages -l zh_Hans --no-wrap; new: {sorted(there - here)[:20]} gone: {sorted(here - there)[:20]}"
    )


def test_every_message_is_translated(extracted):
    assert messages(extracted, "--untranslated", "--no-obsolete") == []


def test_no_translation_is_a_guess(extracted):
    assert messages(extracted, "--only-fuzzy", "--no-obsolete") == []


def test_placeholders_agree():
    done = subprocess.run(
        ["msgfmt", "--check", "--check-format", "-o", "/dev/null", CATALOGUE], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_messages_are_english(extracted):
    """Chinese words may be quoted in an English message where people type or read exactly these; they are never the message."""
    foreign = [
        msgid for msgid in messages(extracted, "--no-obsolete")
        if len(CHINESE.findall(msgid)) > len(re.findall(r"[A-Za-z]", msgid))
    ]  # fmt: skip
    assert foreign == []


def test_translations_are_chinese(extracted):
    """A translation without a single Chinese character was left in English; names of formats may stay."""
    done = subprocess.run(["msgattrib", "--no-wrap", "--translated", "--no-obsolete", extracted], capture_output=True, text=True)
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', done.stdout, re.MULTILINE)
    plain = re.compile(r"%\(\w+\)[sd]|%[sd%]|[\W\d_]|PDF|CSV|Excel|Word|JSON|Ctrl|Enter")
    left = [msgid for msgid, text in pairs if plain.sub("", text) and not CHINESE.search(text)]
    assert left == []
