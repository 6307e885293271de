"""The head file: which record was written last. It is what tells a cut-off journal from a shorter one. Hot path.

It is written in place under the journal's lock, always the same 192 bytes, after the record itself: a crash between
the two leaves it one step behind, which the next writer makes good.
"""

from __future__ import annotations

import os

from secretguard.audit.line import GENESIS
from secretguard.rawjson import JsonError, dumps, loads

ACTIVE = "journal.jsonl"
"""The file that is written, beside the head file."""
SIZE = 192


class Head:
    """The last record's number (`seq`, from 1; 0: none), its hash, and the journal's `size` in bytes after it."""

    __slots__ = ("hash", "seq", "size")

    def __init__(self, seq: int = 0, hash: str = GENESIS, size: int = 0) -> None:  # noqa: A002
        self.seq = seq
        self.hash = hash
        self.size = size

    def fields(self) -> dict[str, object]:
        """As it is written down: in the head file, in events, in pins."""
        return {"seq": self.seq, "hash": self.hash, "size": self.size}


def read(path: str) -> Head | None:
    """The head in `path`, or None where it is missing or damaged; which of the two, the caller sees by `exists`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        data = os.read(fd, SIZE + 1)
    finally:
        os.close(fd)
    return parse(data) if len(data) == SIZE else None


def parse(data: bytes) -> Head | None:
    """The head that a JSON object states in `seq`, `hash` and `size`, or None."""
    try:
        document = loads(data)
        seq, own, size = document["seq"], document["hash"], document["size"]  # type: ignore[index]
    except (JsonError, KeyError, TypeError):
        return None
    whole = type(seq) is int and type(size) is int and seq >= 0 and size >= 0
    if not whole or type(own) is not str or len(own) != len(GENESIS):
        return None
    return Head(seq, own, size)


def write(path: str, head: Head) -> None:
    """Write `head` in place, in one write. Raises OSError, also for a short write."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        data = dumps(head.fields()).encode("ascii").ljust(SIZE - 1) + b"\n"
        if os.write(fd, data) != SIZE:
            raise OSError(28, "the head file was written in part")
    finally:
        os.close(fd)
