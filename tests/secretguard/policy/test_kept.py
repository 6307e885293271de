"""Documents on disk: whole and one's own, or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.policy import kept

DOCUMENT: dict[str, object] = {"a": ["ü", 1], "b": ""}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file's place in a private folder that is not there yet."""
    return tmp_path / "own" / "file"


def test_what_was_written_is_read(place: Path) -> None:
    """The folder is made private, the file too, and nothing else is left."""
    assert kept.write(str(place), DOCUMENT)
    assert kept.read(str(place)) == DOCUMENT
    assert [path.name for path in place.parent.iterdir()] == ["file"]
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_every_cut_and_every_flip_is_found(place: Path) -> None:
    """A file is whole or it is none."""
    kept.write(str(place), DOCUMENT)
    good = place.read_bytes()
    for at in range(len(good)):
        for bad in (good[:at], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
            place.write_bytes(bad)
            assert kept.read(str(place)) is None


def test_what_others_could_have_written_is_not_read(place: Path, tmp_path: Path) -> None:
    """By its mode, by its folder's, by a link."""
    kept.write(str(place), DOCUMENT)
    place.chmod(0o622)
    assert kept.read(str(place)) is None
    place.chmod(0o600)
    place.parent.chmod(0o777)
    assert kept.read(str(place)) is None
    with pytest.raises(GuardError, match="private"):
        kept.write(str(place), DOCUMENT)
    place.parent.chmod(0o700)
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    assert kept.read(str(place)) is None


def test_a_full_disk_is_an_answer(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves the old file."""
    kept.write(str(place), DOCUMENT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not kept.write(str(place), {"c": 1})
    assert kept.read(str(place)) == DOCUMENT
    assert [path.name for path in place.parent.iterdir()] == ["file"]


def test_a_bound_holds_and_a_fifo_does_not_wait(tmp_path: Path) -> None:
    """Reading ends, whatever stands there."""
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(ValueError, match="larger than 10"):
        kept.bounded(str(tmp_path / "large"), 10)
    os.mkfifo(tmp_path / "fifo")
    assert kept.bounded(str(tmp_path / "fifo"), 10) == b""


def test_other_json_is_no_document(place: Path) -> None:
    """Only an object is."""
    kept.write(str(place), DOCUMENT)
    from secretguard.keyed import sha256_hex

    body = b"[1]"
    place.write_bytes(f"{kept.FORMAT} {sha256_hex(body)}\n".encode() + body)
    assert kept.read(str(place)) is None
