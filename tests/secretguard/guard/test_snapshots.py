"""Private copies: only this user's, whole or not there, few, and found again as they were kept."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import GuardError
from secretguard.guard import snapshots
from secretguard.guard.values import Value
from secretguard.places import snapshots_dir, state_dir

IDS = {"session_id": "session", "tool_use_id": "call"}
VALUES = {"0123456789": Value(b"value", 0, 1)}


def kept(data: bytes = b"T=value\n", path: str = "/project/a.env") -> snapshots.Snapshot:
    with snapshots.Locked():
        snapshots.keep(path, data, VALUES, IDS)
    snapshot = snapshots.read(snapshots.waiting()[-1])
    assert snapshot is not None
    return snapshot


def test_a_copy_is_private_and_comes_back_as_it_was() -> None:
    """0600 in 0700; whose it is, which file, its bytes, its values."""
    path = os.fsdecode(b"/project/\xff\n.env")
    snapshot = kept(b"T=value\n\xff\0\n", path)
    assert os.stat(snapshot.file).st_mode & 0o777 == 0o600
    assert os.stat(snapshots_dir()).st_mode & 0o777 == 0o700
    assert (snapshot.path, snapshot.data, snapshot.ids) == (path, b"T=value\n\xff\0\n", IDS)
    assert {digits: value.text for digits, value in snapshot.values.items()} == {"0123456789": b"value"}
    assert os.path.dirname(snapshot.fresh) == "/project"


def test_a_two_byte_file_is_kept_as_it_is() -> None:
    """Its values are found in it all the same."""
    wide = b"\xff\xfe" + "T=value\n".encode("utf-16-le")
    snapshot = kept(wide)
    assert snapshot.data == wide
    assert snapshot.values["0123456789"].text == b"value"


def test_dropping_leaves_nothing(tmp_path: Path) -> None:
    """The copy and what waited beside the file; twice is once."""
    snapshot = kept(path=str(tmp_path / "a.env"))
    Path(snapshot.fresh).write_text("half")
    snapshots.drop(snapshot)
    snapshots.drop(snapshot)
    assert snapshots.waiting() == []
    assert list(tmp_path.iterdir()) == []


def test_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy too many is refused, and with it its write."""
    monkeypatch.setattr(snapshots, "MOST", 2)
    kept()
    kept()
    with pytest.raises(GuardError, match="2 copies"):
        kept()


def test_a_value_that_is_not_there_is_not_kept() -> None:
    """The file changed meanwhile: nothing could be put back from such a copy."""
    with pytest.raises(GuardError, match="not in"):
        kept(b"T=other\n")
    assert snapshots.waiting() == []


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_full_disk_keeps_nothing_and_says_so(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write that needed the copy is refused; no part of it stays."""
    kept()
    before = snapshots.waiting()
    own = getattr(os, call)

    def full(*given: object, **named: object) -> object:
        if call == "open" and str(given[0]).endswith(".lock"):
            return own(*given, **named)
        raise OSError(28, "No space left on device")

    with snapshots.Locked(), monkeypatch.context() as failing:
        failing.setattr(os, call, full)
        with pytest.raises(GuardError, match="No space left"):
            snapshots.keep("/project/a.env", b"T=value\n", VALUES, IDS)
    assert snapshots.waiting() == before


def test_a_folder_that_others_may_write_is_not_used() -> None:
    """What lies in it would not be ours."""
    kept()
    os.chmod(snapshots_dir(), 0o777)
    with pytest.raises(GuardError, match="not private"):
        kept()


@given(st.binary(max_size=200))
def test_what_is_no_copy_is_none(data: bytes) -> None:
    """Cut off, damaged, anything: never an exception."""
    os.makedirs(snapshots_dir(), mode=0o700, exist_ok=True)
    for content in (data, b'{"path":' + data, b'{"at":1,"ids":{},"path":"/a","values":' + data + b"}\n"):
        Path(snapshots_dir(), "one").write_bytes(content)
        found = snapshots.read("one")
        assert found is None or not found.values


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Nor is what is not there, or a folder."""
    real = Path(kept().file).rename(tmp_path / "elsewhere")
    Path(snapshots_dir(), "link").symlink_to(real)
    Path(snapshots_dir(), "folder").mkdir()
    assert [snapshots.read(name) for name in ("link", "folder", "absent")] == [None] * 3


def test_the_lock_is_waited_for_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that hangs with it holds nobody up."""
    monkeypatch.setattr(snapshots, "WAIT", 0.05)
    with snapshots.Locked():
        pass
    fd = os.open(os.path.join(state_dir(), "snapshots.lock"), os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        with pytest.raises(GuardError, match="busy"), snapshots.Locked():
            pass
    finally:
        os.close(fd)
    with snapshots.Locked():
        pass
