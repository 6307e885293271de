"""Serve one broker: uvicorn on a private Unix socket and, where configured, on loopback; recovery beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator

import uvicorn

from broker import recover
from broker.api.connection import HEAD_SECONDS, Connection
from broker.assemble import Assembled
from broker.authenticate.mutual_tls import MutualTls
from broker.config import Config
from broker.telemetry import logs
from broker.tls_files import Reloading
from secretguard.errors import ConfigError
from secretguard.places import private_dir

GRACE_SECONDS = 10
BACKLOG = 256


def serve(config: Config, assembled: Assembled) -> None:
    """Serve until SIGTERM or SIGINT; then finish running requests, number the record, close. Raises ConfigError."""
    try:
        with (
            _logging(config, assembled),
            _sockets(config) as sockets,
            _mutual_tls(config) as secure,
            _recovery(assembled),
            _signals_end_quietly(),
        ):
            _Server(_uvicorn(assembled), secure).run(sockets)
    finally:
        assembled.close()


@contextlib.contextmanager
def _logging(config: Config, assembled: Assembled) -> Iterator[None]:
    """Lines on stderr as configured; without that warnings alone, as Python writes them."""
    if config.server.log is None:
        yield
        return
    handler = logs.configure(config.server.log, assembled.broker.observer.metrics.dropped)
    try:
        yield
    finally:
        logs.release(handler)


class _Server(uvicorn.Server):
    """uvicorn, which has one TLS context or none for all of its sockets, with one socket more that speaks TLS."""

    def __init__(self, config: uvicorn.Config, secure: tuple[socket.socket, Reloading] | None) -> None:
        super().__init__(config)
        self._secure = secure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """All listeners, the secure one last."""
        await super().startup(sockets)
        if self._secure is None:
            return
        sock, tls = self._secure

        def connection() -> Connection:
            made = Connection(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
            made.tls = tls
            return made

        loop = asyncio.get_running_loop()
        self.servers.append(
            await loop.create_server(
                connection, sock=sock, ssl=tls, backlog=BACKLOG, ssl_handshake_timeout=HEAD_SECONDS
            )
        )


@contextlib.contextmanager
def _mutual_tls(config: Config) -> Iterator[tuple[socket.socket, Reloading] | None]:
    """The socket and the context of `[server.mtls]`; None without. Raises ConfigError."""
    mtls = config.server.mtls
    if mtls is None:
        yield None
        return
    tls = MutualTls(mtls.certificate, mtls.key, mtls.trust_domains).context()
    with contextlib.closing(_tcp(mtls.listen, "server.mtls.listen")) as sock:
        yield sock, tls


@contextlib.contextmanager
def _recovery(assembled: Assembled) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=recover.run, args=(assembled.broker, stop), name="recovery", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(GRACE_SECONDS)


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more, to whoever was there before: here that must not be death,
    since the record is still to be numbered and the socket to be removed."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _uvicorn(assembled: Assembled) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        assembled.app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # a request line may hold what a caller pasted into a URL; the event record says who did what
        proxy_headers=False,  # X-Forwarded-For must not become an identity
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=512,
    )


@contextlib.contextmanager
def _sockets(config: Config) -> Iterator[list[socket.socket]]:
    sockets = [_unix(config.server.socket)]
    try:
        if config.server.listen is not None:
            sockets.append(_tcp(config.server.listen))
        yield sockets
    finally:
        for one in sockets:
            one.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(config.server.socket)


def _unix(path: str) -> socket.socket:
    """A listening socket of mode 0600 in a folder that is ours alone. A socket nobody listens on is replaced."""
    private_dir(os.path.dirname(path))
    if os.path.lexists(path):
        if not stat.S_ISSOCK(os.lstat(path).st_mode) or _answers(path):
            raise ConfigError(f"{path} exists and is in use", "stop the other broker, or choose another server.socket")
        os.unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        sock.bind(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot listen: {error.strerror or error}", "a path has at most 107 bytes") from None
    finally:
        os.umask(mask)
    sock.listen(BACKLOG)
    return sock


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return False
        except OSError:  # a full queue, for one: somebody listens
            return True
        return True


def _tcp(listen: str, name: str = "server.listen") -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, int(port)))
    except OSError as error:
        sock.close()
        raise ConfigError(f"{name} {listen}: {error.strerror}", "choose another port") from None
    sock.listen(BACKLOG)
    return sock
