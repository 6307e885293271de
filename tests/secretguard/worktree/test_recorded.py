"""The end of the journal."""

from __future__ import annotations

import os
from pathlib import Path

from secretguard.audit.journal import Journal
from secretguard.worktree.recorded import position, since


def journal(own_home: Path, segment_bytes: int = 1 << 20) -> Journal:
    os.makedirs(own_home / "state", exist_ok=True)
    return Journal(str(own_home / "state" / "audit"), segment_bytes=segment_bytes)


def test_what_a_session_recorded_since(own_home: Path) -> None:
    """After a record's number, of one session."""
    writer = journal(own_home)
    for number in range(3):
        writer.append("guard:prompt:allowed", {"session_id": "one", "n": number})
        writer.append("guard:prompt:allowed", {"session_id": "two", "n": number})
    assert position() == 7
    assert [record["n"] for record in since(0, "one")] == [0, 1, 2]
    assert [record["n"] for record in since(3, "two")] == [1, 2]
    assert list(since(7, "one")) == []


def test_over_files_that_were_closed(own_home: Path) -> None:
    """A journal that goes on in a new file is one journal."""
    writer = journal(own_home, segment_bytes=600)
    for number in range(12):
        writer.append("guard:prompt:allowed", {"session_id": "one", "n": number})
    assert len(list((own_home / "state" / "audit").glob("journal-*.jsonl"))) > 1
    assert [record["n"] for record in since(4, "one")][-6:] == [6, 7, 8, 9, 10, 11]


def test_no_journal() -> None:
    """Nothing was recorded."""
    assert position() == 0
    assert list(since(0, "one")) == []
