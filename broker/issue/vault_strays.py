"""Task parents at Vault that nobody holds: those of this broker's token role, found by Vault's own list.

After a store was put back from a backup, Vault may have parents of tasks that the store never heard of. A parent's role
is named in its creation path, which nobody can choose; tokens of another role, so of another broker at the same Vault,
are never touched. Whatever hangs below a parent (tokens, database users, certificates with a lease) dies with it.
"""

from __future__ import annotations

import dataclasses

from broker.errors import SourceFailed
from broker.issue import vault_accessors
from broker.tenant import made_by
from broker.vault import Vault


@dataclasses.dataclass(frozen=True, slots=True)
class Stray:
    """One live parent; `task` is what its metadata say."""

    accessor: str
    task: str


def strays(revoker: Vault, role: str) -> tuple[Stray, ...]:
    """Every live parent that `role`, or a tenant's role of this broker, has made. Only where no task is alive are they
    strays. Raises SourceFailed when they cannot be looked for."""
    found = [one for one in vault_accessors.sweep(revoker, _is_parent) if made_by(one.path, role)]
    return tuple(Stray(one.accessor, one.meta.get("task", "")) for one in found)


def close(revoker: Vault, stray: Stray) -> str:
    """Revoke it and all below; why it is not known to be dead, empty when it is. Safe to repeat."""
    try:
        vault_accessors.kill(revoker, stray.accessor)
    except SourceFailed as error:
        return error.message
    return ""


def _is_parent(meta: object) -> bool:
    return isinstance(meta, dict) and meta.get("kind") == "parent"
