"""Every credential source by the name that a grant uses. A new source is one file beside this one and one line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping

from broker.grant import Grant
from broker.issue.identity import IdentitySource
from broker.issue.scope import Scope
from broker.issue.source import Declared, ParentSource, Source
from broker.issue.vault_database import VaultDatabaseSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.task_policy import TaskPolicy
from broker.vault_config import Vaults, VaultTable
from secretguard.errors import ConfigError

VAULT: dict[str, Callable[[VaultTable, Vaults], Source]] = {
    "vault_token": lambda _table, vaults: VaultTokenSource(vaults.issuer, vaults.revoker),
    "database": lambda table, vaults: VaultDatabaseSource(vaults.issuer, vaults.revoker, table.database_mount),
}
"""Sources that need a `[vault]` table."""

KINDS: Mapping[str, Declared] = {
    "identity": IdentitySource,
    "vault_token": VaultTokenSource,
    "database": VaultDatabaseSource,
}
"""What each source's class declares about its grants."""

NAMES = ("identity", *sorted(VAULT))


@dataclasses.dataclass(frozen=True, slots=True)
class Sources:
    """The sources of one broker, and what makes a task's parent credential (None without Vault)."""

    by_name: Mapping[str, Source]
    parents: ParentSource | None


def build(identity: IdentitySource, table: VaultTable | None, vaults: Vaults | None) -> Sources:
    """All sources that the configuration allows for."""
    by_name: dict[str, Source] = {"identity": identity}
    if table is None or vaults is None:
        return Sources(by_name, None)
    by_name |= {name: make(table, vaults) for name, make in VAULT.items()}
    return Sources(by_name, VaultParent(vaults.issuer, vaults.revoker, table.task_role, table.task_role))


def require_known(policies: Mapping[str, TaskPolicy], sources: Collection[str]) -> None:
    """Raises ConfigError, naming file and field, for a grant of a source that this broker does not have and for a scope
    that is not the source's."""
    for policy in policies.values():
        for grant in policy.grants:
            if grant.source not in sources:
                have = ", ".join(sorted(sources))
                missing = "needs a [vault] table" if grant.source in VAULT else f"is none of {', '.join(NAMES)}"
                raise ConfigError(
                    f"tasks/{policy.name}.toml: grants.{grant.name}.source: {grant.source!r} {missing}",
                    f"this broker has: {have}",
                )
            if grant.source in KINDS:
                _require_scope(policy.name, grant, KINDS[grant.source].scope)


def _require_scope(policy: str, grant: Grant, scope: Scope) -> None:
    key, wrong = scope.problem(grant.scope)
    if wrong:
        keys = ", ".join([*sorted(scope.required), *(f"{one} (optional)" for one in sorted(scope.optional))])
        where = f"tasks/{policy}.toml: grants.{grant.name}.scope.{key}"
        raise ConfigError(f"{where}: {wrong}", f"a scope of {grant.source} has: {keys}")
