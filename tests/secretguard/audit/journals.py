"""Journals for the tests of this folder: made by the real writer, changed byte by byte by the tests."""

from __future__ import annotations

from pathlib import Path

from secretguard.audit.journal import FILE, Journal
from secretguard.audit.pin import Pin, make
from secretguard.audit.verify import verify


def written(directory: Path, count: int) -> Path:
    """A journal with `count` records after its first; returns its folder."""
    journal = Journal(str(directory))
    for number in range(count):
        journal.append("guard:command:allowed", {"session": "s1", "command": f"git status {number}"})
    return directory


def pinned(directory: Path) -> Pin:
    """A pin of the journal as it is."""
    result = verify(str(directory))
    return make(result.first, result.records, result.last)


def lines(directory: Path) -> list[bytes]:
    """The journal's lines, each with its newline."""
    return (directory / FILE).read_bytes().splitlines(keepends=True)


def replace(directory: Path, changed: list[bytes]) -> None:
    """Write the journal anew, as an attacker with this user's rights could."""
    (directory / FILE).write_bytes(b"".join(changed))
