"""The TLS stream: what was sent arrives whole, and its end is certain or an error."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from secretguard.audit.ship.tls_stream import TlsStream, finish
from tests.secretguard.audit.ship.receivers import collecting, never_reads, receiver
from tests.servers.certificates import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs what the servers and clients of this file show."""
    return Authority(tmp_path_factory.mktemp("ca"))


@contextlib.contextmanager
def stream(
    authority: Authority, behave: Callable[[socket.socket], None], server: ssl.SSLContext | None = None
) -> Iterator[TlsStream]:
    """A stream to a server that does `behave` with each connection."""
    context = ssl.create_default_context(cafile=str(authority.file))
    running = receiver(behave, server or authority.issue("localhost").server_context())
    with running as port, socket.create_connection(("127.0.0.1", port), 10) as plain:
        yield TlsStream(plain, context, "localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("size", [0, 1, 16384, 3_000_000])
def test_everything_arrives_before_the_end(version: ssl.TLSVersion, size: int, authority: Authority) -> None:
    """Byte for byte, of any length, in both versions of TLS, although session tickets come in between."""
    got: list[bytes] = []
    server = authority.issue("localhost").server_context()
    server.maximum_version = version
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with stream(authority, collecting(got), server) as sending:
        sending.sendall(data)
        sending.finish()
    assert got == [data]


def test_what_the_other_side_says_is_passed_over(authority: Authority) -> None:
    """Before its end, in order, it may say what it likes."""

    def talks(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(b"250 thank you\r\n")
        connection.unwrap()  # type: ignore[attr-defined]

    with stream(authority, talks) as sending:
        whole(sending, b"x" * 100_000)


def whole(sending: TlsStream, data: bytes) -> None:
    """Send `data` and end."""
    sending.sendall(data)
    sending.finish()


def leaves_without_a_word(connection: socket.socket) -> None:
    """Reads everything, then closes TCP without close_notify."""
    while connection.recv(65536):
        pass


def resets(connection: socket.socket) -> None:
    """Reads everything, then breaks the connection."""
    while connection.recv(65536):
        pass
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes_first(connection: socket.socket) -> None:
    """Says in order that it will read no more, while there is more to come."""
    connection.recv(10)
    connection.unwrap()  # type: ignore[attr-defined]


@pytest.mark.parametrize("behave", [leaves_without_a_word, resets, closes_first])
def test_any_other_end_is_an_error(behave: Callable[[socket.socket], None], authority: Authority) -> None:
    """Without close_notify, by a reset, or before it had read everything: nothing is certain then."""
    with stream(authority, behave) as sending, pytest.raises(OSError):
        whole(sending, b"x" * 800_000)


def test_a_refused_certificate_is_never_a_good_end(authority: Authority) -> None:
    """In TLS 1.3 the refusal comes after the handshake, at any moment: it is an error each time."""
    server = authority.issue("localhost").server_context(clients=authority.file)
    for number in range(40):
        with pytest.raises(OSError), stream(authority, collecting([]), server) as sending:
            whole(sending, b"x" * (number * 1000))


def test_the_deadline_of_the_socket_counts(authority: Authority) -> None:
    """A server that never answers ends in a time-out of the socket."""
    with stream(authority, never_reads) as sending:
        sending._plain.settimeout(0.3)
        sending.sendall(b"x")
        with pytest.raises(TimeoutError):
            sending.finish()


def test_tcp_alone_tells_a_reader_from_one_that_left() -> None:
    """An orderly close after the last byte, and a reset when something was left unread."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for reads in (True, False):
            ended = threading.Event()

            def serve(reads: bool = reads, ended: threading.Event = ended) -> None:
                with server.accept()[0] as connection:
                    time.sleep(0.1)
                    while reads and connection.recv(100):
                        pass
                ended.set()

            thread = threading.Thread(target=serve)
            thread.start()
            with socket.create_connection(server.getsockname(), 10) as plain:
                plain.sendall(b"x" * 1000)
                if reads:
                    finish(plain)
                else:
                    with pytest.raises(OSError):
                        finish(plain)
            thread.join(10)
            assert ended.is_set()
