"""`broker/vault.py` against servers that lie, stall, redirect and vanish."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker import vault_login
from broker.errors import SourceFailed
from broker.vault import NAME, Endpoint, Vault, segments
from broker.vault_answer import Outcome
from broker.vault_identity import FixedToken, TokenFile
from broker.vault_login import Ask
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply
from tests.servers.process import spare_port

TOKEN = "hvs." + "Xy7" * 8


def client(server: Loopback | str, **settings: object) -> Vault:
    """The product's client with a fixed token."""
    address = server if isinstance(server, str) else server.address
    return Vault(Endpoint(address, **settings), FixedToken(Secret(TOKEN)))  # type: ignore[arg-type]


class Login:
    """An identity that logs in at auth/approle/login."""

    renews = False

    def log_in(self, ask: Ask) -> vault_login.Login:
        return vault_login.taken(ask("post", "auth", "approle", "login", body={"role_id": "r", "secret_id": "s"}))


def logged_in(number: int, seconds: int = 3600) -> list[bytes]:
    """Vault's answer to a login."""
    return reply(200, {"auth": {"client_token": f"{TOKEN}{number}", "lease_duration": seconds}})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_its_target_never_sees_the_token(status: int) -> None:
    """The library would follow a redirect to another host and take X-Vault-Token along."""
    with loopback(lambda _: reply(200, {})) as thief:
        target = [("Location", f"{thief.address}/v1/auth/token/create")]
        with loopback(lambda _: reply(status, None, target)) as server:
            answer = client(server).ask("post", "auth", "token", "create", body={})
    assert answer.outcome is Outcome.UNCLEAR
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
    monkeypatch.setattr("broker.vault_login.time", SimpleNamespace(monotonic=lambda: clock.now))

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


@pytest.mark.parametrize(("status", "words"), [(503, "sealed"), (500, "500"), (429, "429"), (307, "redirect")])
def test_a_namespace_that_cannot_be_proved_now_is_not_used(status: int, words: str) -> None:
    """Neither real nor a sham: nothing is sent with it, and the next login looks again."""

    def play(request: Request) -> list[bytes]:
        real = request.headers.get("x-vault-namespace") == "team-a"
        return reply(200, {"data": {}}) if real else reply(status, {"errors": ["Vault is sealed"] * (status == 503)})

    with loopback(play) as server, pytest.raises(SourceFailed, match=words) as caught:
        client(server, namespace="team-a").ask("get", "sys", "mounts")
    assert not isinstance(caught.value, vault_login.LoginUnfit)
    assert server.asked("mounts") == []


def test_a_namespace_that_refuses_its_own_identity_is_not_used() -> None:
    """A token without any right is refused everywhere: that proves nothing about namespaces."""
    with (
        loopback(lambda _: reply(403, {"errors": ["permission denied"]})) as server,
        pytest.raises(SourceFailed, match="namespace team-a"),
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
    assert len(server.requests) == 4, "proved once, by two calls"


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


def test_a_login_file_that_others_may_read_is_a_failed_login(tmp_path: Path) -> None:
    """What goes wrong with the broker's own files while it runs is an expected failure: nothing was sent."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    with loopback(lambda _: reply(200, {})) as server:
        vault = Vault(Endpoint(server.address), TokenFile(str(file)))
        with pytest.raises(SourceFailed, match="others may read it"):
            vault.ask("get", "sys", "health")
    assert server.requests == []
