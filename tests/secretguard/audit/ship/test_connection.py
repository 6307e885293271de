"""The connection: a receiver is known by its certificate, and nothing waits for longer than it was told."""

from __future__ import annotations

import datetime
import socket
import threading
from pathlib import Path

import pytest

from secretguard.audit.ship.connection import connected, tls_context
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError
from tests.secretguard.audit.ship.receivers import collecting, receiver
from tests.servers.certificates import Authority, Pair


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs what the servers and clients of this file show."""
    return Authority(tmp_path_factory.mktemp("ca"))


def reach(pair: Pair, **settings: str) -> None:
    """Connect to a server that shows `pair`, and end in order."""
    with receiver(collecting([]), pair.server_context()) as port:
        to = Endpoint(f"syslog+tls://127.0.0.1:{port}", **settings)
        with connected(to, tls_context(to), 10) as connection:
            connection.unwrap()  # type: ignore[attr-defined]


def test_the_right_receiver_is_reached(authority: Authority) -> None:
    """By the URL's host, or by the name that was given for it."""
    reach(authority.issue("127.0.0.1"), ca=str(authority.file))
    reach(authority.issue("siem.example.org"), ca=str(authority.file), server_name="siem.example.org")


@pytest.mark.parametrize("kind", ["another name", "expired", "another authority", "no authority given"])
def test_any_other_certificate_is_refused_for_good(kind: str, authority: Authority, tmp_path: Path) -> None:
    """Nothing is sent, and trying again is no use until a person has looked."""
    pair = authority.issue("127.0.0.1")
    ca = str(authority.file)
    if kind == "another name":
        pair = authority.issue("elsewhere.example.org")
    elif kind == "expired":
        pair = authority.issue("127.0.0.1", valid=datetime.timedelta(0))
    elif kind == "another authority":
        pair = Authority(tmp_path / "other").issue("127.0.0.1")
    else:
        ca = ""
    with pytest.raises(NotTaken, match="certificate is refused") as caught:
        reach(pair, ca=ca)
    assert caught.value.lasting


def test_a_server_that_speaks_no_tls_is_told_apart() -> None:
    """It is an error of the connection, not a crash."""

    def greets(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example.org ESMTP\r\n")

    with receiver(greets) as port:
        to = Endpoint(f"syslog+tls://127.0.0.1:{port}")
        with pytest.raises(NotTaken, match="TLS"), connected(to, tls_context(to), 5):
            raise AssertionError("no handshake can have been done")


def test_without_tls_another_machine_is_never_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decided by the address that was reached, not by the name that was written."""
    to = Endpoint("syslog+tcp://localhost:1")

    class Elsewhere(socket.socket):
        def getpeername(self) -> tuple[str, int]:
            return ("192.0.2.1", 6514)

    monkeypatch.setattr(socket, "create_connection", lambda address, timeout: Elsewhere())
    with pytest.raises(ConfigError, match="another machine"), connected(to, None, 5):
        raise AssertionError("nothing may be sent")


def test_nobody_listening_is_said() -> None:
    """With the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    to = Endpoint(f"syslog+tcp://127.0.0.1:{port}")
    with pytest.raises(NotTaken, match=rf"127.0.0.1:{port}: Connection refused"), connected(to, None, 5):
        raise AssertionError("nobody is there")


def test_what_waits_is_ended_at_the_deadline() -> None:
    """Also when the end looks like the receiver's own: it then did not take what was sent."""
    held = threading.Event()
    with receiver(lambda connection: held.wait(10)) as port:  # type: ignore[arg-type,return-value]
        to = Endpoint(f"syslog+tcp://127.0.0.1:{port}")
        with pytest.raises(NotTaken, match="not done after"), connected(to, None, 0.3) as connection:
            assert connection.recv(1) == b""
        held.set()


@pytest.mark.parametrize("broken", ["missing", "no certificate", "encrypted key"])
def test_files_that_cannot_be_used_are_named(broken: str, authority: Authority, tmp_path: Path) -> None:
    """And nobody is asked for a password."""
    pair = authority.issue("client")
    certificate, key = str(pair.certificate), str(pair.key)
    ca = str(authority.file)
    if broken == "missing":
        ca = str(tmp_path / "none.pem")
    elif broken == "no certificate":
        ca = str(pair.key)
    else:
        key = str(tmp_path / "key.pem")
        Path(key).write_text(
            "-----BEGIN ENCRYPTED " + "PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED " + "PRIVATE KEY-----\n"
        )
    with pytest.raises(ConfigError, match="PEM files without a password"):
        tls_context(Endpoint("syslog+tls://x", ca=ca, certificate=certificate, key=key))
