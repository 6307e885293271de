"""Answers of the key-value engine that are no value; the real engine is tried in `tests/vault`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.vault_kv import VaultKvSource, policy_rules, where
from broker.receipt import Revocation
from tests.broker.issue.answering import both, issued, order, vault
from tests.servers.loopback import Loopback, loopback, reply

SCOPE = {"policy": "ci", "path": "apps/ci", "field": "token"}
GRANT, PINNED = Grant("ci", "kv", SCOPE, 60), Grant("ci", "kv", {**SCOPE, "version": "3"}, 60)
VALUE = "made-up-value"


def source(server: Loopback, version: int = 2) -> VaultKvSource:
    """The source with both identities at `server`."""
    return VaultKvSource(*both(server), "secret", version)


def second(value: object = VALUE, version: object = 3) -> dict[str, Any]:
    """An answer of version 2 of the engine."""
    return {"data": {"data": {"token": value, "other": "x"}, "metadata": {"version": version, "destroyed": False}}}


@pytest.mark.parametrize(
    ("grant", "version", "answer", "path"),
    [
        (GRANT, 2, second(), "/v1/secret/data/apps/ci"),
        (PINNED, 2, second(), "/v1/secret/data/apps/ci?version=3"),
        (GRANT, 1, {"data": {"token": VALUE}}, "/v1/secret/apps/ci"),
    ],
    ids=["newest", "pinned", "version 1"],
)
def test_one_field_is_read_with_the_leases_own_token(
    grant: Grant, version: int, answer: dict[str, Any], path: str
) -> None:
    """Which can be used once. Nothing else of the secret is in the credential."""
    with loopback(vault(lambda _: reply(200, answer))) as server:
        minted = source(server, version).mint(order(grant))
    assert {key: value.reveal() for key, value in minted.fields.items()} == {"value": VALUE}
    assert (server.requests[-1].path, server.requests[-1].headers["x-vault-token"]) == (path, "hvs.child")
    assert json.loads(server.asked("token/create")[0].body)["num_uses"] == 1
    assert VALUE not in repr(minted)


@pytest.mark.parametrize(
    ("grant", "version", "status", "answer", "words"),
    [
        (GRANT, 2, 200, second(None), "the field token is not there"),
        (GRANT, 2, 200, second(""), "is empty"),
        (GRANT, 2, 200, second(7), "is no text"),
        (GRANT, 2, 200, second(["a"]), "is no text"),
        (GRANT, 2, 200, {"data": {"token": VALUE}}, "not one of version 2"),
        (GRANT, 2, 200, {"data": {"data": None, "metadata": {"version": 3}}}, "is not there"),
        (PINNED, 2, 200, second(version=4), "version 3 was asked for"),
        (PINNED, 2, 200, second(version=None), "version 3 was asked for"),
        (GRANT, 2, 404, {"errors": []}, "there is nothing"),
        (GRANT, 2, 404, second(None) | {"errors": []}, "version 3 is deleted"),
        (GRANT, 2, 404, {"data": {"metadata": {"version": 3, "destroyed": True}}}, "version 3 is destroyed"),
        (GRANT, 1, 404, {"warnings": ["Invalid path for a versioned K/V secrets engine."]}, "is of version 2"),
        (GRANT, 1, 200, second(), "is not there"),
        (GRANT, 2, 403, {"errors": ["permission denied"]}, "answered 403"),
    ],
)
def test_what_is_no_value_is_said_and_certain(
    grant: Grant, version: int, status: int, answer: dict[str, Any], words: str
) -> None:
    """Each in its own words; the token is killed and nothing of the answer is in the error."""
    with loopback(vault(lambda _: reply(status, answer))) as server, pytest.raises(SourceFailed, match=words) as no:
        source(server, version).mint(order(grant))
    assert server.asked("revoke-accessor")
    assert VALUE not in str(no.value)


def test_an_unclear_answer_is_maybe() -> None:
    """Recovery ends the token."""
    with loopback(vault(lambda _: reply(500))) as server, pytest.raises(MaybeIssued):
        source(server).mint(order(GRANT))


def test_a_version_is_not_pinned_where_there_are_none() -> None:
    """Version 1 of the engine would answer with today's value; no token is made."""
    with loopback(vault(lambda _: reply(200, second()))) as server, pytest.raises(SourceFailed, match="no versions"):
        source(server, 1).mint(order(PINNED))
    assert server.requests == []


def test_a_receipt_claims_nothing_at_the_source() -> None:
    """The value stands."""
    with loopback(vault(lambda _: reply(500))) as server:
        assert source(server).revoke(issued(GRANT, "", 99)).revocation is Revocation.STANDING
    assert server.asked("revoke-accessor")


def test_the_value_is_for_injection_alone() -> None:
    """It is somebody else's and cannot be called back."""
    assert VaultKvSource.hands_out is False


def test_the_policy_of_the_token_reads_one_path() -> None:
    """The two versions of the engine have theirs in different places."""
    assert [rule.path for rule in policy_rules(where("team/kv", 2), SCOPE)] == ["team/kv/data/apps/ci"]
    assert [rule.path for rule in policy_rules(where("team/kv", 1), SCOPE)] == ["team/kv/apps/ci"]
    assert policy_rules("x", SCOPE)[0].capabilities == ("read",)


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../sys/mounts"}, {"path": "a/"}, {"path": "/a"}, {"path": "a//b"}, {"path": "*"}, {"path": "+/a"},
        {"field": "a/b"}, {"field": ""}, {"version": "0"}, {"version": "latest"},
    ],
    ids=str,
)  # fmt: skip
def test_a_scope_leads_nowhere_else(change: dict[str, str]) -> None:
    """Refused when the policy is loaded."""
    assert VaultKvSource.scope.problem({**SCOPE, "version": "3"}) == ("", "")
    assert VaultKvSource.scope.problem({**SCOPE, **change})[0] in change
