"""Task parents and token leases on a real Vault."""

from __future__ import annotations

import dataclasses
import time

import pytest

from broker.errors import SourceFailed
from broker.issue import vault_accessors
from broker.receipt import Revocation
from secretguard.secret import Secret
from tests.servers.provision import LONGEST_TASK, Provisioned
from tests.vault.tasks import lease, name, request, sources

pytestmark = pytest.mark.vault


def reads(ready: Provisioned, token: Secret, path: str = "") -> int:
    """The status of reading the provisioned secret, or `path`, with `token`."""
    status, _ = ready.server.call("GET", path or f"secret/data/{ready.table.prefix}/one", token=token.reveal())
    return int(status)


def test_a_lease_reads_what_its_policy_names_and_nothing_else(ready_vault: Provisioned) -> None:
    """The token has the grant's one policy: not Vault's default one, not the parent's right to make children."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    token = made.tokens.mint(request(task, ready_vault.token_grant, parent)).fields["token"]
    assert reads(ready_vault, token) == 200
    for path in ("secret/data/other/one", "auth/token/lookup-self", "sys/mounts", "cubbyhole/x"):
        assert reads(ready_vault, token, path) == 403
    body = {"policies": [ready_vault.token_grant.scope["policy"]], "ttl": "60s"}
    assert ready_vault.server.call("POST", "auth/token/create", body, token.reveal())[0] == 403
    assert ready_vault.server.call("POST", "auth/token/renew-self", {}, token.reveal())[0] == 403


def test_what_was_made_is_what_was_asked_for(ready_vault: Provisioned) -> None:
    """Lifetime, cap, policies and metadata of parent and child, as Vault itself tells them."""
    made, task = sources(ready_vault), name("task")
    _, accessor = made.parents.open_parent(task, (ready_vault.token_grant, ready_vault.database_grant), 300)
    parent, above = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    order = request(task, dataclasses.replace(ready_vault.token_grant, uses=7), parent, ttl=60)
    minted = made.tokens.mint(order)
    told = {
        key: ready_vault.server.do("POST", "auth/token/lookup-accessor", {"accessor": value})["data"]
        for key, value in {"both": accessor, "parent": above, "child": minted.accessor}.items()
    }
    role, scope = ready_vault.table.task_role, ready_vault.token_grant.scope["policy"]
    assert told["both"]["policies"] == sorted({role, scope, ready_vault.database_grant.scope["policy"]})
    assert told["parent"]["policies"] == sorted({role, scope})
    assert told["parent"]["orphan"] is True
    assert told["parent"]["creation_ttl"] == 300
    assert told["parent"]["meta"] == {"maker": "secretguard", "kind": "parent", "task": task}
    child = told["child"]
    assert (child["policies"], child["orphan"], child["num_uses"]) == ([scope], False, 7)
    assert child["explicit_max_ttl"] == child["creation_ttl"] == 60
    assert child["meta"] == {"maker": "secretguard", "kind": "lease", "task": task, "intent": order.lease_id}
    for token in told.values():
        assert token.get("renewable", False) is False
    assert 0 <= minted.expires_at - time.time() - 60 <= 3


def test_the_use_cap_is_vaults_own(ready_vault: Provisioned) -> None:
    """After the last use the token is dead, whoever holds it."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    grant = dataclasses.replace(ready_vault.token_grant, uses=2)
    token = made.tokens.mint(request(task, grant, parent)).fields["token"]
    assert [reads(ready_vault, token) for _ in range(3)] == [200, 200, 403]


def test_a_revoked_lease_is_dead_and_its_neighbour_lives(ready_vault: Provisioned) -> None:
    """Revoking one lease leaves the task's others alone, and may be repeated."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    order = request(task, ready_vault.token_grant, parent)
    one, other = made.tokens.mint(order), made.tokens.mint(request(task, ready_vault.token_grant, parent))
    for _ in range(3):
        assert made.tokens.revoke(lease(order, one)).revocation is Revocation.CONFIRMED
        assert reads(ready_vault, one.fields["token"]) == 403
    assert reads(ready_vault, other.fields["token"]) == 200


def test_all_tokens_of_a_task_die_with_its_parent(ready_vault: Provisioned) -> None:
    """When `close_parent` returns, parent and children are dead; closing again is no error."""
    made, task = sources(ready_vault), name("task")
    parent, accessor = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    tokens = [made.tokens.mint(request(task, ready_vault.token_grant, parent)).fields["token"] for _ in range(5)]
    assert all(ready_vault.server.alive(token.reveal()) for token in (*tokens, parent))
    made.parents.close_parent(accessor)
    assert not any(ready_vault.server.alive(token.reveal()) for token in (*tokens, parent))
    made.parents.close_parent(accessor)
    with pytest.raises(SourceFailed):
        made.tokens.mint(request(task, ready_vault.token_grant, parent))


def test_a_lease_never_has_a_policy_that_the_task_has_not(ready_vault: Provisioned) -> None:
    """Vault itself refuses the child; nothing is left behind."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    wider = dataclasses.replace(ready_vault.token_grant, scope={"policy": ready_vault.database_grant.scope["policy"]})
    order = request(task, wider, parent)
    with pytest.raises(SourceFailed, match="not among the policies"):
        made.tokens.mint(order)
    assert made.tokens.recover(lease(order)).revocation is Revocation.NOTHING


def test_a_policy_that_does_not_exist_issues_nothing(ready_vault: Provisioned) -> None:
    """Vault only warns and keeps the name, so that whoever creates it later widens the token: that token is killed."""
    made, task = sources(ready_vault), name("task")
    ghost = f"{ready_vault.table.prefix}-ghost"
    role = f"auth/token/roles/{ready_vault.table.task_role}"
    settings = ready_vault.server.do("GET", role)["data"]
    allowed = settings["allowed_policies"]
    ready_vault.server.do("POST", role, {**settings, "allowed_policies": [*allowed, ghost]})
    try:
        grant = dataclasses.replace(ready_vault.token_grant, scope={"policy": ghost})
        with pytest.raises(SourceFailed, match="a policy does not exist"):
            made.parents.open_parent(task, (grant,), 300)
    finally:
        ready_vault.server.do("POST", role, settings)
    assert made.parents.recover_parents([task]) == {}


def test_a_lifetime_that_vault_would_cut_is_refused(ready_vault: Provisioned) -> None:
    """A task longer than the role allows is an error that says so, not a task that ends early."""
    made, task = sources(ready_vault), name("task")
    with pytest.raises(SourceFailed, match="cut by a cap"):
        made.parents.open_parent(task, (ready_vault.token_grant,), LONGEST_TASK + 60)
    assert made.parents.recover_parents([task]) == {}


def test_a_task_gets_only_policies_of_the_role(ready_vault: Provisioned) -> None:
    """What `vault setup` has not provisioned cannot be had, whatever a task policy says."""
    made = sources(ready_vault)
    grant = dataclasses.replace(ready_vault.token_grant, scope={"policy": "root"})
    with pytest.raises(SourceFailed):
        made.parents.open_parent(name("task"), (grant,), 300)


def test_a_lost_parent_is_found_by_its_task(ready_vault: Provisioned) -> None:
    """The sweep kills the parents of one task, and no others."""
    made, task, other = sources(ready_vault), name("task"), name("task")
    lost = [made.parents.open_parent(task, (ready_vault.token_grant,), 300)[0] for _ in range(2)]
    kept, _ = made.parents.open_parent(other, (ready_vault.token_grant,), 300)
    child = made.tokens.mint(request(task, ready_vault.token_grant, lost[0])).fields["token"]
    assert made.parents.recover_parents([task]) == {task: 2}
    assert not any(ready_vault.server.alive(token.reveal()) for token in (*lost, child))
    assert ready_vault.server.alive(kept.reveal())
    assert made.parents.recover_parents([task]) == {}


def test_the_sweep_never_touches_a_token_that_is_not_ours(ready_vault: Provisioned) -> None:
    """Another program's token with the same metadata keys stays alive."""
    made, task = sources(ready_vault), name("task")
    body = {"meta": {"kind": "parent", "task": task, "intent": task}, "ttl": "5m", "policies": ["default"]}
    foreign = ready_vault.server.do("POST", "auth/token/create", body)["auth"]["client_token"]
    assert made.parents.recover_parents([task]) == {}
    assert vault_accessors.sweep(ready_vault.vaults.revoker, lambda meta: meta.get("task") == task) == []
    assert ready_vault.server.alive(foreign)


def test_a_lease_without_a_parent_is_refused_before_anything_is_sent(ready_vault: Provisioned) -> None:
    """A source that hangs leases below a parent never mints beside it."""
    with pytest.raises(SourceFailed, match="no parent token"):
        sources(ready_vault).tokens.mint(request(name("task"), ready_vault.token_grant, None))


def test_names_from_a_grant_cannot_reach_another_endpoint(ready_vault: Provisioned) -> None:
    """A database role called `../../…` is refused, although Vault would have folded it."""
    made, task = sources(ready_vault), name("task")
    parent, _ = made.parents.open_parent(task, (ready_vault.database_grant,), 300)
    for role in ("../roles/x", "x?wrap", "a/b"):
        scope = {**ready_vault.database_grant.scope, "role": role}
        order = request(task, dataclasses.replace(ready_vault.database_grant, scope=scope), parent)
        with pytest.raises(SourceFailed, match="not allowed in a Vault path"):
            made.databases.mint(order)
        assert made.databases.recover(lease(order)).revocation is Revocation.NOTHING


def test_connections_are_kept(ready_vault: Provisioned) -> None:
    """Ten calls one after the other use one connection."""
    vault = ready_vault.server.root()
    for _ in range(10):
        assert vault.ask("get", "sys", "auth").status == 200
    pools = vault._session.get_adapter(vault.endpoint.address).poolmanager.pools  # type: ignore[attr-defined]
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118  # no plain mapping
    vault.close()
