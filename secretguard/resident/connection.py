"""One connection to the resident process: what it has sent so far, what is still to be sent to it, and until when.

A peer has `IN_FULL` seconds for a whole request and for taking a whole answer, however it drips; between two requests
it may be silent for `BETWEEN`.
"""

from __future__ import annotations

import math
import socket

from secretguard.resident.frame import Head, head, reply

IN_FULL, BETWEEN = 5.0, 60.0
_PIECE = 1 << 18


class Gone(Exception):
    """The peer hung up."""


class Connection:
    """A connected, non-blocking socket. `until` is when it is hung up on (monotonic seconds)."""

    def __init__(self, sock: socket.socket, now: float) -> None:
        self.sock = sock
        self.until = now + IN_FULL
        self._in = bytearray()
        self._out = memoryview(b"")
        self._head: Head | None = None
        self._begun = True
        self._last = False

    @property
    def held(self) -> int:
        """Bytes that it holds."""
        return len(self._in) + len(self._out)

    @property
    def sending(self) -> bool:
        """Whether an answer is not yet taken."""
        return len(self._out) > 0

    def receive(self, now: float) -> None:
        """Take what has come. Raises Gone, OSError."""
        try:
            piece = self.sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        if not piece:
            raise Gone
        if not self._begun:
            self._begun, self.until = True, now + IN_FULL
        self._in += piece

    def request(self) -> tuple[Head, bytes] | None:
        """The next whole request; None while there is none. Raises BadRequest."""
        if self._head is None:
            self._head = head(self._in)
        if self._head is None or len(self._in) < self._head.size + self._head.length:
            return None
        whole = self._head
        end = whole.size + whole.length
        body = bytes(memoryview(self._in)[whole.size : end])
        del self._in[:end]
        self._head, self._last, self.until = None, not whole.keep, math.inf  # from here on it waits for us
        return whole, body

    def answer(self, status: int, body: bytes, now: float, *, last: bool = False) -> None:
        """Send as much of an answer as the peer takes now; after the `last` one it is hung up on.

        Raises Gone when the last one is out, OSError.
        """
        self._last = self._last or last
        self._out = memoryview(reply(status, body, not self._last))
        self.until = now + IN_FULL
        self.send(now)

    def send(self, now: float) -> None:
        """Go on with the answer. Raises Gone when the last one is out, OSError."""
        try:
            while self._out:
                self._out = self._out[self.sock.send(self._out[:_PIECE]) :]
        except (BlockingIOError, InterruptedError):
            return
        if self._last:
            raise Gone
        self._begun, self.until = bool(self._in), now + (IN_FULL if self._in else BETWEEN)
