"""The sockets that a broker listens on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from broker.server import _unix
from secretguard.errors import ConfigError


def listening(path: str, backlog: int) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    sock.listen(backlog)
    return sock


def test_a_socket_that_nobody_listens_on_is_replaced(tmp_path: Path) -> None:
    """What a killed broker left behind stops no new one; the new socket is its user's alone."""
    tmp_path.chmod(0o700)
    path = str(tmp_path / "launch.sock")
    listening(path, 1).close()
    with _unix(path):
        assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_broker_with_a_full_queue_keeps_its_socket(tmp_path: Path) -> None:
    """A broker that is too busy to take one more connection is not dead: its socket must not be taken from it."""
    tmp_path.chmod(0o700)
    path = str(tmp_path / "launch.sock")
    with listening(path, 0):
        waiting = []
        try:
            for _ in range(3):
                sock = socket.socket(socket.AF_UNIX)
                sock.setblocking(False)
                waiting.append(sock)
                if sock.connect_ex(path):
                    break
            with pytest.raises(ConfigError, match="in use"):
                _unix(path)
        finally:
            for sock in waiting:
                sock.close()
