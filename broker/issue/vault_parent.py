"""The task's parent: an orphan token of a provisioned token role. All leases of the task hang below it.

It has the union of the policies that the task's grants name, and the right to make children; it is held by the broker
alone, never handed out. Revoking it kills every token below it in one call, and Vault then revokes their leases.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection

from broker.errors import SourceFailed
from broker.grant import Grant
from broker.issue import vault_accessors, vault_mint, vault_rules
from broker.tenant import kind_of, role_of, tenant_of
from broker.vault import Vault
from secretguard.secret import Secret


@dataclasses.dataclass(frozen=True, slots=True)
class VaultParent:
    """Implements `ParentSource`. `role` is the token role for parents, `policy` lets a parent make children; both are
    provisioned by `broker vault setup`."""

    issuer: Vault
    revoker: Vault
    role: str
    policy: str

    def open_parent(
        self, task_id: str, grants: tuple[Grant, ...], ttl: int, above: Secret | None = None
    ) -> tuple[Secret, str]:
        """Create the parent for `ttl` seconds: (token, accessor). Below `above` Vault gives it no policy that that one
        has not, and revokes it with that one. Raises SourceFailed or MaybeIssued."""
        named = {grant.scope.get("policy", "") for grant in grants if kind_of(grant.source) in vault_rules.SOURCES}
        tenant = max((tenant_of(grant.source) for grant in grants), default="")  # a task policy has one, or none
        order = vault_mint.Order(
            policies=frozenset({self.policy, *named} - {""}),
            ttl=ttl,
            meta={"kind": "parent", "task": task_id},
            orphan=above is None,
            explicit=above is not None,  # the role has its own explicit_max_ttl; with ttl and renewable=false it caps
        )
        if above is None:
            answer = self.issuer.ask("post", "auth", "token", "create", role_of(self.role, tenant), body=order.body())
        else:
            answer = self.issuer.ask("post", "auth", "token", "create", body=order.body(), token=above)
        token = vault_mint.checked(answer.or_maybe("the task's parent token"), order, self.revoker)
        return token.value, token.accessor

    def close_parent(self, accessor: str) -> None:
        """Revoke the parent and everything below it, and check. Safe to repeat. Raises SourceFailed."""
        vault_accessors.kill(self.revoker, accessor)

    def recover_parents(self, task_ids: Collection[str]) -> dict[str, int]:
        """See `broker/issue/source.py`."""
        wanted = frozenset(task_ids)
        found = vault_accessors.sweep(
            self.revoker, lambda meta: meta.get("kind") == "parent" and meta.get("task") in wanted
        )
        alive = vault_accessors.kill_all(self.revoker, (token.accessor for token in found))
        if alive:
            raise SourceFailed(next(iter(alive.values())), "it is tried again")
        return dict(Counter(token.meta["task"] for token in found))
