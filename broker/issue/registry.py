"""Every credential source by the name that a grant uses. A new source is one file beside this one and one line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping

from broker.issue.identity import IdentitySource
from broker.issue.source import ParentSource, Source
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
    """Raises ConfigError for a grant of a source that this broker does not have."""
    for policy in policies.values():
        for grant in policy.grants:
            if grant.source not in sources:
                have = ", ".join(sorted(sources))
                missing = "needs a [vault] table" if grant.source in VAULT else f"is none of {', '.join(NAMES)}"
                raise ConfigError(
                    f"tasks/{policy.name}.toml: grants.{grant.name}.source: {grant.source!r} {missing}",
                    f"this broker has: {have}",
                )
