"""Answers of the database engine that are not usable; the real engine is tried in `tests/vault`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.issue.vault_database import VaultDatabaseSource, weakness
from broker.lease import Lease, LeaseState
from broker.receipt import Revocation
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply

GRANT = Grant("orders", "database", {"policy": "orders", "role": "reader", "host": "db.example.org"}, 60)
ORDER = MintRequest("task_1", "lease_1", GRANT, 60, "somebody", Secret("hvs.parent"))
AUTH: dict[str, Any] = {
    "client_token": "hvs.child", "accessor": "acc", "policies": ["orders"], "token_type": "service",
    "renewable": False, "num_uses": 0, "orphan": False, "lease_duration": 60,
}  # fmt: skip
USER: dict[str, Any] = {
    "lease_id": "database/creds/reader/abc", "lease_duration": 600, "warnings": None,
    "data": {"username": "v-one", "password": "word"},
}  # fmt: skip
ISSUED = Lease("lease_1", "task_1", "orders", "database", LeaseState.ISSUED, "acc", "database/creds/reader/abc", 1, 99)


def vault(answers: dict[str, list[bytes]]) -> Callable[[Request], list[bytes]]:
    """A Vault that mints the child, revokes, knows no accessor and no lease, unless `answers` (by path) says other."""
    usual = {
        "/v1/auth/token/create": reply(200, {"auth": AUTH}),
        "/v1/database/creds/reader": reply(200, USER),
        "/v1/auth/token/revoke-accessor": reply(204),
        "/v1/auth/token/lookup-accessor": reply(400, {"errors": ["invalid accessor"]}),
        "/v1/sys/leases/revoke": reply(204),
        "/v1/sys/leases/lookup": reply(400, {"errors": ["invalid lease"]}),
    }
    return lambda request: {**usual, **answers}[request.path.partition("?")[0]]


def source(server: Loopback) -> VaultDatabaseSource:
    """The source with both identities at `server`."""
    issuer, revoker = (Vault(Endpoint(server.address), FixedToken(Secret(who))) for who in ("issuer", "revoker"))
    return VaultDatabaseSource(issuer, revoker, "database")


def test_the_user_is_read_with_the_leases_own_token() -> None:
    """Not with the parent, not with the issuer; the shorter of both lifetimes is told; scope fills the address in."""
    with loopback(vault({})) as server:
        minted = source(server).mint(ORDER)
    assert server.asked("creds")[0].headers["x-vault-token"] == "hvs.child"
    assert {key: value.reveal() for key, value in minted.fields.items()} == {
        "username": "v-one", "password": "word", "host": "db.example.org",
    }  # fmt: skip
    assert (minted.accessor, minted.source_lease) == ("acc", "database/creds/reader/abc")


@pytest.mark.parametrize(
    "changes",
    [
        {"lease_id": ""}, {"data": {}}, {"data": {"username": "v", "password": ""}}, {"warnings": ["something"]},
        {"data": {"username": 5, "password": "x"}}, {"lease_duration": 0},
    ],
    ids=str,
)  # fmt: skip
def test_a_user_that_cannot_be_taken_back_or_used_is_not_handed_out(changes: dict[str, Any]) -> None:
    """Its token is killed, and since the user may still be there it is maybe issued."""
    answers = {"/v1/database/creds/reader": reply(200, {**USER, **changes})}
    with loopback(vault(answers)) as server, pytest.raises(MaybeIssued):
        source(server).mint(ORDER)
    assert server.asked("revoke-accessor")


def test_a_refused_user_leaves_no_token() -> None:
    """403 for the user: the token behind it is revoked and looked up before the refusal is told."""
    answers = {"/v1/database/creds/reader": reply(403, {"errors": ["permission denied"]})}
    with loopback(vault(answers)) as server, pytest.raises(SourceFailed):
        source(server).mint(ORDER)
    assert [request.path.rsplit("/")[-1] for request in server.requests[2:]] == ["revoke-accessor", "lookup-accessor"]


def test_a_refused_user_whose_token_lives_on_is_maybe_issued() -> None:
    """The refusal alone would be a lie."""
    answers = {
        "/v1/database/creds/reader": reply(403, {"errors": ["permission denied"]}),
        "/v1/auth/token/revoke-accessor": reply(503, {"errors": ["Vault is sealed"]}),
    }
    with loopback(vault(answers)) as server, pytest.raises(MaybeIssued):
        source(server).mint(ORDER)


def test_a_revocation_is_believed_only_after_looking() -> None:
    """204 to the revocation, and the lease is still there: queued, not confirmed."""
    answers = {"/v1/sys/leases/lookup": reply(200, {"data": {"id": "x", "issue_time": "2026-01-01T00:00:00Z"}})}
    with loopback(vault(answers)) as server:
        assert source(server).revoke(ISSUED).revocation is Revocation.QUEUED
    with loopback(vault({})) as server:
        assert source(server).revoke(ISSUED).revocation is Revocation.CONFIRMED
        assert [request.path.rsplit("/")[-1] for request in server.requests] == [
            "revoke", "revoke-accessor", "lookup-accessor", "lookup",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/v1/auth/token/revoke-accessor", "/v1/auth/token/lookup-accessor", "/v1/sys/leases/lookup"]
)
@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_revocation_that_cannot_be_checked_is_an_error(path: str, status: int) -> None:
    """The caller tries again; nothing is called dead because a question was not answered."""
    with loopback(vault({path: reply(status, {"errors": ["no"]})})) as server, pytest.raises(SourceFailed):
        source(server).revoke(ISSUED)


def test_a_sync_revocation_that_fails_still_kills_the_token() -> None:
    """The database is down (400): the token is killed, which makes Vault go on trying; the look-up decides."""
    answers = {"/v1/sys/leases/revoke": reply(400, {"errors": ["failed to revoke entry"]})}
    with loopback(vault(answers)) as server:
        assert source(server).revoke(ISSUED).revocation is Revocation.CONFIRMED
    assert server.asked("revoke-accessor")


def holding(
    listing: list[bytes], made_at: str = "2026-01-01T00:00:05.5Z", gone: bool = False
) -> Callable[[Request], list[bytes]]:
    """A Vault with one lost token, dead once revoked, whose role's leases are `listing`; each was made `made_at` and is
    `gone` or not after the revocation."""
    killed: list[bool] = []
    token = {
        "meta": {"maker": "secretguard", "intent": "lease_1", "role": "reader"},
        "issue_time": "2026-01-01T00:00:05Z",
    }
    unknown, lease = reply(400, {"errors": ["invalid lease"]}), reply(200, {"data": {"issue_time": made_at}})

    def play(request: Request) -> list[bytes]:
        path = request.path.partition("?")[0]
        if path == "/v1/auth/token/accessors":
            return reply(200, {"data": {"keys": ["acc"]}})
        if path == "/v1/auth/token/lookup-accessor":
            return reply(400, {"errors": ["invalid accessor"]}) if killed else reply(200, {"data": token})
        if path == "/v1/auth/token/revoke-accessor":
            killed.append(True)
            return reply(204)
        if path == "/v1/sys/leases/lookup":
            return unknown if killed and gone else lease
        return listing

    return play


ONE = reply(200, {"data": {"keys": ["abc"]}})


@pytest.mark.parametrize(
    ("play", "outcome"),
    [
        (holding(reply(404, {"errors": []})), Revocation.CONFIRMED),
        (holding(ONE, gone=True), Revocation.CONFIRMED),
        (holding(ONE, made_at="2026-01-01T00:00:04.9Z"), Revocation.CONFIRMED),
        (holding(ONE), Revocation.QUEUED),
        (holding(ONE, made_at="no time at all"), Revocation.QUEUED),
    ],
    ids=["no users", "its user is gone", "an older user of another", "its user stays", "a user of unknown age stays"],
)
def test_a_lost_user_is_confirmed_dead_only_when_none_is_left(
    monkeypatch: pytest.MonkeyPatch, play: Callable[[Request], list[bytes]], outcome: Revocation
) -> None:
    """Every user of the role that was made since the token may be its own."""
    monkeypatch.setattr("broker.issue.vault_lease.GONE_SECONDS", 0.1)
    lost = Lease("lease_1", "task_1", "orders", "database", LeaseState.UNCERTAIN)
    with loopback(play) as server:
        assert source(server).recover(lost).revocation is outcome


@pytest.mark.parametrize(
    "answer", [reply(404, b"<html>"), reply(404, {"errors": ["no handler"]}), reply(403, {}), reply(500)]
)
def test_a_list_of_users_that_cannot_be_had_is_no_empty_list(answer: list[bytes]) -> None:
    """The token is left alive then: the next round finds it again and with it the users."""
    lost = Lease("lease_1", "task_1", "orders", "database", LeaseState.UNCERTAIN)
    with loopback(holding(answer)) as server, pytest.raises(SourceFailed):
        source(server).recover(lost)
    assert server.asked("revoke-accessor") == []


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (None, "give it revocation_statements"),
        ([], "give it revocation_statements"),
        (['DROP ROLE IF EXISTS "{{name}}"'], "none of its"),
        (["SELECT skilled FROM people"], "none of its"),
        (["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'", "DROP ROLE x"], ""),
        (["KILL USER '{{name}}'"], ""),
        (["ALTER SYSTEM DISCONNECT  SESSION '1,2' IMMEDIATE"], ""),
    ],
    ids=str,
)
def test_a_role_that_leaves_sessions_alive_is_named(statements: list[str] | None, words: str) -> None:
    """At `broker vault setup`: the user is gone and somebody still reads."""
    lack = weakness({"revocation_statements": statements})
    assert words in lack
    assert bool(lack) is bool(words)
