"""A real uvicorn on a Unix socket or a loopback port, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

from broker.authenticate.unix_peer import UnixPeerProtocol


@contextlib.contextmanager
def serving(
    app: Any,
    unix_socket: str | None = None,
    certificate: str | None = None,
    protocol: type[UnixPeerProtocol] = UnixPeerProtocol,
) -> Iterator[str]:
    """Serve `app`; yields the base URL for TCP, the socket's path for a Unix socket.

    `certificate` is a PEM file with certificate and key, for https.
    """
    sock = _listen(unix_socket)
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        log_config=None,
        loop="asyncio",
        ssl_certfile=certificate,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "uvicorn did not start"
            time.sleep(0.01)
        yield unix_socket or f"http{'s' if certificate else ''}://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        sock.close()
    assert not thread.is_alive()


def _listen(unix_socket: str | None) -> socket.socket:
    if unix_socket is None:
        sock = socket.socket(socket.AF_INET)
        sock.bind(("127.0.0.1", 0))
    else:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(unix_socket)
    sock.listen(64)
    return sock


async def answer(send: Any, status: int, body: bytes, content_type: str = "application/json") -> None:
    """One whole ASGI answer."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Any) -> bytes:
    """The whole body of an ASGI request."""
    data = b""
    while True:
        message = await receive()
        data += message.get("body", b"")
        if not message.get("more_body"):
            return data
