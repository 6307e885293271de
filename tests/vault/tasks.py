"""A task on a real Vault, without the broker around it: its parent, and leases of it."""

from __future__ import annotations

import dataclasses
import secrets
import time

from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.issue.vault_database import VaultDatabaseSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Lease, LeaseState, Minted
from broker.vault import Endpoint, Vault
from broker.vault_config import Vaults
from secretguard.secret import Secret
from tests.servers.provision import Provisioned


@dataclasses.dataclass(frozen=True)
class Sources:
    """The three sources on one pair of clients; nothing is held to be settled before `settle` seconds."""

    parents: VaultParent
    tokens: VaultTokenSource
    databases: VaultDatabaseSource


def sources(ready: Provisioned, vaults: Vaults | None = None, settle: int = 0) -> Sources:
    """On the provisioned clients, or on `vaults` (through a proxy, for example)."""
    issuer, revoker = (vaults or ready.vaults).issuer, (vaults or ready.vaults).revoker
    return Sources(
        VaultParent(issuer, revoker, ready.table.task_role, ready.table.task_role),
        VaultTokenSource(issuer, revoker, settle_seconds=settle),
        VaultDatabaseSource(issuer, revoker, ready.table.database_mount, settle_seconds=settle),
    )


def through(ready: Provisioned, address: str, seconds: float = 5.0) -> Vaults:
    """The issuer through `address`; the revoker straight to Vault, as recovery runs later."""
    return Vaults(Vault(Endpoint(address, seconds=seconds), ready.table.issuer.identity()), ready.vaults.revoker)


def name(kind: str) -> str:
    """A task or lease id that nothing else has."""
    return f"{kind}_{secrets.token_hex(6)}"


def request(task: str, grant: Grant, parent: Secret | None, ttl: int = 120) -> MintRequest:
    """An order for a new lease of `task`."""
    return MintRequest(task, name("lease"), grant, ttl, "somebody", parent)


def lease(order: MintRequest, minted: Minted | None = None, age: int = 0) -> Lease:
    """The journal's row of `order`: issued when `minted` is known, uncertain otherwise. `age` is seconds since then."""
    state = LeaseState.ISSUED if minted else LeaseState.UNCERTAIN
    known = (minted.accessor, minted.source_lease, minted.expires_at) if minted else ("", "", 0)
    accessor, source_lease, expires = known
    born = int(time.time()) - age
    grant = order.grant
    return Lease(order.lease_id, order.task_id, grant.name, grant.source, state, accessor, source_lease, born, expires)
