"""Several records, one wait for the disk: durable when the block ends, or an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.audit import journal, reader, together
from secretguard.audit.journal import Journal
from secretguard.errors import RecordError


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the files that were waited for, in order."""
    sizes: list[int] = []

    def sync(fd: int) -> None:
        sizes.append(os.fstat(fd).st_size)

    monkeypatch.setattr(together, "sync_data", sync)
    monkeypatch.setattr("secretguard.platforms.here.sync_data", sync)
    return sizes


def test_the_disk_is_waited_for_once_and_last(tmp_path: Path, synced: list[int]) -> None:
    """After all of them are written."""
    own = Journal(str(tmp_path / "audit"))
    with together.together():
        for _ in range(10):
            own.append("guard:read:denied", {"outcome": "did not leave"})
        assert synced == []
    assert synced == [(tmp_path / "audit" / journal.FILE).stat().st_size]
    assert len([r for r in reader.records(str(tmp_path / "audit")) if r["event"] == "guard:read:denied"]) == 10


def test_what_is_not_durable_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next block starts afresh."""

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    own = Journal(str(tmp_path / "audit"))
    with monkeypatch.context() as patch:
        patch.setattr(together, "sync_data", full)
        with pytest.raises(RecordError, match="No space"), together.together():
            own.append("guard:read:denied", {})
    assert journal.waiting is None
    with together.together():
        own.append("guard:read:denied", {})


def test_nothing_is_left_open(tmp_path: Path) -> None:
    """Over closed files of a journal, too."""
    before = len(os.listdir("/proc/self/fd"))
    own = Journal(str(tmp_path / "audit"), segment_bytes=2000)
    for _ in range(5):
        with together.together():
            for _ in range(20):
                own.append("guard:read:denied", {"reason": "x" * 100})
    assert len(os.listdir("/proc/self/fd")) == before


def test_outside_of_a_block_each_waits(tmp_path: Path, synced: list[int]) -> None:
    """As ever."""
    own = Journal(str(tmp_path / "audit"))
    for _ in range(3):
        own.append("guard:read:denied", {})
    assert len(synced) == 3
