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
    """One parent; `task` is what its metadata say. `problem` says why it is not known to be dead, empty when it is."""

    accessor: str
    task: str
    problem: str


def close_strays(revoker: Vault, role: str) -> tuple[Stray, ...]:
    """Revoke every live parent that `role` has made. Safe to repeat; only for when no task is alive.

    Raises SourceFailed when they cannot be looked for.
    """
    found = [one for one in vault_accessors.sweep(revoker, _is_parent) if made_by(one.path, role)]
    return tuple(Stray(one.accessor, one.meta.get("task", ""), _closed(revoker, one.accessor)) for one in found)


def _is_parent(meta: object) -> bool:
    return isinstance(meta, dict) and meta.get("kind") == "parent"


def _closed(revoker: Vault, accessor: str) -> str:
    try:
        vault_accessors.kill(revoker, accessor)
    except SourceFailed as error:
        return error.message
    return ""
