"""The parent's order; its life and death on a real Vault are in `tests/vault/test_tokens.py`."""

from __future__ import annotations

import json

import pytest

from broker.errors import MaybeIssued
from broker.grant import Grant
from broker.issue.vault_parent import VaultParent
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, loopback, reply

GRANTS = (
    Grant("notes", "vault_token", {"policy": "notes"}, 60),
    Grant("orders", "database", {"policy": "orders", "role": "r"}, 60),
    Grant("who", "identity", {"audience": "x", "policy": "not-of-vault"}, 60),
)
AUTH = {
    "client_token": "hvs.parent", "accessor": "acc", "policies": ["notes", "orders", "task"], "token_type": "service",
    "renewable": False, "num_uses": 0, "orphan": True, "lease_duration": 60,
}  # fmt: skip


def parents(server: Loopback) -> VaultParent:
    """The parent source with both identities at `server`."""
    issuer, revoker = (Vault(Endpoint(server.address), FixedToken(Secret(who))) for who in ("issuer", "revoker"))
    return VaultParent(issuer, revoker, "role", "task")


def test_a_parent_has_the_policies_of_vaults_grants_and_its_own() -> None:
    """Made by the issuer through the token role; a grant of another source adds nothing."""
    with loopback(lambda _: reply(200, {"auth": AUTH})) as server:
        token, accessor = parents(server).open_parent("task_1", GRANTS, 60)
    assert (token.reveal(), accessor) == ("hvs.parent", "acc")
    (asked,) = server.requests
    assert (asked.path, asked.headers["x-vault-token"]) == ("/v1/auth/token/create/role", "issuer")
    assert json.loads(asked.body) == {
        "policies": ["notes", "orders", "task"], "ttl": "60s", "renewable": False, "no_default_policy": True,
        "display_name": "secretguard", "meta": {"maker": "secretguard", "kind": "parent", "task": "task_1"},
    }  # fmt: skip


def test_a_lost_answer_is_maybe_issued() -> None:
    """The caller recovers it by the task."""
    with loopback(lambda _: None) as server, pytest.raises(MaybeIssued):
        parents(server).open_parent("task_1", GRANTS, 60)
