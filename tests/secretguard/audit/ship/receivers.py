"""Receivers of the tests: what each does with a connection is a function; and batches to send to them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from secretguard.audit.journal import Journal
from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.journal import JournalSource

Behave = Callable[[socket.socket], None]


@contextlib.contextmanager
def receiver(behave: Behave, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on a spare loopback port, one thread a connection; `behave` gets each and need not close it."""
    threads = []
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve(plain: socket.socket) -> None:
            with plain, contextlib.suppress(OSError):
                plain.settimeout(20)
                with tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
                    behave(connection)
                    ended.wait(20 if getattr(behave, "holds", False) else 0)

        def accept() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    thread = threading.Thread(target=serve, args=(server.accept()[0],), daemon=True)
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            accepting.join(5)
            for thread in threads:
                thread.join(5)


def collecting(into: list[bytes]) -> Behave:
    """Reads to the end, closes in order."""

    def behave(connection: socket.socket) -> None:
        pieces = []
        while data := connection.recv(65536):
            pieces.append(data)
        into.append(b"".join(pieces))
        if isinstance(connection, ssl.SSLSocket):
            connection.unwrap().close()

    return behave


def never_reads(connection: socket.socket) -> None:
    """Takes the connection and leaves it."""


never_reads.holds = True  # type: ignore[attr-defined]  # read by `receiver`


def closes_midway(connection: socket.socket) -> None:
    """Reads a little, then is gone."""
    connection.recv(100)


def batch_of(folder: Path, count: int = 3, **fields: object) -> Batch:
    """Records of a real journal as one batch."""
    journal = Journal(str(folder / "audit"))
    for number in range(count - 1):
        journal.append("guard:command:denied", {"command": f"git push {number}", **fields})
    return next(JournalSource(str(folder / "audit")).batches(Cursor(), 10_000))
