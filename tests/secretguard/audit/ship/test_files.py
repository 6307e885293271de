"""Files and streams: every record once into a file, whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.audit.journal import Journal
from secretguard.audit.ship.files import FileSink, StreamSink
from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.loop import ship
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written

ROOT = Path(__file__).parents[4]
KILLED = """
import os, signal, sys
from secretguard.audit.ship.files import FileSink
from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.loop import ship
calls, real = [0], {name: getattr(os, name) for name in ("write", "fsync", "replace")}
def dying(name):
    def call(*given):
        calls[0] += 1
        if calls[0] == int(sys.argv[4]):
            if name == "write":
                real["write"](given[0], given[1][: len(given[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](*given)
    return call
for name in real:
    setattr(os, name, dying(name))
ship(JournalSource(sys.argv[1]), FileSink(sys.argv[2]), sys.argv[3], limit=7)
"""
"""A run that is killed by its own hand at the n-th write, flush or rename, in the middle of a write."""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Twenty-one records: the journal's first and twenty."""
    return written(tmp_path / "audit", 20)


def numbers(data: bytes) -> list[int]:
    """The journal's numbers of the exported records, as they come."""
    return [json.loads(line)["metadata"]["sequence"] for line in data.splitlines()]


def into(path: Path, journal: Path, cursor: Path, limit: int = 500) -> int:
    """One run into the file `path`; how many records."""
    return ship(JournalSource(str(journal)), FileSink(str(path)), str(cursor), limit=limit, tries=1).records


def test_a_file_goes_on_where_the_last_run_ended(journal: Path, tmp_path: Path) -> None:
    """All, then nothing, then what is new; readable by its owner alone."""
    out, cursor = tmp_path / "out", tmp_path / "cursor"
    assert [into(out, journal, cursor), into(out, journal, cursor)] == [21, 0]
    Journal(str(journal)).append("guard:command:denied", {})
    assert into(out, journal, cursor) == 1
    assert numbers(out.read_bytes()) == list(range(1, 23))
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("limit", [500, 7, 3])
def test_killed_at_any_point_each_record_is_in_the_file_once(journal: Path, tmp_path: Path, limit: int) -> None:
    """SIGKILL before or in the middle of every write, flush and rename of a run; the next run makes it whole, in
    batches of whatever size."""
    expected = tmp_path / "expected"
    into(expected, journal, tmp_path / "its-cursor")
    deaths = 0
    for point in range(1, 60):
        out, cursor = tmp_path / f"out{point}", tmp_path / f"cursor{point}"
        command = [sys.executable, "-c", KILLED, str(journal), str(out), str(cursor), str(point)]
        done = subprocess.run(command, cwd=ROOT, timeout=60, check=False, capture_output=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        into(out, journal, cursor, limit)
        assert out.read_bytes() == expected.read_bytes(), point
        if done.returncode == 0:
            break
        deaths += 1
    assert deaths == 15  # three batches: write, flush; the cursor's write, flush, rename


def test_an_output_is_never_overwritten(journal: Path, tmp_path: Path) -> None:
    """A fresh one must not exist; otherwise it is added to, on a line of its own."""
    out = tmp_path / "out"
    out.write_bytes(b"somebody else's")
    with pytest.raises(ConfigError, match="--cursor"):
        FileSink(str(out), fresh=True)
    into(out, journal, tmp_path / "cursor")
    first, rest = out.read_bytes().split(b"\n", 1)
    assert first == b"somebody else's"
    assert numbers(rest) == list(range(1, 22))


def test_a_file_that_is_moved_away_between_two_batches_is_begun_anew(journal: Path, tmp_path: Path) -> None:
    """As logrotate does it: nothing is written to the old one after, nothing is left out."""
    out = tmp_path / "out"
    sink = FileSink(str(out))
    sends = sink.send
    moved = []

    def moving(batch, cursor):  # type: ignore[no-untyped-def]
        place = sends(batch, cursor)
        if batch.events[0].number == 8:
            moved.append(os.rename(out, tmp_path / "out.1"))
        return place

    sink.send = moving  # type: ignore[method-assign]
    ship(JournalSource(str(journal)), sink, str(tmp_path / "cursor"), limit=7)
    assert moved
    assert numbers((tmp_path / "out.1").read_bytes()) == list(range(1, 15))
    assert numbers(out.read_bytes()) == list(range(15, 22))


def test_links_are_not_followed_and_missing_folders_are_named(tmp_path: Path) -> None:
    """Nothing is written through a link that somebody laid there."""
    (tmp_path / "target").write_text("")
    (tmp_path / "out").symlink_to(tmp_path / "target")
    for path in (tmp_path / "out", tmp_path / "none" / "out"):
        with pytest.raises(ConfigError, match=str(path)):
            FileSink(str(path))


def test_a_full_disk_moves_no_cursor(journal: Path, tmp_path: Path) -> None:
    """The device that is always full stands in for the disk."""
    cursor = tmp_path / "cursor"
    with pytest.raises(NotTaken, match="No space left"):
        into(Path("/dev/full"), journal, cursor)
    assert not cursor.exists()


def test_a_stream_that_fails_moves_no_cursor(journal: Path, tmp_path: Path) -> None:
    """The reader went away: everything since the last batch comes again, nothing is lost."""

    def broken(data: bytes) -> None:
        raise BrokenPipeError

    source, cursor = JournalSource(str(journal)), tmp_path / "cursor"
    with pytest.raises(BrokenPipeError):
        ship(source, StreamSink(broken), str(cursor))
    assert not cursor.exists()
    pieces: list[bytes] = []
    assert ship(source, StreamSink(pieces.append), str(cursor)).records == 21
    assert numbers(b"".join(pieces)) == list(range(1, 22))
