"""The digest that tells one version of the program from another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.resident import stamp


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of two files, in the place of this one."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "inner" / "b.py").write_text("1")
    monkeypatch.setattr(stamp, "_HERE", str(tmp_path))
    return tmp_path


def test_it_changes_with_every_file(program: Path) -> None:
    """Changed, touched, added, deleted, at any depth."""
    seen = [stamp.stamp()]
    (program / "inner" / "b.py").write_text("12")
    seen.append(stamp.stamp())
    os.utime(program / "a.py", (1, 1))
    seen.append(stamp.stamp())
    (program / "inner" / "c.py").write_text("")
    seen.append(stamp.stamp())
    (program / "a.py").unlink()
    seen.append(stamp.stamp())
    assert len(set(seen)) == len(seen)


def test_it_stays_where_nothing_changes(program: Path) -> None:
    """What the interpreter caches beside the sources is no change."""
    before = stamp.stamp()
    (program / "__pycache__").mkdir()
    (program / "__pycache__" / "a.py").write_text("x")
    assert stamp.stamp() == before


def test_the_native_scanner_counts(tmp_path: Path) -> None:
    """Another wheel is another program."""

    class Native:
        __file__ = str(tmp_path / "hs.so")

    (tmp_path / "hs.so").write_text("1")
    before = stamp.stamp(Native)
    (tmp_path / "hs.so").write_text("12")
    assert stamp.stamp(Native) != before
