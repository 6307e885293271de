"""What a look saw, kept and read again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.worktree.snapshot import Row, Snapshot, load, save

ROW = Row(0o100644, 3, 1, 2, 9, "d")
NAMES = st.text(st.characters(codec=None), max_size=8) | st.just("\udcff\n\x1b")


@given(st.dictionaries(NAMES, st.just(ROW), max_size=4), st.lists(NAMES, max_size=2))
def test_it_comes_back(files: dict[str, Row], gaps: list[str]) -> None:
    """Whatever names files have: line ends, control characters, bytes that are no UTF-8."""
    path = os.path.join(os.environ["SECRETGUARD_HOME"], "snapshot")
    snapshot = Snapshot(5, 7, {"": "abc", "sub": ""}, gaps, files)
    save(path, snapshot)
    assert load(path) == snapshot
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_none_is_no_error(tmp_path: Path) -> None:
    """The first look of a session has nothing to remember."""
    assert load(str(tmp_path / "none")) is None


GOOD = {"v": 1, "taken": 1, "journal": 1, "heads": {}, "gaps": [], "files": {"a": list(ROW)}}


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"{", b"[]", b"null",
        *(json.dumps({**GOOD, name: value}).encode() for name, value in
          [("v", 2), ("taken", "x"), ("journal", None), ("heads", []), ("gaps", {}), ("files", []), ("more", 1),
           ("files", {"a": [1]}), ("files", {"a": [1, 2, 3, 4, 5, 6]}), ("files", {"a": None}),
           ("files", {"a": [1, 2, 3, 4, True, "d"]})]),
        json.dumps({k: v for k, v in GOOD.items() if k != "heads"}).encode(),
    ],
)  # fmt: skip
def test_a_damaged_one_is_said(tmp_path: Path, damage: bytes) -> None:
    """It is never taken for an empty project: every file would look new."""
    (tmp_path / "a").write_bytes(json.dumps(GOOD).encode())
    assert load(str(tmp_path / "a")) is not None
    (tmp_path / "a").write_bytes(damage)
    with pytest.raises(ValueError, match=r"."):
        load(str(tmp_path / "a"))


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Neither read nor written through."""
    (tmp_path / "real").write_text("{}")
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OSError, match="Too many levels"):
        load(str(tmp_path / "link"))
    save(str(tmp_path / "link"), Snapshot(1, 1))
    assert (tmp_path / "real").read_text() == "{}"


def test_the_old_one_stays_when_the_new_one_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all; nothing half-written is left behind."""
    path = str(tmp_path / "a")
    save(path, Snapshot(1, 1))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save(path, Snapshot(2, 2))
    assert load(path) == Snapshot(1, 1)
    assert os.listdir(tmp_path) == ["a"]
