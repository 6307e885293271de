"""Private copies of files that a write with placeholders is about to replace: kept, listed, dropped. Hot path.

    STATE/snapshots/NAME    0600 in 0700: a line of JSON (whose, which file, where the values are), the file
    STATE/snapshots.lock    held by whoever adds to them or settles them

A copy is on the disk before the write is let go, and is dropped when the values are back, when the write did not
happen, or a week later. It is a secret's second place for the time of one write: nothing else is kept there.
"""

from __future__ import annotations

import fcntl
import os
import time

from secretguard.audit.lock import lock
from secretguard.errors import GuardError
from secretguard.guard.values import Value, narrow
from secretguard.places import private_dir, snapshots_dir, state_dir
from secretguard.rawjson import JsonError, dumps, loads
from secretguard.whole_file import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LARGEST = 4 * 1024 * 1024
"""Bytes of a file of which a copy is kept."""
MOST = 200
"""Copies at one time: more are not made, and a write that needs one is refused."""
WAIT = 1.0
"""Seconds that a hook waits for another one's lock."""
_FIX = "make room on the disk that holds it, or see that it belongs to you with mode 700"


class Snapshot:
    """One copy. `file` is its own path, `path` the absolute path of the file, `data` that file's bytes; `values` by
    their digits, as they are on the disk (UTF-16 in UTF-8); `ids` session, call and agent of the write; `at` Unix
    seconds.
    """

    __slots__ = ("at", "data", "file", "ids", "path", "values")

    def __init__(
        self, file: str, path: str, values: Mapping[str, Value], data: bytes, ids: Mapping[str, str], at: float
    ) -> None:
        self.file = file
        self.path = path
        self.values = values
        self.data = data
        self.ids = ids
        self.at = at

    @property
    def fresh(self) -> str:
        """Where the restored file waits before it takes its place."""
        return os.path.join(os.path.dirname(self.path), f".secretguard-{os.path.basename(self.file)}")


def waiting() -> list[str]:
    """The names of the copies that there are, oldest first; what a killed run left unfinished is among them."""
    try:
        return sorted(os.listdir(snapshots_dir()))
    except OSError:
        return []


class Locked:
    """The lock on the copies, as a context. Raises GuardError where it cannot be had in time."""

    def __enter__(self) -> Locked:
        path = os.path.join(private_dir(state_dir()), "snapshots.lock")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise GuardError(f"{path} cannot be used: {error.strerror}", _FIX) from None
        if not self._taken():
            os.close(self._fd)
            raise GuardError("another hook is busy with this user's written files", "try again")
        return self

    def __exit__(self, *exception: object) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        os.close(self._fd)

    def _taken(self) -> bool:
        try:
            return lock(self._fd, WAIT)
        except OSError:
            return False


def keep(path: str, data: bytes, values: Mapping[str, Value], ids: Mapping[str, str]) -> None:
    """Put a copy of `data`, the bytes of the file at `path`, on the disk. The lock is held. Raises GuardError."""
    if len(waiting()) >= MOST:
        raise GuardError(f"{snapshots_dir()} holds {MOST} copies already", "end the sessions that wait")
    text = narrow(data)
    rows: list[tuple[str, int, int, int, int]] = [
        (digits, text.find(v.text), len(v.text), v.lines, v.follow) for digits, v in values.items()
    ]
    if any(row[1] < 0 for row in rows):
        raise GuardError(f"a value is not in {path} as it was shown", "read the file again")
    head = {"path": os.fsencode(path).decode("latin-1"), "ids": dict(ids), "at": time.time(), "values": rows}
    name = f"{time.time_ns():016x}{os.urandom(4).hex()}"
    try:
        replace(os.path.join(private_dir(snapshots_dir()), name), dumps(head).encode() + b"\n" + data, durable=True)
        sync_folder(snapshots_dir())
    except OSError as error:
        raise GuardError(f"no copy can be kept in {snapshots_dir()}: {error.strerror}", _FIX) from None


def read(name: str) -> Snapshot | None:
    """The copy called `name`; None where it is unfinished or damaged."""
    path = os.path.join(snapshots_dir(), name)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        pieces = []
        while piece := os.read(fd, 1 << 20):
            pieces.append(piece)
    except OSError:
        return None
    finally:
        os.close(fd)
    head, _, data = b"".join(pieces).partition(b"\n")
    try:
        return _snapshot(path, loads(head), data)
    except (JsonError, KeyError, TypeError, ValueError):
        return None


def _snapshot(file: str, head: Any, data: bytes) -> Snapshot:
    text = narrow(data)
    values = {
        str(digits): Value(text[int(at) : int(at) + int(size)], int(lines), int(follow))
        for digits, at, size, lines, follow in head["values"]
    }
    path = os.fsdecode(str(head["path"]).encode("latin-1"))
    return Snapshot(file, path, values, data, {k: str(v) for k, v in head["ids"].items()}, float(head["at"]))


def drop(snapshot: Snapshot) -> None:
    """Remove a copy, and what an unfinished restoring left beside the file."""
    for path in (snapshot.fresh, snapshot.file):
        discard(path)


def discard(path: str) -> None:
    """Remove a file where it is still there."""
    try:
        os.unlink(path)
    except OSError:
        return


def sync_folder(path: str) -> None:
    """What was renamed in `path` stays renamed, whatever happens to the machine. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
