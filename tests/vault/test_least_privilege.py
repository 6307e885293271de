"""What a thief of the broker's own Vault identities could not do, tried on the real server."""

from __future__ import annotations

import pytest

from broker.vault import Vault
from tests.servers.provision import LONGEST_TASK, Provisioned
from tests.vault.tasks import name, sources

pytestmark = pytest.mark.vault


def login(vault: Vault) -> str:
    """The token that an identity of the broker works with."""
    token, _ = vault.login.current()
    return token.reveal()


def body(ready: Provisioned, **changes: object) -> dict[str, object]:
    """What the issuer sends for a parent, with `changes`; a key set to None is left out."""
    asked = {
        "policies": [ready.table.task_role],
        "ttl": "60s",
        "renewable": False,
        "no_default_policy": True,
        "display_name": "x",
        "meta": {"task": "x"},
        **changes,
    }
    return {key: value for key, value in asked.items() if value is not None}


def test_the_issuers_own_call_is_allowed(ready_vault: Provisioned) -> None:
    """The reference for the refusals below: without a change the call passes."""
    token = login(ready_vault.vaults.issuer)
    path = f"auth/token/create/{ready_vault.table.task_role}"
    assert ready_vault.server.call("POST", path, body(ready_vault), token)[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"renewable": True}, {"renewable": None}, {"no_default_policy": False}, {"no_default_policy": None},
        {"ttl": None}, {"policies": None}, {"policies": ["root"]}, {"policies": ["default"]}, {"period": "1h"},
        {"id": "chosen"}, {"type": "batch"}, {"num_uses": 0}, {"entity_alias": "somebody"}, {"explicit_max_ttl": "99h"},
        {"no_parent": True},
    ],
    ids=str,
)  # fmt: skip
def test_the_issuer_cannot_ask_for_another_kind_of_token(ready_vault: Provisioned, changes: dict[str, object]) -> None:
    """Vault refuses each by itself, so that a broker taken over gains nothing."""
    token = login(ready_vault.vaults.issuer)
    path = f"auth/token/create/{ready_vault.table.task_role}"
    status, _ = ready_vault.server.call("POST", path, body(ready_vault, **changes), token)
    assert status in (400, 403)


def test_the_issuer_cannot_outlive_the_longest_task(ready_vault: Provisioned) -> None:
    """The token role caps the lifetime, whatever is asked for."""
    token = login(ready_vault.vaults.issuer)
    path = f"auth/token/create/{ready_vault.table.task_role}"
    status, answer = ready_vault.server.call("POST", path, body(ready_vault, ttl="768h"), token)
    assert status == 200
    assert answer["auth"]["lease_duration"] == LONGEST_TASK


@pytest.mark.parametrize("who", ["issuer", "revoker"])
@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "auth/token/create", {"policies": ["default"]}),
        ("POST", "auth/token/create-orphan", {"policies": ["default"]}),
        ("POST", "auth/token/create/another", {}),
        ("POST", "auth/token/roles/{role}", {"allowed_policies": ["root"]}),
        ("GET", "auth/token/roles/{role}", None),
        ("POST", "sys/policies/acl/{role}", {"policy": 'path "*" { capabilities = ["sudo", "read"] }'}),
        ("GET", "sys/policies/acl/{role}", None),
        ("POST", "auth/approle/role/{prefix}-issuer/secret-id", {}),
        ("POST", "auth/approle/role/evil", {"token_policies": ["root"]}),
        ("GET", "{prefix}-db/creds/{prefix}-reader", None),
        ("GET", "{prefix}-db/config/pg", None),
        ("GET", "secret/data/{prefix}/one", None),
        ("POST", "sys/leases/revoke-force/{prefix}-db", {}),
        ("POST", "sys/leases/revoke-prefix/{prefix}-db", {}),
        ("POST", "sys/auth/evil", {"type": "userpass"}),
        ("GET", "sys/mounts", None),
        ("POST", "auth/token/renew-self", {}),
        ("PUT", "sys/seal", {}),
        ("POST", "auth/token/revoke", {"token": "x"}),
        ("POST", "auth/token/revoke-orphan", {"token": "x"}),
        ("POST", "auth/token/renew-accessor", {"accessor": "x"}),
        ("POST", "auth/token/tidy", {}),
        ("DELETE", "auth/token/roles/{role}", None),
        ("DELETE", "sys/policies/acl/{role}", None),
        ("LIST", "sys/policies/acl", None),
        ("GET", "auth/approle/role/{prefix}-revoker/role-id", None),
        ("POST", "auth/approle/role/{prefix}-revoker/secret-id", {}),
        ("LIST", "auth/approle/role/{prefix}-issuer/secret-id", None),
        ("POST", "sys/mounts/evil", {"type": "kv"}),
        ("DELETE", "sys/mounts/{prefix}-db", None),
        ("POST", "sys/remount", {"from": "secret", "to": "evil"}),
        ("GET", "sys/audit", None),
        ("POST", "sys/audit-hash/file", {"input": "x"}),
        ("POST", "sys/leases/renew", {"lease_id": "x"}),
        ("POST", "sys/leases/tidy", {}),
        ("POST", "sys/capabilities-accessor", {"accessor": "x", "paths": ["x"]}),
        ("POST", "sys/wrapping/wrap", {"x": "y"}),
        ("POST", "identity/entity", {"name": "evil"}),
        ("POST", "{prefix}-db/roles/evil", {"db_name": "pg"}),
    ],
)
def test_neither_identity_can_do_anything_else(
    ready_vault: Provisioned, who: str, method: str, path: str, sent: dict[str, object] | None
) -> None:
    """No policy, role, login, secret or token of another kind can be written or read with either."""
    token = login(getattr(ready_vault.vaults, who))
    where = path.format(role=ready_vault.table.task_role, prefix=ready_vault.table.prefix)
    assert ready_vault.server.call(method, where, sent, token)[0] == 403


def test_the_issuer_cannot_revoke_and_the_revoker_cannot_issue(ready_vault: Provisioned) -> None:
    """Each half of the work needs its own identity."""
    issuer, revoker = (login(who) for who in (ready_vault.vaults.issuer, ready_vault.vaults.revoker))
    _, accessor = sources(ready_vault).parents.open_parent(name("task"), (ready_vault.token_grant,), 60)
    call = ready_vault.server.call
    for path, sent in (
        ("auth/token/revoke-accessor", {"accessor": accessor}),
        ("auth/token/lookup-accessor", {"accessor": accessor}),
        ("sys/leases/revoke", {"lease_id": "x"}),
        ("sys/leases/lookup", {"lease_id": "x"}),
    ):
        assert call("POST", path, sent, issuer)[0] == 403
    assert call("LIST", "auth/token/accessors", None, issuer)[0] == 403
    made = call("POST", f"auth/token/create/{ready_vault.table.task_role}", body(ready_vault), revoker)
    assert made[0] == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"renewable": True}, {"explicit_max_ttl": None}, {"ttl": None}, {"no_default_policy": None}, {"period": "1h"},
        {"no_parent": True}, {"type": "batch"}, {"policies": None}, {"id": "chosen"},
    ],
    ids=str,
)  # fmt: skip
def test_a_parent_makes_only_children_that_end(ready_vault: Provisioned, changes: dict[str, object]) -> None:
    """The parent token itself cannot make an orphan, a renewable child, or one without a lifetime."""
    parent, _ = sources(ready_vault).parents.open_parent(name("task"), (ready_vault.token_grant,), 60)
    sent = body(ready_vault, explicit_max_ttl="60s", policies=[ready_vault.token_grant.scope["policy"]])
    assert ready_vault.server.call("POST", "auth/token/create", sent, parent.reveal())[0] == 200
    changed = {key: value for key, value in {**sent, **changes}.items() if value is not None}
    assert ready_vault.server.call("POST", "auth/token/create", changed, parent.reveal())[0] in (400, 403)


def test_the_token_behind_a_database_user_can_do_nothing_but_that(ready_vault: Provisioned) -> None:
    """It reads its one role; not the engine's settings, not another role, not a child."""
    parent, _ = sources(ready_vault).parents.open_parent(name("task"), (ready_vault.database_grant,), 60)
    policy = ready_vault.database_grant.scope["policy"]
    sent = body(ready_vault, explicit_max_ttl="60s", policies=[policy])
    _, answer = ready_vault.server.call("POST", "auth/token/create", sent, parent.reveal())
    token, mount = answer["auth"]["client_token"], ready_vault.table.database_mount
    for path in (f"{mount}/creds/other", f"{mount}/config/pg", f"{mount}/roles/x", "auth/token/lookup-self"):
        assert ready_vault.server.call("GET", path, None, token)[0] == 403
    assert ready_vault.server.call("POST", "auth/token/create", sent, token)[0] == 403
