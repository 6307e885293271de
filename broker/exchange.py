"""One HTTP request and its answer, with one deadline for all of it and a cap on the answer.

On httpcore, the engine below httpx, because the guarantees wanted here are the ones that httpx leaves to its caller:
no redirect is followed, no proxy variable, netrc or cookie is read, and a peer that sends one byte at a time runs
into the same deadline as one that sends nothing. (Looking up a host name is the system resolver's and has its own.)
"""

from __future__ import annotations

import dataclasses
import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore

MAX_CONNECTIONS = 8


class NotSentError(Exception):
    """No connection could be made, so the other side has seen nothing of the request."""


class NoAnswerError(Exception):
    """The request may have arrived; the answer was lost, late, too long or not HTTP."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case, the last of a repeated name) and the whole body, which may hold secrets
    and is not in the representation."""

    status: int
    headers: Mapping[str, str]
    body: bytes = dataclasses.field(repr=False)


class Exchange:
    """Keeps connections to one peer and asks it one thing at a time per thread. Safe to share between threads.

    `unix_socket` is the path of a socket to connect to whatever the URL's host; `https` says whether the system's
    certificates are wanted, or those of the file `ca_file` in their place; `max_answer` is the longest body accepted,
    in bytes; `tls` a context of the caller's own. Raises OSError for a `ca_file` that cannot be used.
    """

    def __init__(
        self,
        *,
        unix_socket: str | None = None,
        https: bool = False,
        ca_file: str = "",
        max_answer: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._max_answer = max_answer
        self._backend = _DeadlineBackend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or (trusting(ca_file) if https else _trusting_nobody()),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=5.0,
            uds=unix_socket,
            network_backend=self._backend,
        )

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        """Send and wait at most `seconds`. Raises NotSentError or NoAnswerError; their messages quote no content."""
        self._backend.clock.ends_at = time.monotonic() + seconds
        wait = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        try:
            with self._pool.stream(
                method, url, headers=list(headers.items()), content=body, extensions={"timeout": wait}
            ) as response:
                found = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, found, self._read(response.iter_stream()))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise NotSentError(type(error).__name__) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise NoAnswerError(type(error).__name__) from None

    def _read(self, chunks: Iterable[bytes]) -> bytes:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > self._max_answer:
                raise NoAnswerError(f"longer than {self._max_answer} bytes")
        return bytes(body)

    def close(self) -> None:
        """Close every kept connection."""
        self._pool.close()


def encrypted(url: str) -> str:
    """`url`, as a validator of configuration. Raises ValueError for http to another machine."""
    if url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
        raise ValueError("http is for loopback alone; use https")
    return url


def is_loopback(host: str) -> bool:
    """Is this host name or address the machine itself, by what it says alone (nothing is looked up)?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def trusting(ca_file: str) -> ssl.SSLContext:
    """Certificates of the authorities in `ca_file`, or of the system's. Not `ssl.create_default_context`, which writes
    every connection's keys to the file that the variable SSLKEYLOGFILE names. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # host names are checked, certificates demanded
    if ca_file:
        context.load_verify_locations(ca_file)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context


def _trusting_nobody() -> ssl.SSLContext:
    """Loading the system's certificates takes 20 ms, so only who asks for https gets them; others cannot use it."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _Clock(threading.local):
    """When the request of this thread must be over, on the monotonic clock."""

    ends_at = 0.0

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise late("deadline")
        return seconds if timeout is None else min(seconds, timeout)


class _DeadlineBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self.clock = _Clock()
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.clock.left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.connect_tcp(host, port, left, local_address, socket_options), self.clock)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002  # httpcore's signature; a Unix socket has none
    ) -> httpcore.NetworkStream:
        left = self.clock.left(timeout, httpcore.ConnectTimeout)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:  # httpcore's own backend leaves the socket open where nobody listens
            sock.settimeout(left)
            sock.connect(path)
        except TimeoutError:
            sock.close()
            raise httpcore.ConnectTimeout from None
        except OSError as error:
            sock.close()
            raise httpcore.ConnectError(error.strerror) from None
        return _DeadlineStream(_UnixStream(sock), self.clock)


class _UnixStream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(timeout)
        try:
            return self._sock.recv(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout from None
        except OSError as error:
            raise httpcore.ReadError(error.strerror) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sock.settimeout(timeout)
        try:
            self._sock.sendall(buffer)
        except TimeoutError:
            raise httpcore.WriteTimeout from None
        except OSError as error:
            raise httpcore.WriteError(error.strerror) from None

    def close(self) -> None:
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # the pool asks whether a kept connection has been closed by the peer
            poll = select.poll()
            poll.register(self._sock, select.POLLIN)
            return bool(poll.poll(0))
        return self._sock if info == "socket" else None


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._clock.left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
