"""Looks that are asked for, one process at a time for a project: a file of requests, and a lock that has a holder.

Whoever asks writes the request down and then tries the lock. Who does not get it may go: the holder looks at the
requests again *after* it has let go. So none is lost, and no process waits for another.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable

from secretguard.audit.lock import lock
from secretguard.rawjson import JsonError, loads
from secretguard.worktree.start import Look

LARGEST = 1 << 20
"""Bytes of waiting requests; more are not taken down (a project whose look never ends)."""
SECONDS = 30.0
"""For the short lock on the file of requests, which no process that runs holds for more than a moment."""
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CREAT


def serve(folder: str, look: Look, work: Callable[[list[Look]], None]) -> None:
    """Ask for `look` in the project's private `folder`, and do what is asked for there unless another process does.

    `work` gets all that is waiting, oldest first. Raises what `work` raises, and OSError.
    """
    _put(folder, look)
    while _waiting(folder):
        held = os.open(os.path.join(folder, "lock"), _FLAGS | os.O_RDWR, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = _take(folder)
            if taken:
                work(taken)
        except BlockingIOError:
            return
        finally:
            os.close(held)


def parse(line: bytes) -> Look | None:
    """The request in one line, or None."""
    try:
        said = loads(line)
    except JsonError:
        return None
    if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in ("project", "why", "look")):
        return None
    ids = said.get("ids")
    if not isinstance(ids, dict) or not str(said["project"]).startswith("/"):
        return None
    return Look(said["project"], said["why"], said["look"], {str(k): str(v) for k, v in ids.items()})


def _put(folder: str, look: Look) -> None:
    fd = _open(folder)
    try:
        if os.fstat(fd).st_size < LARGEST:
            os.write(fd, look.line().encode("ascii") + b"\n")
    finally:
        os.close(fd)


def _waiting(folder: str) -> bool:
    fd = _open(folder)
    try:
        return os.fstat(fd).st_size > 0
    finally:
        os.close(fd)


def _take(folder: str) -> list[Look]:
    fd = _open(folder)
    try:
        lines = os.pread(fd, LARGEST + (1 << 16), 0).splitlines()
        os.ftruncate(fd, 0)
    finally:
        os.close(fd)
    return sorted((look for line in lines if (look := parse(line))), key=lambda look: look.look)


def _open(folder: str) -> int:
    """The file of requests, locked for this short while: a request is put in whole, and taken once."""
    fd = os.open(os.path.join(folder, "requests"), _FLAGS | os.O_RDWR | os.O_APPEND, 0o600)
    if not lock(fd, SECONDS):
        os.close(fd)
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fd
