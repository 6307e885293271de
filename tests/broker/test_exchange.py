"""One exchange, one deadline, one cap: against peers that do their worst."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broker.exchange import Answer, Exchange, NoAnswerError, NotSentError
from tests.broker.serving import answer, body_of, serving


@contextlib.contextmanager
def peer(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A TCP server that hands its one connection to `behave`; yields the base URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(4)
        listener.settimeout(10)

        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    connection.recv(65536)
                    behave(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(15)
        assert not thread.is_alive()


def get(url: str, seconds: float = 5.0, max_answer: int = 1000, **options: Any) -> Answer:
    with contextlib.closing(Exchange(max_answer=max_answer, **options)) as exchange:
        return exchange("GET", url, headers={}, body=None, seconds=seconds)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with method, path, environment-free headers and body."""
    names = sorted(name.decode() for name, _ in scope["headers"])
    text = f"{scope['method']} {scope['path']} {','.join(names)} ".encode() + await body_of(receive)
    await answer(send, 200, text)


def test_a_good_exchange_over_tcp_and_over_a_unix_socket(tmp_path: Path) -> None:
    """The same request both ways; the connection is used again."""
    path = str(tmp_path / "s")
    with serving(echo) as base, serving(echo, path):
        for url, options in ((base, {}), ("http://broker", {"unix_socket": path})):
            with contextlib.closing(Exchange(max_answer=1000, **options)) as exchange:
                for _ in range(2):
                    found = exchange("POST", f"{url}/a", headers={"X-B": "c"}, body=b"{}", seconds=5)
                    assert (found.status, found.body) == (200, b"POST /a content-length,host,x-b {}")
                    assert found.headers["content-type"] == "application/json"


def test_the_environment_does_not_lead_it_astray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxy variables and netrc are not read."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login u password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(echo) as base:
        assert get(f"{base}/a").body == b"GET /a host "


def test_a_redirect_is_an_answer_like_any_other() -> None:
    """It is handed back, not followed."""
    asked: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", b"/b")]})
        await send({"type": "http.response.body", "body": b""})

    with serving(app) as base:
        assert get(f"{base}/a").status == 307
    assert asked == ["/a"]


def test_nobody_there_means_not_sent(tmp_path: Path) -> None:
    """No listener, no socket file: certain that nothing arrived."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NotSentError):
            get(f"http://127.0.0.1:{unused.getsockname()[1]}")
    with pytest.raises(NotSentError):
        get("http://broker", unix_socket=str(tmp_path / "none"))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"3e8\r\n"
        + b"x" * 1000
        + b"\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\n",
    ],
)
def test_a_broken_or_oversized_answer_is_no_answer(sent: bytes) -> None:
    """Cut off, not HTTP, over the cap with and without a stated length, endless headers."""

    def behave(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(sent)

    with peer(behave) as base, pytest.raises(NoAnswerError):
        get(base)


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
)
def test_a_dripping_peer_meets_the_deadline(start: bytes) -> None:
    """One byte at a time, before the headers, within them or within the body, does not extend the wait."""
    over = threading.Event()

    def behave(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(start)
            while not over.wait(0.05):
                connection.sendall(b"x")

    with peer(behave) as base:
        began = time.monotonic()
        with pytest.raises(NoAnswerError):
            get(base, seconds=0.5)
        over.set()
    assert time.monotonic() - began < 10  # without the deadline: forever


def test_a_silent_peer_meets_the_deadline() -> None:
    """A server that accepts and never answers."""
    over = threading.Event()
    with peer(lambda _: over.wait(10) and None) as base:  # type: ignore[func-returns-value]
        with pytest.raises(NoAnswerError):
            get(base, seconds=0.3)
        over.set()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made up")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return str(path)


def test_https_needs_a_trusted_certificate_of_that_host(certificate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown authority, another host name, and an exchange made without https: nothing is sent. Trusted: it is."""
    with serving(echo, certificate=certificate) as base:
        with pytest.raises(NotSentError):
            get(f"{base}/a", https=True)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        assert get(f"{base}/a", https=True).body == b"GET /a host "
        with pytest.raises(NotSentError):
            get(f"{base.replace('127.0.0.1', 'localhost')}/a", https=True)
        with pytest.raises(NotSentError):
            get(f"{base}/a")


def test_no_keys_of_a_connection_are_written_down(
    certificate: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSLKEYLOGFILE would have the keys of each in a file; the authority of `ca_file` is trusted, and no other."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with serving(echo, certificate=certificate) as base:
        assert get(f"{base}/a", https=True, ca_file=certificate).status == 200
    assert not (tmp_path / "keys").exists()
    with pytest.raises(OSError):
        Exchange(https=True, ca_file=str(tmp_path / "none"), max_answer=1)


def test_failures_do_not_quote_what_was_sent() -> None:
    """The exception of a failed call holds neither headers nor body, in no link of its chain."""
    headers = {"Authorization": "Bearer canary-1"}
    with (
        peer(lambda connection: connection.sendall(b"garbage\r\n\r\n")) as base,
        contextlib.closing(Exchange(max_answer=10)) as exchange,
        pytest.raises(NoAnswerError) as caught,
    ):
        exchange("POST", base, headers=headers, body=b"canary-2", seconds=5)
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None
