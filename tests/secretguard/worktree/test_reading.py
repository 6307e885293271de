"""Contents, as far as one look may read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from secretguard.worktree import reading
from secretguard.worktree.listing import listing
from secretguard.worktree.reading import Contents
from secretguard.worktree.snapshot import UNKNOWN, Row, Snapshot

KEY = b"k" * 32


def rows(folder: Path) -> dict[str, Row]:
    return listing(str(folder), time.monotonic() + 20).files


def test_files_links_and_special_files(tmp_path: Path) -> None:
    """Each by its own: contents, what a link names, words for the rest."""
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").symlink_to("a")
    os.mkfifo(tmp_path / "c")
    found = Contents(str(tmp_path), KEY)
    digests = {name: found.digest(name, row) for name, row in rows(tmp_path).items()}
    assert len(digests["a"]) == len(digests["b"]) == 73
    assert digests["a"] != digests["b"]
    assert digests["c"] == "not read: no regular file"


def test_no_more_is_read_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large has words; when the look's bytes are used up, the rest is unknown."""
    monkeypatch.setattr(reading, "LARGEST_FILE", 2048)
    monkeypatch.setattr(reading, "MOST_BYTES", 3000)
    for name, size in (("a", 2000), ("b", 2000), ("c", 5000)):
        (tmp_path / name).write_bytes(b"1" * size)
    found = Contents(str(tmp_path), KEY)
    digests = {name: found.digest(name, row) for name, row in rows(tmp_path).items()}
    assert len(digests["a"]) == 73
    assert digests["b"] == UNKNOWN
    assert digests["c"] == "not read: larger than 2 KiB"


def test_filling(tmp_path: Path) -> None:
    """What is not known is read, but not a file that moved since it was listed, and not after the deadline."""
    for name in "abc":
        (tmp_path / name).write_text("1")
    snapshot = Snapshot(1, 1, {}, [], rows(tmp_path))
    (tmp_path / "b").write_text("longer")
    (tmp_path / "c").unlink()
    assert not Contents(str(tmp_path), KEY).fill(snapshot, time.monotonic() - 1)
    assert Contents(str(tmp_path), KEY).fill(snapshot, time.monotonic() + 20)
    assert len(snapshot.files["a"].digest) == 73
    assert (snapshot.files["b"].digest, snapshot.files["c"].digest) == (UNKNOWN, UNKNOWN)


def test_when_a_file_went(tmp_path: Path) -> None:
    """By the nearest folder that is still there, the project's own at the end."""
    (tmp_path / "d").mkdir()
    os.utime(tmp_path / "d", ns=(5, 5))
    os.utime(tmp_path, ns=(7, 7))
    found = Contents(str(tmp_path), KEY)
    assert [found.gone_at(name) for name in ("d/a", "d/e/a", "a", "e/a")] == [5, 5, 7, 7]
    assert Contents(str(tmp_path / "gone"), KEY).gone_at("a") == 0


def test_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gone is gone; where nobody can tell, it is not said to be deleted."""
    (tmp_path / "a").write_text("1")
    found = Contents(str(tmp_path), KEY)
    assert [found.exists(name) for name in ("a", "b", "a/b")] == [True, False, False]

    def refused(path: str) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refused)
    assert found.exists("b")
