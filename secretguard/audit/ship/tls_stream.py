"""TLS over a connected socket, for sending: with an end that is certain.

`ssl.SSLSocket.unwrap` gives up waiting for the other side's close_notify when another TLS message comes first, as a
session ticket does, and then looks as if it had come. Here the end is awaited: in TLS, then in TCP.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

_CHUNK = 64 * 1024
Result = TypeVar("Result")


class TlsStream:
    """A client's side of TLS on `plain`; the handshake is done. `name` is what the certificate must say.

    Every method raises OSError (as `ssl.SSLError` is), when the connection breaks or its deadline passes.
    """

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, name: str) -> None:
        self._plain = plain
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._driven(self._tls.do_handshake)

    def sendall(self, data: bytes) -> None:
        """Hand all of `data` to the system."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._driven(lambda rest=rest: self._tls.write(rest[:_CHUNK])) :]  # type: ignore[misc]

    def finish(self) -> None:
        """Say that this was all, and wait until the other side has said so, too. What it says besides is passed over.

        A fatal alert, an end without close_notify, and a reset are errors: it did not read everything.
        """
        try:
            self._tls.unwrap()  # what it waits for is read below
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            if error.reason != "APPLICATION_DATA_AFTER_CLOSE_NOTIFY":
                raise
        self._flush()
        try:
            while self._driven(lambda: self._tls.read(_CHUNK)):
                pass
        except ssl.SSLZeroReturnError:
            pass  # its close_notify
        finish(self._plain)

    def _driven(self, step: Callable[[], Result]) -> Result:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                if data := self._plain.recv(_CHUNK):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if data := self._out.read():
            self._plain.sendall(data)


def finish(plain: socket.socket) -> None:
    """The same for TCP alone: a close by the other side that had not read everything is a reset (ECONNRESET)."""
    plain.shutdown(socket.SHUT_WR)
    while plain.recv(_CHUNK):
        pass
