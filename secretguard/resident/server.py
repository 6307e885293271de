"""The loop of the resident process: many connections, one event at a time.

One thread, so that an event has the same deadline as in a hook's own process (a timer signal) and one engine serves
all. Reading and answering never block; deciding takes under a millisecond for what an agent usually sees. Events that
have come by the same time are recorded by one wait for the disk, and answered after it.
"""

from __future__ import annotations

import os
import selectors
import socket
import time

from secretguard.audit.together import together
from secretguard.errors import RecordError
from secretguard.platforms.here import peer
from secretguard.resident.connection import Connection, Gone
from secretguard.resident.frame import BadRequest
from secretguard.resident.warm import one_moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.resident.frame import Head

    Answer = Callable[[Head, bytes], tuple[int, bytes]]

MOST, MOST_HELD = 512, 256 * 1024 * 1024
"""Connections at once, and bytes that all of them may hold together."""
LITTLE = 64 * 1024
"""Bytes that a connection may hold in any case."""
BACKLOG = 512
MOST_TOGETHER = 64
"""Events that wait for the disk together; the first of them waits for the last."""
_TICK, _REST = 1.0, 2.0
"""Seconds after which it looks by itself who is late, and, without any connection, whether it is still to serve."""


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
        self._asked: list[tuple[Connection, Head, bytes]] = []
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
                for key, _ in self._selector.select(self._pause()):
                    self._ready(key.fd, wake)
                self._answer_some()
                self._hang_up_on_the_late()
            return why
        finally:
            for connection in list(self._open.values()):
                self._close(connection)
            self._selector.close()

    def _why(self) -> str:
        if why := self._ended():
            return "" if self._asked or any(connection.sending for connection in self._open.values()) else why
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

    def _pause(self) -> float:
        """Seconds to wait for something to come: none while something has."""
        if self._asked:
            return 0.0
        return _TICK if self._open else min(self._idle, _REST)

    def _move(self, connection: Connection) -> None:
        now = self._used = time.monotonic()
        try:
            if connection.sending:
                connection.send(now)
            else:
                connection.receive(now)
                if connection.held > LITTLE and sum(other.held for other in self._open.values()) > MOST_HELD:
                    raise BadRequest(503, "too much at once")
            self._look(connection)
        except BadRequest as error:
            self._reply(connection, error.status, b"{}", last=True)
        except (Gone, OSError):
            self._close(connection)

    def _look(self, connection: Connection) -> None:
        """Take the request that has come in full; then nothing more is read until it is answered. Raises BadRequest."""
        request = None if connection.sending else connection.request()
        if request is not None:
            self._asked.append((connection, *request))
        wanted = selectors.EVENT_READ if request is None and not connection.sending else selectors.EVENT_WRITE
        self._listen_for(connection, 0 if request is not None else wanted)

    def _answer_some(self) -> None:
        """Decide the requests that are there, make their records durable, and only then answer."""
        some, self._asked = self._asked[:MOST_TOGETHER], self._asked[MOST_TOGETHER:]
        if not some:
            return
        try:
            with together(), one_moment():
                said = [(connection, *self._answered(head, body)) for connection, head, body in some]
        except RecordError:
            said = [(connection, 503, b"{}") for connection, _, _ in some]
        for connection, status, body in said:
            self._reply(connection, status, body)

    def _answered(self, head: Head, body: bytes) -> tuple[int, bytes]:
        """The answer to one request; 503, after which its client asks a process of its own, where there is none."""
        try:
            return self._answer(head, body)
        except RecordError:
            raise
        except Exception:
            return 503, b"{}"

    def _reply(self, connection: Connection, status: int, body: bytes, *, last: bool = False) -> None:
        try:
            connection.answer(status, body, time.monotonic(), last=last)
            self._look(connection)
        except BadRequest as error:  # what it sent behind a request that was in order
            self._reply(connection, error.status, b"{}", last=True)
        except (Gone, OSError):
            self._close(connection)

    def _listen_for(self, connection: Connection, events: int) -> None:
        registered = connection.sock.fileno() in self._selector.get_map()
        if events and registered:
            self._selector.modify(connection.sock, events)
        elif events:
            self._selector.register(connection.sock, events)
        elif registered:
            self._selector.unregister(connection.sock)

    def _hang_up_on_the_late(self) -> None:
        now = time.monotonic()
        for connection in [c for c in self._open.values() if now >= c.until]:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        fd = connection.sock.fileno()
        if self._open.pop(fd, None) is not None:
            self._listen_for(connection, 0)
        connection.sock.close()
