"""Two tenants on one real Vault: what keeps them apart is Vault's own token roles and mounts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker import task_policy, vault_plan, vault_setup
from broker.client import Credential
from broker.errors import SourceFailed
from broker.grant import Grant
from broker.issue import registry
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.receipt import Revocation
from broker.tenant import with_tenant
from broker.vault_check import rights_of
from broker.vault_config import TenantTable, Vaults, VaultTable, connect
from secretguard.errors import ConfigError
from tests.broker.served import Served
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer
from tests.vault.tasks import lease, name, request

pytestmark = pytest.mark.vault


@dataclasses.dataclass(frozen=True)
class Site:
    """A server where `broker vault setup` has provisioned two tenants, each with a token grant."""

    table: VaultTable
    vaults: Vaults
    grants: dict[str, Grant]
    ready: Provisioned


@pytest.fixture(scope="module")
def site(vault_server: VaultServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The policies are their owners' own; everything else is the plan's."""
    folder: Path = tmp_path_factory.mktemp("tenants")
    ready = provision(vault_server, None, folder)
    table = ready.table.model_copy(update={"tenants": {"acme": TenantTable(), "beta": TenantTable()}})
    grants = {}
    for tenant in ("acme", "beta"):
        policy = f"{table.prefix}-{tenant}"
        rule = f'path "secret/data/{table.prefix}/one" {{ capabilities = ["read"] }}'
        vault_server.do("POST", f"sys/policies/acl/{policy}", {"policy": rule})
        grants[tenant] = Grant("notes", with_tenant("vault_token", tenant), {"policy": policy}, 300)
    admin = vault_server.root()
    list(vault_setup.apply(admin, vault_plan.plan(table, (ready.token_grant, *grants.values()), 3600)))
    admin.close()
    vaults = connect(table)
    yield Site(table, vaults, grants, ready)
    vaults.close()
    ready.vaults.close()


def parents(site: Site) -> VaultParent:
    """What makes parents for all tenants."""
    return VaultParent(site.vaults.issuer, site.vaults.revoker, site.table.task_role, site.table.task_role)


@pytest.mark.parametrize("tenant", ["acme", "beta"])
def test_a_tenants_task_is_issued_and_taken_back_like_any_other(site: Site, tenant: str) -> None:
    """Its parent is made by the tenant's own token role, and the lease goes back where it came from."""
    grant, task = site.grants[tenant], name("task")
    parent, accessor = parents(site).open_parent(task, (grant,), 300)
    told = site.ready.server.do("POST", "auth/token/lookup-accessor", {"accessor": accessor})["data"]
    assert told["path"] == f"auth/token/create/{site.table.task_role}_{tenant}"
    source = VaultTokenSource(site.vaults.issuer, site.vaults.revoker, settle_seconds=0)
    order = request(task, grant, parent)
    minted = source.mint(order)
    assert source.revoke(lease(order, minted)).revocation is Revocation.CONFIRMED
    assert parents(site).recover_parents({task}) == {task: 1}


def test_no_tenants_task_can_have_a_policy_of_anothers(site: Site) -> None:
    """Vault refuses it, whatever the broker asks for: by the tenant's role, and by the role of those without one."""
    foreign = dataclasses.replace(site.grants["beta"], source="vault_token@acme")
    for grants in ((foreign,), (site.grants["acme"], foreign), (dataclasses.replace(foreign, source="vault_token"),)):
        with pytest.raises(SourceFailed):
            parents(site).open_parent(name("task"), grants, 300)
    parent, _ = parents(site).open_parent(name("task"), (site.grants["acme"],), 300)
    with pytest.raises(SourceFailed, match="not among the policies of the task's parent"):
        VaultTokenSource(site.vaults.issuer, site.vaults.revoker).mint(request(name("task"), foreign, parent))


def test_the_identities_have_the_rights_of_the_plan_and_no_more(site: Site) -> None:
    """As `broker vault check --config` asks."""
    assert [rights_of(site.table, site.vaults, who) for who in ("issuer", "revoker")] == ["", ""]


def test_every_source_of_a_tenant_is_on_its_own_mount(site: Site) -> None:
    """The names are what leases are recorded with."""
    for kind in registry.VAULT:
        made = registry.VAULT[kind](site.table.of("acme"), site.vaults)
        assert getattr(made, "mount", "acme-").startswith("acme-")


TASK = """
name = "notes"
tenant = "{tenant}"
environment = "development"
deadline = 900
launchers = ["unix:{uid}"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
"""


def test_a_task_policy_names_its_tenant_and_a_kill_can_go_by_it(site: Site, tmp_path: Path) -> None:
    """Through a real `broker serve`: the lease says whose it is, works, and dies with the tenant's tasks."""
    policy = site.grants["acme"].scope["policy"]
    task = TASK.format(tenant="acme", uid=os.geteuid(), policy=policy)
    toml = site.ready.toml() + "[vault.tenants.acme]\n[vault.tenants.beta]\n"
    served = Served(tmp_path, f"sqlite:///{tmp_path}/b.db", {"notes": task}, toml)
    with served.running(), served.client() as launcher, served.client("olga") as operator:
        begun = launcher.start_task("notes", "a tenant's work")
        session = launcher.activate(begun.task_id, begun.bootstrap)
        given = session.credentials("notes")
        assert isinstance(given, Credential)
        token = given.fields["token"].reveal()
        path = f"secret/data/{site.table.prefix}/one"
        assert site.ready.server.call("GET", path, None, token)[0] == 200
        assert [lease["source"] for lease in operator.leases()] == ["vault_token@acme"]
        assert operator.kill_scope("tenant:beta")["receipts"] == []
        assert site.ready.server.alive(token)
        assert operator.kill_scope("tenant:acme")["complete"] is True
        assert not site.ready.server.alive(token)


def test_a_tenant_that_the_broker_does_not_have_is_named_with_its_line(tmp_path: Path) -> None:
    """Before anything is served."""
    (tmp_path / "notes.toml").write_text(TASK.format(tenant="nobody", uid=1, policy="p"))
    policies = {"notes": task_policy.load_file(tmp_path / "notes.toml")}
    for sources in (registry.usable({"vault"}), [*registry.usable({"vault"}), "vault_token@acme"]):
        with pytest.raises(ConfigError, match=r"notes.toml:3: tenant: this broker has no tenant nobody"):
            registry.require_known(policies, sources)
