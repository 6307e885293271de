"""The last good texts of a layer."""

from __future__ import annotations

from pathlib import Path

from secretguard.policy.last_good import recall, remember
from secretguard.policy.source import REPOSITORY, USER, Source


def test_what_was_remembered_is_recalled() -> None:
    """With its place and its missing parts; the latest counts."""
    assert recall(USER, "/p") is None
    remember(Source(USER, "/p", "ü".encode(), None), "/p")
    found = recall(USER, "/p")
    assert found is not None
    assert (found.name, found.place, found.rules, found.facts) == (USER, "/p", "ü".encode(), None)
    remember(Source(USER, "/p", b"", b"later"), "/p")
    again = recall(USER, "/p")
    assert again is not None
    assert again.facts == b"later"


def test_layers_and_anchors_do_not_mix() -> None:
    """A folder's texts are not a repository's, and no other folder's."""
    remember(Source(USER, "/p", b"x", b"y"), "/p")
    assert recall(REPOSITORY, "/p") is None
    assert recall(USER, "/q") is None


def test_nothing_is_written_where_nothing_changed(own_home: Path) -> None:
    """Every refresh comes by here."""
    remember(Source(USER, "/p", b"x", b"y"), "/p")
    (file,) = (own_home / "state" / "policy").iterdir()
    before = file.stat().st_ino
    remember(Source(USER, "/p", b"x", b"y"), "/p")
    assert file.stat().st_ino == before


def test_a_damaged_copy_is_none(own_home: Path) -> None:
    """It is not believed by halves."""
    remember(Source(USER, "/p", b"x", b"y"), "/p")
    (file,) = (own_home / "state" / "policy").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert recall(USER, "/p") is None
