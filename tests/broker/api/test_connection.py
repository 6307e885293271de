"""A connection whose request never comes, or never comes whole, through a real uvicorn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.api import connection
from tests.broker.serving import answer, serving

WHOLE = b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n"


async def polite(_scope: Any, _receive: Any, send: Any) -> None:
    await answer(send, 200, b"{}")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with serving(polite, str(tmp_path / "s"), protocol=connection.Connection) as listening:
        yield listening


def connected(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(path)
    return sock


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: bro"])
def test_a_head_that_does_not_arrive_ends_the_connection(begun: bytes, path: str) -> None:
    """Whether nothing came or a part of it: the place is free again."""
    with connected(path) as sock:
        sock.sendall(begun)
        assert sock.recv(100) == b""


def test_a_second_head_has_the_same_deadline(path: str) -> None:
    """A first request that was answered buys a connection no more time for the next."""
    with connected(path) as sock:
        sock.sendall(WHOLE)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.sendall(b"G")
        while sock.recv(65536):
            pass


def test_a_request_that_is_being_answered_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is the head's: however long the answer then takes, it arrives."""

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        await asyncio.sleep(0.6)
        await answer(send, 200, b"{}")

    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with serving(slow, str(tmp_path / "s"), protocol=connection.Connection) as path, connected(path) as sock:
        sock.sendall(WHOLE)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
