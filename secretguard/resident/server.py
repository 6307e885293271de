"""The loop of the resident process: many connections, one event at a time.

One thread, so that an event has the same deadline as in a hook's own process (a timer signal) and one engine serves
all. Reading and answering never block; deciding takes under a millisecond for what an agent usually sees.
"""

from __future__ import annotations

import os
import selectors
import socket
import time

from secretguard.platforms.here import peer
from secretguard.resident.connection import Connection, Gone
from secretguard.resident.frame import BadRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.resident.frame import Head

    Answer = Callable[[Head, bytes], tuple[int, bytes]]

MOST, MOST_HELD = 512, 256 * 1024 * 1024
"""Connections at once, and bytes that all of them may hold together."""
BACKLOG = 512
_TICK = 1.0


class Server:
    """Serves on `listener` until `ended()` or, without a connection for `idle` seconds, by itself.

    `wake`: a descriptor that becomes readable when a signal came.
    """

    def __init__(self, listener: socket.socket, answer: Answer, ended: Callable[[], str], idle: float) -> None:
        self._listener = listener
        self._answer = answer
        self._ended = ended
        self._idle = idle
        self._used = time.monotonic()
        self._open: dict[int, Connection] = {}
        self._selector = selectors.DefaultSelector()
        self.strangers = 0

    def run(self, wake: int = -1) -> str:
        """Why it ended. What was begun is answered; nothing is left open."""
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        if wake >= 0:
            self._selector.register(wake, selectors.EVENT_READ)
        try:
            while not (why := self._why()):
                for key, _ in self._selector.select(_TICK if self._open else min(self._idle, 60.0)):
                    self._ready(key.fd, wake)
                self._hang_up_on_the_late()
            return why
        finally:
            for connection in list(self._open.values()):
                self._close(connection)
            self._selector.close()

    def _why(self) -> str:
        if why := self._ended():
            if any(connection.sending for connection in self._open.values()):
                return ""
            return why
        if not self._open and time.monotonic() - self._used >= self._idle:
            return "nobody needed it"
        return ""

    def _ready(self, fd: int, wake: int) -> None:
        if fd == wake:
            os.read(fd, 512)
        elif fd == self._listener.fileno():
            self._accept()
        elif fd in self._open:
            self._move(self._open[fd])

    def _accept(self) -> None:
        for _ in range(BACKLOG):
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            if peer(sock)[1] != os.geteuid():
                self.strangers += 1
                sock.close()
            elif len(self._open) >= MOST:
                sock.close()
            else:
                self._take(sock)

    def _take(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        connection = Connection(sock, time.monotonic())
        self._open[sock.fileno()] = connection
        self._selector.register(sock, selectors.EVENT_READ)

    def _move(self, connection: Connection) -> None:
        now = self._used = time.monotonic()
        try:
            if connection.sending:
                connection.send(now)
            else:
                connection.receive(now)
                if sum(other.held for other in self._open.values()) > MOST_HELD:
                    raise BadRequest(503, "too much at once")
            self._serve(connection)
        except BadRequest as error:
            self._refuse(connection, error)
        except (Gone, OSError):
            self._close(connection)

    def _serve(self, connection: Connection) -> None:
        """Answer what has come in full; wait for the peer to take it, or for more."""
        while not connection.sending and not self._ended():
            request = connection.request()
            if request is None:
                break
            status, body = self._answer(*request)
            connection.answer(status, body, time.monotonic())
        wanted = selectors.EVENT_WRITE if connection.sending else selectors.EVENT_READ
        self._selector.modify(connection.sock, wanted)

    def _refuse(self, connection: Connection, error: BadRequest) -> None:
        try:
            connection.refuse(error, time.monotonic())
            self._selector.modify(connection.sock, selectors.EVENT_WRITE)
        except (Gone, OSError):
            self._close(connection)

    def _hang_up_on_the_late(self) -> None:
        now = time.monotonic()
        for connection in [c for c in self._open.values() if now >= c.until]:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        fd = connection.sock.fileno()
        if self._open.pop(fd, None) is not None:
            self._selector.unregister(connection.sock)
        connection.sock.close()
