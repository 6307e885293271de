"""What is kept of a scanned history: used only when it is whole, ours and of the same rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.history.cache import Cache, Scanned
from secretguard.history.hit import Hit
from secretguard.source.git import Git
from tests.secretguard.history.repository import Repository

KEPT = Scanned(["t1"], [Hit("c", "p\udcff", "b", 3, "r", "v")])
KEY = b"k" * 32


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(str(Repository(tmp_path / "repo").path))


def test_comes_back(git: Git) -> None:
    """What was saved is loaded, by the same rules and key alone."""
    Cache(git, "rules", KEY).save(KEPT)
    assert Cache(git, "rules", KEY).load() == KEPT
    assert Cache(git, "others", KEY).load() is None
    assert Cache(git, "rules", b"x" * 32).load() is None


def test_damaged_is_not_used(git: Git, own_home: Path) -> None:
    """Each byte that is changed or cut off makes it unusable; so does a mode that lets others write."""
    Cache(git, "rules", KEY).save(KEPT)
    [path] = own_home.rglob("history/*.json")
    whole = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    for at in range(len(whole)):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            path.write_bytes(damaged)
            assert Cache(git, "rules", KEY).load() is None, at
    path.write_bytes(whole)
    path.chmod(0o622)
    assert Cache(git, "rules", KEY).load() is None


def test_a_folder_that_cannot_be_written(git: Git, own_home: Path) -> None:
    """Nothing is kept, nothing is said: the scan itself lost nothing."""
    (own_home / "cache").mkdir(parents=True, exist_ok=True)
    (own_home / "cache" / "history").write_text("a file in the way")
    Cache(git, "rules", KEY).save(KEPT)
    assert Cache(git, "rules", KEY).load() is None


def test_too_much_is_not_kept(git: Git, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result over the cap is not written."""
    monkeypatch.setattr("secretguard.history.cache.LARGEST", 10)
    Cache(git, "rules", KEY).save(KEPT)
    assert not list(own_home.rglob("history/*.json"))
