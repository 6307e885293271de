"""Journals for the tests of this folder: made by the real writer, changed byte by byte by the tests."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from secretguard.audit.journal import FILE, Journal
from secretguard.audit.line import GENESIS
from secretguard.audit.pin import Pin, make
from secretguard.audit.verify import verify

ROOT = str(Path(__file__).parents[3])


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


def small(directory: Path, count: int, size: int = 2000) -> Path:
    """A journal whose files are closed after a few records, with `count` records that have a number."""
    journal = Journal(str(directory), segment_bytes=size)
    for number in range(count):
        journal.append("guard:command:allowed", {"session_id": f"s{number % 3}", "number": number})
    return directory


def lines(directory: Path, name: str = FILE) -> list[bytes]:
    """The lines of one file of the journal, the newest, each with its newline."""
    return (directory / name).read_bytes().splitlines(keepends=True)


def chained(bodies: list[tuple[bytes, bytes]], prev: str = GENESIS) -> list[bytes]:
    """Lines with good hashes for (envelope, fields), as whoever knows the format can make them."""
    made = []
    for envelope, fields in bodies:
        stated = hashlib.sha256(fields).hexdigest().encode()
        envelope = re.sub(rb'"fields":"[0-9a-f]{64}"', b'"fields":"' + stated + b'"', envelope)
        own = hashlib.sha256(prev.encode() + envelope).hexdigest()
        made.append(envelope + b"\t" + fields + f"\t{prev}\t{own}\n".encode())
        prev = own
    return made


def rechained(raw: list[bytes], start: int) -> list[bytes]:
    """The lines with fresh hashes from line `start` (from 0) on."""
    prev = raw[start - 1][-65:-1].decode() if start else GENESIS
    bodies = [(line.split(b"\t")[0], line.split(b"\t")[1]) for line in raw[start:]]
    return raw[:start] + chained(bodies, prev=prev)


def replace(directory: Path, changed: list[bytes]) -> None:
    """Write the journal anew, as an attacker with this user's rights could."""
    (directory / FILE).write_bytes(b"".join(changed))
