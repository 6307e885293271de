"""A server on loopback that answers whatever a test wants, byte by byte, and remembers what it was asked.

`play` gets each request and returns the pieces of the answer; the connection is closed after the last, and at once when
it returns None. A mistake in `play` itself fails the test. `forward` makes a `play` that stands between a client and a
real server.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit


@dataclasses.dataclass(frozen=True)
class Request:
    """What arrived. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Play = Callable[[Request], Iterable[bytes] | None]


@dataclasses.dataclass
class Loopback:
    """A running server: its address, all requests so far, oldest first, and what `play` raised."""

    address: str
    requests: list[Request] = dataclasses.field(default_factory=list)
    faults: list[BaseException] = dataclasses.field(default_factory=list)

    def asked(self, part: str) -> list[Request]:
        """The requests whose path contains `part`."""
        return [request for request in self.requests if part in request.path]


@contextlib.contextmanager
def loopback(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Serve `play` on a spare port, one thread a connection."""
    running = Loopback("")

    def _played(request: Request) -> Iterator[bytes]:
        try:
            yield from play(request) or ()
        except (OSError, GeneratorExit):
            raise
        except BaseException as fault:
            running.faults.append(fault)
            raise OSError("the play failed") from fault

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):  # the client went away, or its handshake failed
                request = _read(self.rfile)
                if request is None:
                    return
                running.requests.append(request)
                for piece in _played(request):
                    self.wfile.write(piece)

        def setup(self) -> None:
            if tls is not None:
                self.request.settimeout(20)
                self.request = tls.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
            super().setup()

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            self.request.close()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.daemon_threads, server.block_on_close, server.allow_reuse_address = True, False, True
    server.server_bind()
    server.server_activate()
    running.address = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
    if running.faults:
        raise AssertionError("the test's own server failed") from running.faults[0]


def reply(status: int, document: object = None, headers: Iterable[tuple[str, str]] = ()) -> list[bytes]:
    """One whole answer: `document` as JSON, as it is when it is bytes, or no body when it is None."""
    body = b"" if document is None else document if isinstance(document, bytes) else json.dumps(document).encode()
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return [head.encode() + body]


def forward(upstream: str, tamper: Callable[[Request, int, bytes], Iterable[bytes] | None]) -> Play:
    """Send each request on to `upstream`; `tamper(request, status, body)` makes the answer out of the real one, and
    None drops it: the work is done and the client never hears of it."""
    host = urlsplit(upstream).netloc

    def play(request: Request) -> Iterable[bytes] | None:
        link = http.client.HTTPConnection(host, timeout=20)
        try:
            keep = {key: value for key, value in request.headers.items() if key not in ("host", "connection")}
            link.request(request.method, request.path, body=request.body or None, headers=keep)
            answer = link.getresponse()
            return tamper(request, answer.status, answer.read())
        finally:
            link.close()

    return play


def unchanged(_: Request, status: int, body: bytes) -> Iterable[bytes]:
    """A `tamper` that passes the real answer on."""
    return reply(status, body)


def _read(stream: object) -> Request | None:
    line = stream.readline(65536).decode("latin-1").split()  # type: ignore[attr-defined]
    if len(line) < 2:
        return None
    headers = {key.lower(): value for key, value in http.client.parse_headers(stream).items()}  # type: ignore[arg-type]
    body = stream.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]
    return Request(line[0], line[1], headers, body)
