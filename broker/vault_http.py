"""The HTTP underneath `broker/vault.py`: every wait ends, every answer has a size, nothing comes from the environment.

requests' own read timeout restarts with each byte, so a server that sends one byte a second holds a caller for ever.
Here the whole answer, head and body, has one deadline, enforced where the socket is read. A session has no proxy, no
netrc, no retry and no cookie; redirects are switched off by the caller at each request.
"""

from __future__ import annotations

import functools
import http.client
import http.cookiejar
import io
import socket
import ssl
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

CONNECT_SECONDS = 3.0
CHUNK = 64 * 1024


class AnswerTooLong(Exception):
    """The answer is larger than its cap, took longer than its deadline, or is in an encoding that was not asked for."""


class _Timed(io.RawIOBase):
    """Reads a socket until a moment on the monotonic clock, however slowly the bytes arrive."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)  # counts as a reader: the socket stays open until this closes
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """`http.client`'s response, reading through `_Timed`; the clock starts when the request has been sent."""

    def __init__(self, sock: socket.socket, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock, time.monotonic() + seconds))


class _TlsConnection(HTTPSConnection):
    """Says of a failed handshake what it is: no connection. Otherwise it looks like an answer that was cut off."""

    def connect(self) -> None:
        self.ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # urllib3's own writes keys where SSLKEYLOGFILE says
        try:
            super().connect()
        except OSError as error:
            raise NewConnectionError(self, "no TLS connection") from error


class _TimedAdapter(HTTPAdapter):
    """requests' transport with `_TimedResponse` in place of the plain one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__(pool_maxsize=32, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        timed = {"response_class": staticmethod(functools.partial(_TimedResponse, seconds=self._seconds))}
        plain = type("TimedConnection", (HTTPConnection,), timed)
        tls = type("TimedTlsConnection", (_TlsConnection,), timed)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("TimedPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TimedTlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }


def session(answer_seconds: float, ca_file: str | None) -> requests.Session:
    """A session for one server; `ca_file` replaces the system's certificate authorities. Safe across threads: nothing
    in it changes after this returns."""
    made = requests.Session()
    made.trust_env = False  # no proxy variables, no netrc, no REQUESTS_CA_BUNDLE
    made.verify = ca_file or True
    made.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    made.headers.update({"Accept-Encoding": "identity", "User-Agent": "secretguard-broker"})
    for scheme in ("http://", "https://"):
        made.mount(scheme, _TimedAdapter(answer_seconds))
    return made


def read_capped(response: requests.Response, cap: int) -> bytes:
    """The body of a streamed response, at most `cap` bytes. Raises AnswerTooLong; the connection is dropped then."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        response.close()
        raise AnswerTooLong
    body = bytearray()
    try:
        while chunk := response.raw.read(CHUNK, decode_content=False):
            body += chunk
            if len(body) > cap:
                raise AnswerTooLong
    except BaseException:
        response.close()
        raise
    response.raw.release_conn()
    return bytes(body)


def never_sent(error: BaseException) -> bool:
    """True when a failed request certainly did not reach a server: no connection came about, or no TLS on it.
    Everything else may have been carried out."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting and len(seen) < 32:
        item = waiting.pop()
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, NewConnectionError | ConnectTimeoutError):
            return True
        waiting += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return False


FAILURES = (requests.RequestException, HTTPError, OSError, http.client.HTTPException, ValueError, AnswerTooLong)
"""What a request can raise. None of them may leave `broker/vault.py`: their texts carry URLs and answers."""
