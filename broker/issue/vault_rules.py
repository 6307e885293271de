"""What each source that works through Vault needs to have provisioned there: one line a source.

`broker/vault_plan.py` writes policies from it and `broker/vault_setup.py` looks at the roles that are their owner's. A
new source offers these functions in its own file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from broker.issue import vault_database, vault_kv, vault_pki, vault_ssh
from broker.vault_config import VaultTable
from broker.vault_rule import Rule

Scope = Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Needs:
    """`mount`: the engine's mount. `policy`: what the lease's own token, which is never handed out, may do there for a
    grant with this scope (never a wildcard: the plan refuses one). `revoker`: what taking back needs beyond revoking by
    accessor and by lease id. `has_role`: `scope.role` names a role at MOUNT/roles/ROLE that is its owner's to write;
    `weakness` says what such a role, as Vault tells it, lacks; empty when nothing."""

    mount: Callable[[VaultTable], str]
    policy: Callable[[str, Scope], tuple[Rule, ...]]
    revoker: Callable[[str], tuple[Rule, ...]] = lambda _mount: ()
    has_role: bool = True
    weakness: Callable[[Mapping[str, Any]], str] = lambda _role: ""


ENGINES: Mapping[str, Needs] = {
    "database": Needs(
        lambda table: table.database_mount,
        vault_database.policy_rules,
        vault_database.revoker_rules,
        weakness=vault_database.weakness,
    ),
    "ssh": Needs(lambda table: table.ssh_mount, vault_ssh.policy_rules, weakness=vault_ssh.weakness),
    "pki": Needs(
        lambda table: table.pki_mount,
        vault_pki.policy_rules,
        vault_pki.revoker_rules,
        weakness=vault_pki.weakness,
    ),
    "kv": Needs(lambda table: vault_kv.where(table.kv_mount, table.kv_version), vault_kv.policy_rules, has_role=False),
}
"""Sources whose token reads one credential from an engine: `scope.policy` is written by `broker vault setup`."""

HANDED_OUT = frozenset({"vault_token"})
"""Sources whose token itself is the credential: `scope.policy` is its owner's to write."""

SOURCES = HANDED_OUT | ENGINES.keys()
"""All sources whose leases need a policy on the task's parent token."""
