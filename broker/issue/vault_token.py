"""Source `vault_token`: a Vault token with the one provisioned policy that the grant names (`scope.policy`).

Each lease is a token of its own below the task's parent: not renewable, `explicit_max_ttl` = ttl, use-capped where the
grant says so (Vault counts every call, also a refused one).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

from broker.issue import vault_accessors, vault_mint
from broker.issue.scope import VAULT_NAME, Scope
from broker.issue.source import MintRequest, line
from broker.issue.vault_lease import TokenLease
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation


@dataclasses.dataclass(frozen=True, slots=True)
class VaultTokenSource(TokenLease):
    """Implements `Source`."""

    hands_out: ClassVar[bool] = True
    dies_with_parent: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope({"policy": VAULT_NAME})

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        token = vault_mint.child_of(request, self.revoker, self.issuer, uses=request.grant.uses)
        return Minted({"token": token.value}, token.accessor, "", token.expires_at)

    def revoke(self, lease: Lease) -> Line:
        """See `broker/issue/source.py`."""
        if not lease.accessor:
            return self.recover(lease)
        vault_accessors.kill(self.revoker, lease.accessor)
        return line(lease, Revocation.CONFIRMED, self.end)

    def revoke_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """See `broker/issue/source.py`."""
        known = list(leases)
        lost = [lease for lease in known if not lease.accessor]
        alive = vault_accessors.kill_all(self.revoker, (lease.accessor for lease in known if lease.accessor))
        lines = self.recover_all(lost) if lost else {}
        for lease in (one for one in known if one.accessor):
            why = alive.get(lease.accessor, "")
            lines[lease.id] = line(lease, Revocation.QUEUED if why else Revocation.CONFIRMED, why or self.end)
        return lines
