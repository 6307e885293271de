"""Every credential source by the name that a grant uses. A new source is one file beside this one and one line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping

from broker.errors import Refused
from broker.grant import Grant
from broker.issue.aws_sts import LEAST_TTL, AwsStsSource
from broker.issue.github_app import GitHubAppSource
from broker.issue.identity import IdentitySource
from broker.issue.scope import Scope
from broker.issue.source import Declared, ParentSource, Source
from broker.issue.static import StaticSource
from broker.issue.vault_database import VaultDatabaseSource
from broker.issue.vault_kv import VaultKvSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_pki import VaultPkiSource
from broker.issue.vault_ssh import VaultSshSource
from broker.issue.vault_token import VaultTokenSource
from broker.task_policy import TaskPolicy
from broker.tenant import kind_of, tenant_of, with_tenant
from broker.vault_config import Vaults, VaultTable
from secretguard.errors import ConfigError

VAULT: dict[str, Callable[[VaultTable, Vaults], Source]] = {
    "vault_token": lambda _table, vaults: VaultTokenSource(vaults.issuer, vaults.revoker),
    "database": lambda table, vaults: VaultDatabaseSource(vaults.issuer, vaults.revoker, table.database_mount),
    "ssh": lambda table, vaults: VaultSshSource(vaults.issuer, vaults.revoker, table.ssh_mount),
    "pki": lambda table, vaults: VaultPkiSource(vaults.issuer, vaults.revoker, table.pki_mount),
    "kv": lambda table, vaults: VaultKvSource(vaults.issuer, vaults.revoker, table.kv_mount, table.kv_version),
}
"""Sources that need a `[vault]` table."""

KINDS: Mapping[str, Declared] = {
    "identity": IdentitySource,
    "vault_token": VaultTokenSource,
    "database": VaultDatabaseSource,
    "ssh": VaultSshSource,
    "pki": VaultPkiSource,
    "kv": VaultKvSource,
    "aws_sts": AwsStsSource,
    "github_app": GitHubAppSource,
    "static": StaticSource,
}
"""What each source's class declares about its grants."""

TABLES = {**dict.fromkeys(VAULT, "vault"), "aws_sts": "aws", "github_app": "github"}
"""Which table of the configuration a source needs, where it needs one."""

LEAST = {"aws_sts": LEAST_TTL}
"""The shortest life in seconds that a source can give, where there is one."""

COUNT_USES = frozenset({"vault_token"})
"""Sources that hold a credential to a number of uses. Elsewhere a cap would be a promise that nobody keeps."""

NAMES = ("identity", "static", *sorted(TABLES))


@dataclasses.dataclass(frozen=True, slots=True)
class Sources:
    """The sources of one broker, and what makes a task's parent credential (None without Vault)."""

    by_name: Mapping[str, Source]
    parents: ParentSource | None


def usable(tables: Collection[str]) -> tuple[str, ...]:
    """The names of the sources that a broker has whose configuration has these `tables`."""
    return tuple(name for name in NAMES if name not in TABLES or TABLES[name] in tables)


def build(
    identity: IdentitySource, table: VaultTable | None, vaults: Vaults | None, outside: Mapping[str, Source]
) -> Sources:
    """All sources that the configuration allows for; `outside` are those of `broker/issue/outside.py`."""
    by_name: dict[str, Source] = {"identity": identity, **outside}
    if table is None or vaults is None:
        return Sources(by_name, None)
    by_name |= {name: make(table, vaults) for name, make in VAULT.items()}
    common = dict(by_name)
    for tenant in table.tenants:
        own = {name: make(table.of(tenant), vaults) for name, make in VAULT.items()}
        by_name |= {with_tenant(name, tenant): source for name, source in {**common, **own}.items()}
    return Sources(by_name, VaultParent(vaults.issuer, vaults.revoker, table.task_role, table.task_role))


def require_known(policies: Mapping[str, TaskPolicy], sources: Collection[str]) -> None:
    """Raises ConfigError, naming file and field, for a grant of a source that this broker does not have, for a scope
    that is not the source's, and for a life or a delivery that the source does not offer."""
    for policy in policies.values():
        for grant in policy.grants:
            if grant.source not in sources:
                have = ", ".join(sorted(sources))
                table = TABLES.get(kind_of(grant.source))
                tenant = tenant_of(grant.source)
                if tenant and not any(tenant_of(one) == tenant for one in sources):
                    where, fix = policy.place("tenant"), f"add [vault.tenants.{tenant}], or name another one"
                    raise ConfigError(f"{where}: this broker has no tenant {tenant}", fix)
                missing = f"needs a [{table}] table" if table else f"is none of {', '.join(NAMES)}"
                raise ConfigError(
                    f"{policy.place('grants', grant.name, 'source')}: {grant.source!r} {missing}",
                    f"this broker has: {have}",
                )
            if kind_of(grant.source) in KINDS:
                _require_scope(policy, grant, KINDS[kind_of(grant.source)].scope)
                _require_offered(policy, grant)


def require_fit(grant: Grant, delivery: str, seconds: int) -> None:
    """Raises Refused for a credential that may not go where it is asked for (`delivery`), or that its source cannot
    make for no more than `seconds` or hold to a number of uses."""
    kind = kind_of(grant.source)
    held_back = grant.delivery == "inject" or (kind in KINDS and not KINDS[kind].hands_out)
    if held_back and delivery != "inject":
        fix = 'a supervisor outside the sandbox asks for it with delivery "inject", and puts it into requests'
        raise Refused(f"{grant.name} is for injection alone: it does not enter the sandbox", fix, rule="delivery")
    if grant.uses and kind in KINDS.keys() - COUNT_USES:
        raise Refused(f"{grant.source} cannot count uses", "leave uses out", rule="uses")
    least = LEAST.get(kind, 0)
    if seconds < least:
        fix = f"ask while the task has {least} s left, for no shorter ttl"
        raise Refused(f"{grant.source} gives nothing for {seconds} s; {least} is the least", fix, rule="least-ttl")


def _require_offered(policy: TaskPolicy, grant: Grant) -> None:
    kind = kind_of(grant.source)
    if not KINDS[kind].hands_out and grant.delivery != "inject":
        fix = 'write delivery = "inject": the value stays outside the sandbox'
        where = policy.place("grants", grant.name, "delivery")
        raise ConfigError(f"{where}: {grant.source} is for injection alone", fix)
    if grant.uses and kind not in COUNT_USES:
        where = policy.place("grants", grant.name, "uses")
        raise ConfigError(f"{where}: {grant.source} cannot count uses", "leave it out: ttl and max_leases are held to")
    least = LEAST.get(kind, 0)
    if grant.ttl < least:
        where = policy.place("grants", grant.name, "ttl")
        raise ConfigError(f"{where}: {grant.ttl} s is shorter than {grant.source} can give", f"write {least} or more")


def _require_scope(policy: TaskPolicy, grant: Grant, scope: Scope) -> None:
    key, wrong = scope.problem(grant.scope)
    if wrong:
        keys = ", ".join([*sorted(scope.required), *(f"{one} (optional)" for one in sorted(scope.optional))])
        where = policy.place("grants", grant.name, "scope", key)
        raise ConfigError(f"{where}: {wrong}", f"a scope of {grant.source} has: {keys}")
