"""Whole objects: what they are read by, and where they are said to come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.history import blobs
from secretguard.source.git import Git
from tests.secretguard.history.repository import SCANNER, Repository, nothing, scanned_blobs, token


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_all_blobs_once(repo: Repository) -> None:
    """Each content is listed once, whatever it is called; trees and commits are not."""
    repo.commit("a", "same\n")
    repo.commit("b", "same\n")
    repo.commit("c", "other\n")
    assert len(blobs.listed(Git(str(repo.path)))) == 2


def test_binary_is_said_with_its_bytes(repo: Repository) -> None:
    """Objects that hold no text are gaps with their bytes; UTF-16 is text."""
    repo.commit("a", b"\0\1\2" * 100)
    repo.commit("b", b"\0\1\3" * 100)
    repo.commit("c", f"key = {token(1)}\n".encode("utf-16"))
    scan = scanned_blobs(repo.path)
    assert [(item.reason, item.bytes) for item in scan.gaps] == [("binary", 300), ("binary", 300)]
    assert [one.secret.reveal() for one in scan.findings] == [token(1)]


def test_large_object_is_read_in_windows(repo: Repository) -> None:
    """A secret far into an object that is longer than a window is found."""
    repo.commit("a", b"x" * 79 + b"\n" + (b"y" * 79 + b"\n") * 120_000 + f"k={token(1)}\n".encode())
    part = blobs.sifted(SCANNER, Git(str(repo.path)), blobs.listed(Git(str(repo.path))), 1, nothing)
    assert len(part.hits) == 1
    assert [one.line for one in scanned_blobs(repo.path).findings] == [120_002]


@pytest.mark.parametrize("name", [":colon", "new\nline", "\x01mark"])
def test_odd_names(repo: Repository, name: str) -> None:
    """Names that look like git's own fields are names."""
    repo.commit(name, f"{token(1)}\n")
    [one] = scanned_blobs(repo.path).findings
    assert one.path == name
    assert one.commit is not None
    assert one.commit.id == repo.head()
