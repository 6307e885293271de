"""The resident process from its start to its end: the lock, the socket, the loop."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket

from secretguard import places
from secretguard.errors import GuardError
from secretguard.pack import native_module
from secretguard.resident import place, warm
from secretguard.resident.answers import Answers
from secretguard.resident.server import BACKLOG, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDLE = 30 * 60.0
"""Seconds without a connection after which it ends."""
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
BUSY = "another process serves already"


def serve(idle: float = IDLE, ready: Callable[[str], None] | None = None) -> str:
    """Serve until it ends; why. `BUSY` at once where another process of this user serves. `ready` gets the socket.

    Raises GuardError where it cannot serve, OSError where the socket cannot be made.
    """
    lock = place.lock()
    if lock is None:
        return BUSY
    try:
        path = place.socket_path()
        answers = Answers(native_module())
        warm.open_all()
        with _listening(path) as (listener, inode):
            if ready is not None:
                ready(path)
            return _until_it_ends(listener, answers, idle, lambda: _gone(path, inode))
    finally:
        os.close(lock)  # last: whoever takes it finds no socket of ours


@contextlib.contextmanager
def _listening(path: str) -> Iterator[tuple[socket.socket, int]]:
    """The socket that listens at `path` (0600), and its inode. What lies there is of one that was killed: we hold the
    lock."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    before = os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.umask(before)
        listener.listen(BACKLOG)
        inode = os.lstat(path).st_ino
        yield listener, inode
        if not _gone(path, inode):
            os.unlink(path)
    finally:
        os.umask(before)
        listener.close()


def _gone(path: str, inode: int) -> str:
    """Why nobody can reach the socket any more; "" where it is in its place."""
    try:
        return "" if os.lstat(path).st_ino == inode else "another file is in its socket's place"
    except OSError:
        return "its socket was deleted"


def _until_it_ends(listener: socket.socket, answers: Answers, idle: float, gone: Callable[[], str]) -> str:
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(writing, False)
    told: list[str] = []
    before = {number: signal.signal(number, lambda given, _: told.append(f"signal {given}")) for number in _ENDING}
    signal.set_wakeup_fd(writing)
    gc.collect()
    gc.freeze()  # rules and code are here to stay: collections need not walk them
    try:
        return Server(listener, answers.answer, lambda: answers.ended or "".join(told[:1]) or gone(), idle).run(reading)
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def main() -> None:
    """The process of its own: exit 0 when it ended as it should, 2 where it could not serve. Says nothing."""
    places.fixed = {}
    try:
        serve()
    except (GuardError, OSError):
        os._exit(2)
    os._exit(0)
