"""Source `vault_token`: a Vault token with the one provisioned policy that the grant names (`scope.policy`).

Each lease is a token of its own below the task's parent: not renewable, `explicit_max_ttl` = ttl, use-capped where the
grant says so (Vault counts every call, also a refused one).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from typing import ClassVar

from broker.errors import SourceFailed
from broker.issue import vault_accessors, vault_mint
from broker.issue.scope import VAULT_NAME, Scope
from broker.issue.source import MintRequest
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.vault import Vault

SETTLE_SECONDS = 120
"""How long after its intent a mint whose reply was lost may still be carried out: it was sent within READY_SECONDS
(`broker/pipeline.py`) and the time of connecting, and Vault's default `max_request_duration` is 90 s. Not finding it
before then proves nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class VaultTokenSource:
    """Implements `Source`. `issuer` only carries the parent's call; `revoker` looks up, sweeps and revokes."""

    issuer: Vault
    revoker: Vault
    settle_seconds: int = SETTLE_SECONDS
    needs_parent = True
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope({"policy": VAULT_NAME})

    def mint(self, request: MintRequest) -> Minted:
        token = vault_mint.child_of(request, self.revoker, self.issuer, uses=request.grant.uses)
        return Minted({"token": token.value}, token.accessor, "", token.expires_at)

    def revoke(self, lease: Lease) -> Line:
        if not lease.accessor:
            return self.recover(lease)
        vault_accessors.kill(self.revoker, lease.accessor)
        return line(lease, Revocation.CONFIRMED, "the token is dead")

    def recover(self, lease: Lease) -> Line:
        found = self.recover_all([lease])
        if lease.id not in found:
            raise not_yet(self.settle_seconds)
        return found[lease.id]

    def recover_all(self, leases: Iterable[Lease]) -> dict[str, Line]:
        """`recover` for many leases with one sweep; those of which nothing can be said yet are left out."""
        lost = {lease.id: lease for lease in leases}
        lines = {}
        for token in vault_accessors.sweep(self.revoker, lambda meta: meta.get("intent") in lost):
            vault_accessors.kill(self.revoker, token.accessor)
            intent = token.meta["intent"]
            lines[intent] = line(lost[intent], Revocation.CONFIRMED, "found by its intent, the token is dead")
        for lease in lost.values():
            if lease.id not in lines and settled(lease, self.settle_seconds):
                lines[lease.id] = line(lease, Revocation.NOTHING, "no token carries this intent")
        return lines


def settled(lease: Lease, seconds: int) -> bool:
    """Whether a mint for `lease` can no longer be under way at Vault."""
    return time.time() >= lease.created_at + seconds


def not_yet(seconds: int) -> SourceFailed:
    """The error of a `recover` that found nothing too early to be sure."""
    return SourceFailed(
        "nothing found for a lost mint, which may still be under way", f"it is certain {seconds} s after its intent"
    )


def line(lease: Lease, revocation: Revocation, detail: str) -> Line:
    """The receipt's line for `lease`."""
    return Line(lease.id, lease.grant, lease.source, revocation, lease.expires_at, detail)
