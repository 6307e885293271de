"""`broker/vault.py` against servers that lie, stall, redirect and vanish."""

from __future__ import annotations

import datetime
import ipaddress
import itertools
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import MaybeIssued, SourceFailed
from broker.vault import NAME, Endpoint, Outcome, Vault, segments
from broker.vault_identity import FixedToken
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply
from tests.servers.process import spare_port

TOKEN = "hvs." + "Xy7" * 8
HUGE = b'{"data": {"x": "' + b"a" * (2 << 20) + b'"}}'


def client(server: Loopback | str, **settings: object) -> Vault:
    """The product's client with a fixed token."""
    address = server if isinstance(server, str) else server.address
    return Vault(Endpoint(address, **settings), FixedToken(Secret(TOKEN)))  # type: ignore[arg-type]


class Login:
    """An identity that logs in at auth/approle/login."""

    def login(self) -> tuple[tuple[str, ...], dict[str, object]]:
        return ("auth", "approle", "login"), {"role_id": "r", "secret_id": "s"}

    def token(self) -> Secret:
        raise AssertionError


def logged_in(number: int, seconds: int = 3600) -> list[bytes]:
    """Vault's answer to a login."""
    return reply(200, {"auth": {"client_token": f"{TOKEN}{number}", "lease_duration": seconds}})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_its_target_never_sees_the_token(status: int) -> None:
    """The library would follow a redirect to another host and take X-Vault-Token along."""
    with loopback(lambda _: reply(200, {})) as thief:
        target = [("Location", f"{thief.address}/v1/auth/token/create")]
        with loopback(lambda _: reply(status, None, target)) as server:
            answer = client(server).ask("post", "auth", "token", "create", body={})
    assert answer.outcome is Outcome.REFUSED
    assert "redirect" in answer.why
    assert thief.requests == []


@pytest.mark.parametrize(
    "name", ["../roles/evil", "a/../b", "x?wrap", "x#y", "", ".", "..", "a b", "a%2e", "a\n", "é", "a" * 65, "x;y"]
)
def test_a_name_that_could_change_the_path_is_refused_before_any_call(name: str) -> None:
    """`..` would be folded into another endpoint, `?` would turn the rest into a query."""
    with loopback(lambda _: reply(200, {})) as server, pytest.raises(SourceFailed):
        client(server).ask("post", "auth", "token", "create", name)
    assert server.requests == []


@given(st.text())
def test_whatever_passes_is_plain_letters_digits_underscore_or_hyphen(name: str) -> None:
    """No text outside the alphabet gets into a path, whatever it is."""
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert bool(NAME.fullmatch(name)) == (0 < len(name) <= 64 and set(name) <= allowed)


def test_a_mount_with_an_empty_or_folding_segment_is_refused() -> None:
    """Mounts come from a configuration file and are checked like any other name."""
    with loopback(lambda _: reply(200, {})) as server:
        for mount in ("database/../sys", "a//b", "./a"):
            with pytest.raises(SourceFailed):
                client(server).ask("get", *segments(mount), "creds", "r")
    assert server.requests == []


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


@pytest.mark.parametrize(
    ("status", "document", "outcome"),
    [
        (200, {"data": {}}, Outcome.DONE),
        (204, None, Outcome.DONE),
        (200, b"<html>", Outcome.UNCLEAR),
        (200, b'{"auth": 1, "auth": 2}', Outcome.UNCLEAR),
        (200, [], Outcome.UNCLEAR),
        (201, {}, Outcome.UNCLEAR),
        (400, {"errors": ["child policies must be subset of parent"]}, Outcome.REFUSED),
        (400, {"errors": ["failed to persist accessor index entry: leadership lost"]}, Outcome.UNCLEAR),
        (403, {"errors": ["permission denied"]}, Outcome.REFUSED),
        (404, {"errors": []}, Outcome.REFUSED),
        (405, {"errors": []}, Outcome.REFUSED),
        (412, {}, Outcome.REFUSED),
        (413, b"", Outcome.REFUSED),
        (429, {"errors": ["rate limit quota exceeded"]}, Outcome.REFUSED),
        (500, {"errors": ["internal error"]}, Outcome.UNCLEAR),
        (501, {}, Outcome.REFUSED),
        (502, b"bad gateway", Outcome.UNCLEAR),
        (503, {"errors": ["Vault is sealed"]}, Outcome.REFUSED),
        (503, b"upstream connect error or disconnect/reset before headers", Outcome.UNCLEAR),
        (504, b"", Outcome.UNCLEAR),
        (418, {}, Outcome.UNCLEAR),
    ],
)
def test_what_each_answer_means_for_a_mint(status: int, document: object, outcome: Outcome) -> None:
    """Refused is certain; an answer that may hide a minted credential is unclear."""
    with loopback(lambda _: reply(status, document)) as server:
        answer = client(server).ask("post", "auth", "token", "create", body={})
    assert answer.outcome is outcome
    if outcome is Outcome.REFUSED:
        with pytest.raises(SourceFailed):
            answer.or_maybe("x")
    if outcome is Outcome.UNCLEAR:
        with pytest.raises(MaybeIssued):
            answer.or_maybe("x")
        with pytest.raises(SourceFailed):
            answer.or_failed("x")


def test_errors_are_read_whatever_the_media_type_says() -> None:
    """A gateway that adds a charset makes the library hand the errors over unparsed."""
    odd = [("Content-Type", "application/json; charset=utf-8")]
    with loopback(lambda _: reply(400, {"errors": ["invalid accessor"]}, odd)) as server:
        assert client(server).ask("post", "auth", "token", "lookup-accessor").says("invalid accessor")


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


def test_a_server_that_is_not_there_has_certainly_done_nothing() -> None:
    """No connection, no mint: there is nothing for recovery to look for."""
    answer = client(f"http://127.0.0.1:{spare_port()}").ask("post", "auth", "token", "create", body={})
    assert answer.outcome is Outcome.REFUSED
    with pytest.raises(SourceFailed, match="could not be reached"):
        answer.or_maybe("minting")


def test_no_secret_and_no_answer_of_vault_in_anything_that_is_shown() -> None:
    """Messages, representations and chained exceptions carry our own words alone."""
    bodies: Iterable[tuple[int, object]] = [
        (200, {"auth": {"client_token": TOKEN, "accessor": "canary"}, "warnings": ["canary"]}),
        (200, {"data": {"password": "canary"}, "lease_id": "canary"}),
        (400, {"errors": [f"canary {TOKEN}"]}),
        (500, b"canary " + TOKEN.encode()),
    ]  # fmt: skip
    for status, body in bodies:
        with loopback(lambda _, status=status, body=body: reply(status, body)) as server:
            answer = client(server).ask("put", "sys", "leases", "revoke", body={"lease_id": "canary"})
        shown = [repr(answer), str(answer)]
        if status != 200:
            with pytest.raises(SourceFailed) as caught:
                answer.or_failed("revoking")
            shown += [
                str(caught.value),
                repr(caught.value),
                repr(caught.value.__context__),
                repr(caught.value.__cause__),
            ]
        for text in shown:
            assert "canary" not in text
            assert TOKEN not in text
            assert "127.0.0.1" not in text


def test_a_dead_login_is_replaced_once_and_a_real_refusal_stays_one() -> None:
    """403 is Vault's answer to an expired token and to a missing right; one new login tells them apart."""
    logins = itertools.count(1)

    def play(request: Request) -> list[bytes]:
        if request.path.endswith("/login"):
            return logged_in(next(logins))
        return (
            reply(204)
            if request.headers["x-vault-token"] == f"{TOKEN}2"
            else reply(403, {"errors": ["permission denied"]})
        )

    with loopback(play) as server:
        vault = Vault(Endpoint(server.address), Login())
        assert vault.ask("get", "a").status == 403, "the very first token is fresh: logging in again would not help"
        assert vault.ask("get", "b").status == 204
        assert vault.ask("get", "c").status == 204
    assert [request.path for request in server.asked("login")] == ["/v1/auth/approle/login"] * 2


def test_all_threads_go_on_when_their_common_login_dies() -> None:
    """One of them logs in again, the others use what it got."""
    logins, arrived = itertools.count(1), threading.Barrier(8)

    def play(request: Request) -> list[bytes]:
        if request.path.endswith("/login"):
            return logged_in(next(logins))
        if request.headers["x-vault-token"] == f"{TOKEN}1" and request.path != "/v1/first":
            arrived.wait(10)  # all eight are refused before one of them logs in again
            return reply(403, {"errors": ["permission denied"]})
        return reply(204)

    with loopback(play) as server, ThreadPoolExecutor(8) as pool:
        vault = Vault(Endpoint(server.address), Login())
        assert vault.ask("get", "first").status == 204
        assert list(pool.map(lambda _: vault.ask("get", "x").status, range(8))) == [204] * 8
    assert len(server.asked("login")) == 2


def test_a_missing_right_does_not_flood_vault_with_logins() -> None:
    """A hundred refusals cost two logins, not a hundred and one."""
    logins = itertools.count(1)

    def play(request: Request) -> list[bytes]:
        denied = reply(403, {"errors": ["permission denied"]})
        return logged_in(next(logins)) if request.path.endswith("/login") else denied

    with loopback(play) as server:
        vault = Vault(Endpoint(server.address), Login())
        assert {vault.ask("get", "a").status for _ in range(100)} == {403}
    assert len(server.asked("login")) == 2


def test_a_login_is_replaced_before_it_ends_and_kept_while_vault_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """After two thirds of its life a new one is fetched; when that fails the old one serves until it really ends."""
    clock, works, logins = SimpleNamespace(now=1000.0), [True], itertools.count(1)
    monkeypatch.setattr("broker.vault.time", SimpleNamespace(monotonic=lambda: clock.now))

    def play(request: Request) -> list[bytes]:
        if not request.path.endswith("/login"):
            return reply(200, {"data": {"used": request.headers["x-vault-token"]}})
        return logged_in(next(logins), 300) if works[0] else reply(503, {"errors": ["Vault is sealed"]})

    with loopback(play) as server:
        vault = Vault(Endpoint(server.address), Login())

        def used() -> str:
            return str(vault.ask("get", "x").data["used"])[len(TOKEN) :]

        assert used() == "1"
        clock.now += 150
        assert used() == "1"
        clock.now += 100
        assert used() == "2"
        works[0] = False
        clock.now += 250
        assert used() == "2"
        clock.now += 100
        with pytest.raises(SourceFailed, match="login"):
            used()


def test_many_threads_share_one_login() -> None:
    """Thirty-two first calls at once log in once."""
    logins = itertools.count(1)

    def play(request: Request) -> list[bytes]:
        return logged_in(next(logins)) if request.path.endswith("/login") else reply(204)

    with loopback(play) as server, ThreadPoolExecutor(32) as pool:
        vault = Vault(Endpoint(server.address), Login())
        gate = threading.Barrier(32)

        def call(_: int) -> int:
            gate.wait(10)
            return vault.ask("get", "x").status

        assert set(pool.map(call, range(32))) == {204}
    assert len(server.asked("login")) == 1


def test_a_login_whose_answer_is_odd_sends_nothing_more() -> None:
    """No token in the answer, or no answer: the mint was certainly not sent."""
    for answer in (reply(200, {"auth": {}}), reply(200, {}), reply(500, {}), reply(200, b"x"), None):
        with loopback(lambda _, answer=answer: answer) as server:
            vault = Vault(Endpoint(server.address, seconds=1), Login())
            with pytest.raises(SourceFailed):
                vault.ask("post", "auth", "token", "create", body={})
        assert all(request.path.endswith("/login") for request in server.requests)


def test_a_namespace_that_the_server_ignores_is_refused() -> None:
    """A server without namespaces answers from its root whatever the header says: tenants would share one space."""
    with (
        loopback(lambda _: reply(200, {"data": {}})) as server,
        pytest.raises(SourceFailed, match="ignores namespaces"),
    ):
        client(server, namespace="team-a").ask("get", "sys", "mounts")
    assert server.asked("mounts") == []


def test_a_namespace_that_is_real_is_sent_with_every_call() -> None:
    """A server that refuses a namespace which cannot exist is believed."""

    def play(request: Request) -> list[bytes]:
        return reply(200 if request.headers.get("x-vault-namespace") == "team-a" else 404, {"data": {}})

    with loopback(play) as server:
        vault = client(server, namespace="team-a")
        assert vault.ask("get", "sys", "mounts").status == 200
        assert vault.ask("get", "sys", "mounts").status == 200
    assert len(server.requests) == 3, "proved once"


@pytest.mark.parametrize(
    "address",
    [
        "http://vault.example.org:8200", "http://10.0.0.1", "ftp://127.0.0.1", "https://", "127.0.0.1:8200",
        "https://user@vault.example.org", "https://vault.example.org/v1", "https://vault.example.org?x=1",
        "http://127.0.0.1.example.org",
    ],
)  # fmt: skip
def test_an_address_that_would_expose_the_token_is_refused(address: str) -> None:
    """Plain http leaves this machine never; an address is scheme, host and port."""
    with pytest.raises(ConfigError):
        Endpoint(address)


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


def test_tls_answers_have_the_same_deadline(certificate: Path) -> None:
    """A slow body over TLS is given up like one in the clear."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    slow = lambda _: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")  # noqa: E731
    with loopback(slow, context) as server:
        answer = client(server, ca_file=str(certificate), seconds=0.4).ask("get", "x")
    assert answer.outcome is Outcome.UNCLEAR
