"""A file is replaced whole or not at all, with the mode it should have, and nothing stays behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from secretguard.whole_file import replace


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    return path


def test_content_and_mode(place: Path, tmp_path: Path) -> None:
    """0600 unless told otherwise, whatever the umask; None keeps what there was, and leaves a new file to the umask."""
    before = os.umask(0o077)
    try:
        place.chmod(0o644)
        replace(str(place), b"kept", mode=None)
        assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"kept", 0o644)
        replace(str(place), b"own")
        assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"own", 0o600)
        replace(str(place), b"hook", mode=0o755, durable=True)
        assert place.stat().st_mode & 0o777 == 0o755
        replace(str(tmp_path / "new"), b"", mode=None)
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "fchmod"])
@pytest.mark.parametrize("fresh", ["", "waiting"])
def test_any_failure_leaves_what_was_there(
    call: str, fresh: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a short write, a failing rename: the old content, and no other file."""

    def full(*_: object) -> int:
        if call == "write":
            return 3
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space left"):
        replace(str(place), b"something longer", durable=True, fresh=str(tmp_path / fresh) if fresh else "")
    assert place.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_run_left(place: Path, tmp_path: Path) -> None:
    """Under a name of its own, an unfinished file is written over, in the right mode; a link is not followed."""
    waiting = tmp_path / "waiting"
    waiting.write_bytes(b"half of something much longer")
    waiting.chmod(0o666)
    replace(str(place), b"after", fresh=str(waiting))
    assert (place.read_bytes(), place.stat().st_mode & 0o777, waiting.exists()) == (b"after", 0o600, False)
    waiting.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        replace(str(place), b"no", fresh=str(waiting))
    assert place.read_bytes() == b"after"


def test_kill_9_at_any_moment(place: Path) -> None:
    """A reader finds the old content or the new one, whenever the writer dies."""
    for number in range(60):
        pid = os.fork()
        if not pid:
            while True:
                replace(str(place), b"x" * 100_000 if number % 2 else b"y" * 70_000)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert place.read_bytes() in (b"before", b"x" * 100_000, b"y" * 70_000)


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is an error of the system."""
    with pytest.raises(FileNotFoundError):
        replace(str(tmp_path / "no" / "file"), b"x")


def test_what_is_looked_at_before_it_takes_its_place(place: Path, tmp_path: Path) -> None:
    """`ready` sees the file whole and may stop it: then the old one stays, and nothing beside it."""
    seen: list[int] = []

    def ready(fd: int) -> None:
        seen.append(os.fstat(fd).st_size)
        assert place.read_bytes() == b"before"
        if len(seen) > 1:
            raise InterruptedError

    replace(str(place), b"after it", ready=ready)
    assert (place.read_bytes(), seen) == (b"after it", [8])
    place.write_bytes(b"before")
    with pytest.raises(InterruptedError):
        replace(str(place), b"never", ready=ready)
    assert place.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
