"""The plan: from grants to policies and roles, and nothing wider."""

from __future__ import annotations

import pytest

from broker.grant import Grant
from broker.vault_config import IdentityTable, TenantTable, VaultTable
from broker.vault_plan import Owned, plan
from broker.vault_plan_text import as_hcl
from secretguard.errors import ConfigError

LOGIN = IdentityTable(role_id_file="/r", secret_id_file="/s")
TABLE = VaultTable(address="https://v.example.org", prefix="team", database_mount="db", issuer=LOGIN, revoker=LOGIN)
NOTES = Grant("notes", "vault_token", {"policy": "notes-read"}, 60)
ORDERS = Grant("orders", "database", {"policy": "orders-user", "role": "orders"}, 60)
NAMED = Grant("who", "identity", {"audience": "x"}, 60)


def test_the_token_role_allows_what_the_grants_name_and_no_more() -> None:
    """Grants of other sources need nothing in Vault."""
    made = plan(TABLE, (NOTES, ORDERS, NAMED), 3600)
    [(name, role)] = made.token_roles.items()
    assert name == "team-task"
    assert role["allowed_policies"] == ["notes-read", "orders-user", "team-task"]
    assert role["orphan"] is True
    assert role["renewable"] is False
    assert role["token_explicit_max_ttl"] == 3600
    assert set(made.policies) == {"team-issuer", "team-revoker", "team-task", "orders-user"}
    assert made.needed == ("notes-read",)
    assert made.owned == (Owned("database", "db", "orders"),)
    assert {login.name for login in made.logins} == {"team-issuer", "team-revoker"}
    for login in made.logins:
        assert login.settings["token_no_default_policy"] is True


def test_a_database_policy_reads_its_one_role() -> None:
    """One path, one right."""
    hcl = plan(TABLE, (ORDERS,), 60).policies["orders-user"]
    assert 'path "db/creds/orders"' in hcl
    assert hcl.count("path ") == 1
    assert '["read"]' in hcl


def test_only_listings_of_the_revoker_have_sudo_and_each_says_why() -> None:
    """The printed policies are read by whoever owns the Vault."""
    made = plan(TABLE, (NOTES, ORDERS), 60)
    assert {name for name, hcl in made.policies.items() if '"sudo"' in hcl} == {"team-revoker"}
    hcl = made.policies["team-revoker"]
    assert hcl.count('["list", "sudo"]') == hcl.count('"sudo"') == hcl.count("# sudo, because") >= 2
    text = as_hcl(made)
    for name in (
        *made.policies,
        "auth/token/roles/team-task",
        "auth/approle/role/team-revoker",
        "notes-read",
        "sys/audit-hash/file",
    ):
        assert name in text


@pytest.mark.parametrize(
    "grants",
    [
        (Grant("a", "vault_token", {}, 60),),
        (Grant("a", "database", {"policy": "p"}, 60),),
        (ORDERS, Grant("b", "database", {"policy": "orders-user", "role": "other"}, 60)),
        (ORDERS, Grant("b", "vault_token", {"policy": "orders-user"}, 60)),
        (Grant("a", "vault_token", {"policy": "team-task"}, 60),),
        (Grant("a", "vault_token", {"policy": "team-revoker"}, 60),),
        (Grant("a", "vault_token", {"policy": 'x" { }'}, 60),),
        (Grant("a", "database", {"policy": "p", "role": '*" { capabilities = ["sudo"] } path "x'}, 60),),
        (Grant("a", "database", {"policy": "p", "role": "+"}, 60),),
        (Grant("a", "vault_token", {"policy": "root"}, 60),),
    ],
)
def test_a_grant_that_would_widen_or_confuse_is_refused(grants: tuple[Grant, ...]) -> None:
    """The broker's own policies are never handed out, one name has one meaning, and no name can carry HCL."""
    with pytest.raises(ConfigError, match=r"grant [ab]|policy orders-user"):
        plan(TABLE, grants, 60)


TENANTS = TABLE.model_copy(update={"tenants": {"acme": TenantTable(database_mount="acme/db"), "beta": TenantTable()}})


def test_each_tenant_has_a_token_role_of_its_own_and_no_policy_of_anothers() -> None:
    """What a task of one tenant can ever have is capped by Vault, on that tenant's mounts."""
    grants = (
        NOTES,
        Grant("a", "vault_token@acme", {"policy": "acme-notes"}, 60),
        Grant("b", "database@acme", {"policy": "acme-orders", "role": "orders"}, 60),
        Grant("c", "database@beta", {"policy": "beta-orders", "role": "orders"}, 60),
        Grant("d", "identity@acme", {"audience": "x"}, 60),
    )
    made = plan(TENANTS, grants, 3600)
    assert {name: role["allowed_policies"] for name, role in made.token_roles.items()} == {
        "team-task": ["notes-read", "team-task"],
        "team-task_acme": ["acme-notes", "acme-orders", "team-task"],
        "team-task_beta": ["beta-orders", "team-task"],
    }
    assert 'path "acme/db/creds/orders"' in made.policies["acme-orders"]
    assert 'path "beta-database/creds/orders"' in made.policies["beta-orders"]
    assert made.owned == (Owned("database", "acme/db", "orders"), Owned("database", "beta-database", "orders"))
    for role in made.token_roles:
        assert f'path "auth/token/create/{role}" {{' in made.policies["team-issuer"]
    for mount in ("db", "acme/db", "beta-database"):
        assert f'path "sys/leases/lookup/{mount}/creds/+/"' in made.policies["team-revoker"]
    assert all(name in as_hcl(made) for name in made.token_roles)


def test_two_tenants_cannot_name_one_policy_and_none_is_made_up() -> None:
    """A policy that is in two token roles keeps nobody apart."""
    other = Grant("b", "vault_token@acme", {"policy": "notes-read"}, 60)
    with pytest.raises(ConfigError, match="another tenant's"):
        plan(TENANTS, (NOTES, other), 60)
    with pytest.raises(ConfigError, match=r"no \[vault.tenants.nobody\]"):
        plan(TENANTS, (Grant("b", "database@nobody", {"policy": "p", "role": "r"}, 60),), 60)
