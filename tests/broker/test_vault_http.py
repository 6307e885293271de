"""The HTTP under the Vault client against servers that stall, flood and are not who they say they are."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from broker.vault import Endpoint, Vault
from broker.vault_answer import Outcome
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.broker.test_vault import TOKEN, client
from tests.servers.loopback import loopback, reply

HUGE = b'{"data": {"x": "' + b"a" * (2 << 20) + b'"}}'


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Token, address, namespace, proxy, netrc and CA bundle of the person who started the broker are not used."""
    with loopback(lambda _: reply(200, {})) as trap, loopback(lambda _: reply(200, {})) as server:
        (tmp_path / ".vault-token").write_text("from-home")
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login netrc-user password netrc-word\n")
        (tmp_path / ".netrc").chmod(0o600)
        for name, value in {
            "HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc"), "VAULT_TOKEN": "from-env",
            "VAULT_ADDR": trap.address, "VAULT_NAMESPACE": "elsewhere", "HTTP_PROXY": trap.address,
            "http_proxy": trap.address, "ALL_PROXY": trap.address, "REQUESTS_CA_BUNDLE": "/nowhere",
            "CURL_CA_BUNDLE": "/nowhere", "no_proxy": "",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        vault = client(server)
        assert vault.ask("get", "sys", "mounts").outcome is Outcome.DONE
        assert vault.ask_openly("get", "sys", "health").outcome is Outcome.DONE
    assert trap.requests == []
    with_token, without = (request.headers for request in server.requests)
    assert with_token["x-vault-token"] == TOKEN
    assert "x-vault-token" not in without
    for headers in (with_token, without):
        assert "x-vault-namespace" not in headers
        assert "authorization" not in headers


def drip(head: bytes, piece: bytes, pause: float = 0.05, seconds: float = 60) -> Iterator[bytes]:
    """`head` at once, then `piece` again and again, far beyond any deadline."""
    yield head
    for _ in range(int(seconds / pause)):
        time.sleep(pause)
        yield piece


@pytest.mark.parametrize(
    "answer",
    [
        lambda: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        lambda: drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        lambda: drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        lambda: drip(b"", b"", pause=1),
        lambda: reply(200, HUGE),
        lambda: drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 300_000, pause=0.001),
        lambda: [b"HTTP/1.1 200 OK\r\n" + b"X-Big: " + b"a" * 100_000 + b"\r\n\r\n{}"],
        lambda: [b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(1000)) + b"\r\n{}"],
        lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}"],
        lambda: [b"\x00\xff\x00 nonsense\r\n\r\n"],
        lambda: [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"],
        lambda: None,
    ],
    ids=[
        "slow body", "slow chunks", "slow head", "silence", "long body", "endless body", "long header", "many headers",
        "cut off", "nonsense", "compressed", "hung up",
    ],
)  # fmt: skip
def test_an_answer_that_never_ends_or_makes_no_sense_is_unclear(answer: object) -> None:
    """One deadline for the whole answer, however steadily bytes arrive, and one cap on its size."""
    with loopback(lambda _: answer()) as server:  # type: ignore[operator]
        told = client(server, seconds=0.4).ask("post", "auth", "token", "create", body={})
    assert told.outcome is Outcome.UNCLEAR
    assert len(server.requests) == 1, "a mint must never be sent twice"


def test_a_cookie_of_one_answer_is_not_sent_with_the_next() -> None:
    """Sessions of a balancer must not tie one identity's calls to another's."""
    with loopback(lambda _: reply(200, {}, [("Set-Cookie", "stick=1; Path=/")])) as server:
        vault = client(server)
        vault.ask("get", "a")
        vault.ask("get", "b")
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "both.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_server_whose_certificate_is_not_trusted_never_sees_the_token(certificate: Path) -> None:
    """The handshake ends before anything is sent, so nothing was issued; with `ca_file` the same server is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with loopback(lambda _: reply(200, {"data": {"ok": True}}), context) as server:
        answer = client(server).ask("get", "sys", "mounts")
        assert answer.outcome is Outcome.REFUSED
        assert server.requests == []
        assert client(server, ca_file=str(certificate)).ask("get", "sys", "mounts").data == {"ok": True}


def test_no_keys_of_a_connection_are_written_down(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSLKEYLOGFILE would have those of every connection to Vault in a file, and with them the tokens on it."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with loopback(lambda _: reply(200, {"data": {"ok": True}}), context) as server:
        assert client(server, ca_file=str(certificate)).ask("get", "x").data == {"ok": True}
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", None], ids=["plain http", "closed", "mute"]
)
def test_a_handshake_that_fails_has_certainly_sent_nothing(
    greeting: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong port, a balancer without a back end, a port that nobody serves: no mint, nothing to recover."""
    monkeypatch.setattr("broker.vault_http.CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        vault = Vault(Endpoint(f"https://127.0.0.1:{listener.getsockname()[1]}"), FixedToken(Secret(TOKEN)))
        asked = pool.submit(vault.ask, "post", "auth", "token", "create", body={})
        link, _ = listener.accept()
        if greeting is not None:
            link.sendall(greeting)
            link.close()
        assert asked.result(20).outcome is Outcome.REFUSED
        link.close()


def test_tls_answers_have_the_same_deadline(certificate: Path) -> None:
    """A slow body over TLS is given up like one in the clear."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    slow = lambda _: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")  # noqa: E731
    with loopback(slow, context) as server:
        answer = client(server, ca_file=str(certificate), seconds=0.4).ask("get", "x")
    assert answer.outcome is Outcome.UNCLEAR
