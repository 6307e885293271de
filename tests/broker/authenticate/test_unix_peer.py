"""The identity of a Unix socket's peer, through a real uvicorn."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.authenticate import unix_peer
from broker.authenticate.unix_peer import Peer, identity_of, peer_of
from broker.errors import Unauthenticated
from tests.broker.serving import answer, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SO_PEERCRED is Linux's")


async def who(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the caller's identity, or 401."""
    peer = peer_of(scope)
    try:
        await answer(send, 200, f"{identity_of(scope).id} {peer.pid if peer else 0}".encode())
    except Unauthenticated as error:
        await answer(send, 401, error.message.encode())


@pytest.fixture(scope="module")
def launch_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("s")
    path = str(folder / "launch.sock")
    with serving(who, path):
        for part in (folder, *folder.parents):  # another user must be able to reach the socket
            if part.stat().st_uid == os.geteuid() and part != Path("/"):
                part.chmod(part.stat().st_mode | 0o011)
        os.chmod(path, 0o666)
        yield path


def ask(path: str, extra: str = "", requests: int = 1) -> list[str]:
    """The bodies of the answers to GET requests over one connection, `extra` being further header lines."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(path)
        bodies = []
        for _ in range(requests):
            sock.sendall(f"GET / HTTP/1.1\r\nHost: broker\r\n{extra}\r\n".encode())
            data = b""
            while b"\r\n\r\n" not in data or not data.partition(b"\r\n\r\n")[2]:
                data += sock.recv(65536)
            bodies.append(data.partition(b"\r\n\r\n")[2].decode())
        return bodies


def test_the_kernel_says_who_called(launch_socket: str) -> None:
    """The identity is the peer's uid, on every request of a connection."""
    assert ask(launch_socket, requests=2) == [f"unix:{os.geteuid()} {os.getpid()}"] * 2


@pytest.mark.parametrize(
    "lines",
    [
        "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-User: root\r\n",
        "X-Remote-User: 4242\r\nUid: 4242\r\nForwarded: for=unix;by=4242\r\n",
        f"{unix_peer._STATE_KEY}: 4242\r\nState: {{'{unix_peer._STATE_KEY}': 4242}}\r\n",
        "Authorization: Bearer unix:4242\r\nCookie: uid=4242\r\n",
    ],
)
def test_no_header_changes_who_called(launch_socket: str, lines: str) -> None:
    """Whatever a client claims about itself in headers, the kernel's word stands."""
    assert ask(launch_socket, lines) == [f"unix:{os.geteuid()} {os.getpid()}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a second user")
def test_two_users_on_one_socket_are_told_apart(launch_socket: str) -> None:
    """A process of another user gets that user's identity, also after root was there."""
    assert ask(launch_socket)[0].startswith("unix:0 ")
    script = (
        "import os, socket, sys; os.setgroups([]); os.setgid(4243); os.setuid(4242)\n"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1])\n"
        "s.sendall(b'GET / HTTP/1.1\\r\\nHost: b\\r\\nUid: 0\\r\\nConnection: close\\r\\n\\r\\n')\n"
        "print(s.makefile('rb').read().decode())"
    )
    child = subprocess.run(
        [sys.executable, "-I", "-c", script, launch_socket], capture_output=True, text=True, timeout=30, check=True
    )
    assert "\r\n\r\nunix:4242 " in child.stdout.replace("\n\n", "\r\n\r\n")
    assert ask(launch_socket)[0].startswith("unix:0 ")


def test_a_tcp_connection_is_nobody() -> None:
    """Over TCP there is no peer, so nobody is authenticated, whatever the headers say."""
    with serving(who) as base, socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2])), 10) as sock:
        sock.settimeout(10)
        sock.sendall(b"GET / HTTP/1.1\r\nHost: b\r\nUid: 0\r\nConnection: close\r\n\r\n")
        assert sock.makefile("rb").read().startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "scope", [{}, {"state": None}, {"state": {}}, {"state": {unix_peer._STATE_KEY: (1, 0, 0)}}, {"client": ("::1", 1)}]
)
def test_a_scope_without_a_peer_is_nobody(scope: dict[str, Any]) -> None:
    """A scope of another protocol class, or with a look-alike in its state, authenticates nobody."""
    with pytest.raises(Unauthenticated):
        identity_of(scope)


def test_the_overflow_uid_names_nobody_inside_a_user_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not every user has a number, 65534 stands for many, and is refused; outside it is an ordinary user."""
    scope = {"state": {unix_peer._STATE_KEY: Peer(1, 65534, 65534)}}
    monkeypatch.setattr(unix_peer, "_every_uid_is_known", lambda: True)
    assert identity_of(scope).id == "unix:65534"
    monkeypatch.setattr(unix_peer, "_every_uid_is_known", lambda: False)
    with pytest.raises(Unauthenticated, match="namespace"):
        identity_of(scope)
