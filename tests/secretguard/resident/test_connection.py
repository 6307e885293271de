"""One connection: what came, what is to be sent, until when."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator

import pytest

from secretguard.resident.connection import BETWEEN, IN_FULL, Connection, Gone

EVENT = b"POST /event HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"


@pytest.fixture
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection at time 0, and its peer."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    yield Connection(ours, 0.0), theirs
    ours.close()
    theirs.close()


def test_a_request_that_drips_has_one_deadline(pair: tuple[Connection, socket.socket]) -> None:
    """It counts from the connection on, not from the last byte."""
    connection, peer = pair
    for number, byte in enumerate(EVENT):
        assert connection.request() is None
        peer.send(bytes([byte]))
        connection.receive(float(number))
        assert connection.until in (IN_FULL, math.inf)
    found = connection.request()
    assert found is not None
    assert found[1] == b"abc"
    assert connection.until == math.inf  # now it waits for us


def test_requests_behind_one_another(pair: tuple[Connection, socket.socket]) -> None:
    """Each by itself; the second one's deadline begins with the first one's answer."""
    connection, peer = pair
    peer.send(EVENT + EVENT[:-1])
    connection.receive(1.0)
    assert connection.request() is not None
    assert connection.request() is None
    connection.answer(200, b"{}", 2.0)
    assert connection.until == 2.0 + IN_FULL
    peer.send(EVENT[-1:])
    connection.receive(3.0)
    assert connection.request() is not None


def test_silence_between_requests_is_bounded(pair: tuple[Connection, socket.socket]) -> None:
    """Longer than a request may take, not for ever."""
    connection, peer = pair
    peer.send(EVENT)
    connection.receive(1.0)
    connection.request()
    connection.answer(200, b"{}", 2.0)
    assert connection.until == 2.0 + BETWEEN
    assert peer.recv(500).endswith(b"{}")


def test_a_long_answer_goes_out_as_the_peer_takes_it(pair: tuple[Connection, socket.socket]) -> None:
    """Without waiting for it."""
    connection, peer = pair
    body = b"x" * 3_000_000
    connection.answer(200, body, 0.0)
    assert connection.sending
    got = b""
    while connection.sending:
        got += peer.recv(1 << 20)
        connection.send(1.0)
    while not got.endswith(body):
        got += peer.recv(1 << 20)
    assert got.partition(b"\r\n\r\n")[2] == body


def test_the_last_answer_ends_it(pair: tuple[Connection, socket.socket]) -> None:
    """As the peer wished, or because it sent what is no request."""
    connection, peer = pair
    peer.send(b"GET /status HTTP/1.1\r\nConnection: close\r\n\r\n")
    connection.receive(0.0)
    assert connection.request() is not None
    with pytest.raises(Gone):
        connection.answer(200, b"{}", 0.0)
    assert b"Connection: close" in peer.recv(500)


def test_a_peer_that_hangs_up(pair: tuple[Connection, socket.socket]) -> None:
    """Is gone."""
    connection, peer = pair
    peer.close()
    with pytest.raises(Gone):
        connection.receive(0.0)
