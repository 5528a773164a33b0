"""Durable files: the contents reach the disk before the name does, and the name before anybody is told."""

import os

import pytest

from workflow import store


@pytest.fixture
def steps(monkeypatch):
    """What is flushed and renamed, in order; a flush is told by what the descriptor belongs to."""
    told, flush, rename = [], os.fsync, os.replace

    def fsync(descriptor):
        told.append(("flush", os.path.realpath(f"/proc/self/fd/{descriptor}")))
        flush(descriptor)

    def replace(old, new):
        told.append(("rename", str(new)))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    return told


def test_contents_then_name_then_every_new_folder(tmp_path, steps):
    temporary, path = tmp_path / "part", tmp_path / "2026" / "10" / "a.jpg"
    temporary.write_bytes(b"x")
    store.move_durably(temporary, path)
    assert steps == [
        ("flush", str(temporary)), ("rename", str(path)), ("flush", str(path.parent)), ("flush", str(path.parent.parent)),
        ("flush", str(tmp_path)),
    ]  # fmt: skip
    assert path.read_bytes() == b"x"


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.pdf"
    store.write_durably(path, b"old")
    monkeypatch.setattr(os, "replace", lambda old, new: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        store.write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
