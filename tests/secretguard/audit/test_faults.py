"""The journal on a disk that fills up, under a clock that steps, with writers that fail beside it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secretguard.audit import journal as journals
from secretguard.audit import reader
from secretguard.audit.journal import FILE, MISSED, Journal
from secretguard.audit.verify import verify
from tests.secretguard.audit.journals import ROOT, written


def events(directory: Path) -> list[str]:
    return [str(record["event"]) for record in reader.records(str(directory))]


FULL = """
import resource, sys
sys.path.insert(0, {root!r})
from secretguard.audit.journal import Journal
from secretguard.errors import RecordError
journal = Journal({directory!r})
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    journal.append("guard:read:denied", {{"text": "x" * 2000}})
except RecordError as error:
    print("refused:", error.message)
else:
    print("recorded")
"""


def test_disk_that_fills_up_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """A write that fits only in part is refused; the next one that fits marks the torn bytes and the gap."""
    written(tmp_path, 2)
    size = (tmp_path / FILE).stat().st_size
    for limit, room in ((size, 0), (size + 700, 700)):
        before = (tmp_path / FILE).stat().st_size
        code = FULL.format(root=ROOT, directory=str(tmp_path), limit=limit)
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.startswith("refused:"), done
        assert (tmp_path / FILE).stat().st_size == before + room
    written(tmp_path, 1)
    found = events(tmp_path)
    assert found[-3:] == ["journal:tail:torn", "journal:record:missing", "guard:command:allowed"]
    assert verify(str(tmp_path)).outcome == "incomplete"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != size  # the limit was the child's alone


TINY = """
import os, sys
sys.path.insert(0, {root!r})
from secretguard.audit.journal import Journal
from secretguard.audit.verify import verify
from secretguard.errors import RecordError
directory = {directory!r} + "/audit"
journal = Journal(directory, segment_bytes=20_000)
with open({directory!r} + "/filler", "wb") as filler:
    filler.write(bytes(60_000))
recorded = 0
for number in range(1000):
    try:
        journal.append("guard:command:denied", {{"number": number, "pad": "x" * (number * 97 % 3000)}})
        recorded += 1
    except RecordError as error:
        print("refused:", error.message)
        break
for number in range(20):
    try:
        journal.append("guard:command:denied", {{"pad": "x" * (200 * number)}})
        recorded += 1
    except RecordError:
        pass
os.unlink({directory!r} + "/filler")
journal.append("guard:command:denied", {{}})
result = verify(directory)
print(recorded + 1, result.outcome, *sorted({{finding.kind for finding in result.findings}}))
from secretguard.audit import journal as journals
from secretguard.audit import reader
print(sum(record["event"] == "guard:command:denied" for record in reader.records(directory)))
"""


def test_a_real_full_disk_refuses_and_the_next_record_says_so(tmp_path: Path) -> None:
    """A tmpfs of 256 KiB, full to the last byte: no record that was acknowledged is lost, none is said that is not."""
    code = TINY.format(root=ROOT, directory=str(tmp_path))
    mount = 'mount -t tmpfs -o size=256k none "$1" && exec "$2" -I -c "$3"'
    command = ["unshare", "-rm", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, code]
    code_of_mount = subprocess.run([*command[:-1], "pass"], capture_output=True, timeout=60, check=False).returncode
    if code_of_mount:
        pytest.skip("no file system can be mounted here, not even in a namespace of one's own")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    refused, told, there = done.stdout.splitlines()
    assert refused.startswith("refused:")
    recorded, outcome, *kinds = told.split()
    assert outcome == "incomplete"
    assert "tampered" not in kinds
    assert int(there) == int(recorded)


def test_a_clock_that_steps_back_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Order is that of the numbers; times are what the clock said, and no reason to doubt the journal."""
    written(tmp_path, 2)
    monkeypatch.setattr(time, "time_ns", lambda: 946_684_800_000_000_000)
    written(tmp_path, 1)
    Journal(str(tmp_path)).close_segment()
    monkeypatch.undo()
    written(tmp_path, 1)
    found = list(reader.records(str(tmp_path)))
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))
    assert [str(record["time"])[:4] for record in found][3:5] == ["2000", "2000"]
    assert verify(str(tmp_path)).findings == ()


def test_a_gap_that_another_writer_counts_meanwhile_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting needs no lock, so one more can come between recording the gap and forgetting it."""
    written(tmp_path, 1)
    (tmp_path / MISSED).write_bytes(b".")
    (tmp_path / MISSED).chmod(0o600)
    write = os.write

    def one_more(fd: int, data: bytes) -> int:
        with (tmp_path / MISSED).open("ab") as missed:
            missed.write(b".")
        return write(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(journals.os, "write", one_more)
        written(tmp_path, 1)
    written(tmp_path, 1)
    counts = [record["count"] for record in reader.records(str(tmp_path)) if "count" in record]
    assert counts[0] == 1
    assert sum(int(str(count)) for count in counts) >= 2
    assert not (tmp_path / MISSED).exists()
