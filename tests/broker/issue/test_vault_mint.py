"""A token that is not exactly what was ordered is killed, and nobody gets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.issue.vault_token import VaultTokenSource
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, loopback, reply

GRANT = Grant("notes", "vault_token", {"policy": "Notes-Read"}, 60, uses=3)
ORDER = MintRequest("task_1", "lease_1", GRANT, 60, "somebody", Secret("hvs.parent"))
GOOD: dict[str, Any] = {
    "client_token": "hvs.child", "accessor": "acc", "policies": ["notes-read"], "identity_policies": None,
    "token_type": "service", "renewable": False, "num_uses": 3, "orphan": False, "lease_duration": 60,
}  # fmt: skip


def vault(
    auth: dict[str, Any], warnings: list[str] | None, *, killable: bool = True
) -> Callable[[Request], list[bytes]]:
    """A Vault that mints `auth`; its tokens die when revoked, or are still there afterwards."""

    def play(request: Request) -> list[bytes]:
        if request.path == "/v1/auth/token/create":
            return reply(200, {"auth": auth, "warnings": warnings})
        if request.path == "/v1/auth/token/revoke-accessor":
            return reply(204)
        if killable:
            return reply(400, {"errors": ["invalid accessor"]})
        return reply(200, {"data": {"meta": {}, "creation_time": 1}})

    return play


def source(server: Loopback) -> VaultTokenSource:
    """The source with both identities at `server`."""
    issuer, revoker = (Vault(Endpoint(server.address), FixedToken(Secret(who))) for who in ("issuer", "revoker"))
    return VaultTokenSource(issuer, revoker)


def test_what_is_as_ordered_is_handed_out_and_the_order_is_minimal() -> None:
    """Vault's policy names are in lower case; the call is the parent's; no key beyond those that the policy allows."""
    with loopback(vault(GOOD, None)) as server:
        minted = source(server).mint(ORDER)
    assert minted.fields["token"].reveal() == "hvs.child"
    (asked,) = server.requests
    assert asked.headers["x-vault-token"] == "hvs.parent"
    assert json.loads(asked.body) == {
        "policies": ["Notes-Read"], "ttl": "60s", "explicit_max_ttl": "60s", "renewable": False,
        "no_default_policy": True, "num_uses": 3, "display_name": "secretguard",
        "meta": {"maker": "secretguard", "kind": "lease", "task": "task_1", "intent": "lease_1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        ({}, ['Policy "notes-read" does not exist']),
        ({}, ['TTL of "2h" exceeded the effective max_ttl of "1h"; TTL value is capped accordingly']),
        ({}, ["Endpoint ignored these unrecognized parameters: [explicit_max_ttl]"]),
        ({"policies": ["notes-read", "default"]}, None),
        ({"policies": ["root"]}, None),
        ({"policies": None}, None),
        ({"identity_policies": ["admin"]}, None),
        ({"token_type": "batch"}, None),
        ({"renewable": True}, None),
        ({"renewable": None}, None),
        ({"num_uses": 0}, None),
        ({"num_uses": 4}, None),
        ({"orphan": True}, None),
        ({"lease_duration": 61}, None),
        ({"lease_duration": 0}, None),
        ({"lease_duration": True}, None),
        ({"lease_duration": "60"}, None),
        ({"lease_duration": 10**12}, None),
    ],
    ids=str,
)
def test_a_token_that_was_not_ordered_is_killed(changes: dict[str, Any], warnings: list[str] | None) -> None:
    """More rights, more time, more uses, another place in the tree, or any warning at all."""
    with loopback(vault({**GOOD, **changes}, warnings)) as server, pytest.raises(SourceFailed, match="it is revoked"):
        source(server).mint(ORDER)
    (killed,) = server.asked("revoke-accessor")
    assert json.loads(killed.body) == {"accessor": "acc"}
    assert killed.headers["x-vault-token"] == "revoker"


def test_a_token_whose_death_cannot_be_confirmed_is_maybe_issued() -> None:
    """It was not handed out, but it is there: recovery goes on with it."""
    with loopback(vault({**GOOD, "orphan": True}, None, killable=False)) as server, pytest.raises(MaybeIssued):
        source(server).mint(ORDER)


@pytest.mark.parametrize("changes", [{"client_token": None}, {"client_token": ""}, {"accessor": ""}, {"accessor": 5}])
def test_an_answer_without_token_or_accessor_is_maybe_issued(changes: dict[str, Any]) -> None:
    """Something was made that cannot be taken back by what is known of it."""
    with loopback(vault({**GOOD, **changes}, None)) as server, pytest.raises(MaybeIssued):
        source(server).mint(ORDER)


def test_a_grant_without_a_policy_is_refused_before_anything_is_sent() -> None:
    """Otherwise the child would get all policies of its parent."""
    order = MintRequest("t", "l", Grant("notes", "vault_token", {}, 60), 60, "s", Secret("p"))
    with loopback(vault(GOOD, None)) as server, pytest.raises(SourceFailed, match=r"scope\.policy"):
        source(server).mint(order)
    assert server.requests == []
