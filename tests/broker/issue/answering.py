"""A Vault of tests that makes the lease's own token and then answers an engine's call as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.lease import Lease, LeaseState
from broker.vault import Endpoint, Vault
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Loopback, Request, reply

Engine = Callable[[Request], list[bytes]]


def vault(engine: Engine, others: Mapping[str, list[bytes]] | None = None) -> Engine:
    """Tokens are made as ordered, die when revoked and are unknown then; leases are unknown; `others` by path first;
    whatever is left is the engine's."""

    def play(request: Request) -> list[bytes]:
        path = request.path.removeprefix("/v1/")
        if others and path in others:
            return others[path]
        if path == "auth/token/create":
            return reply(200, {"auth": _token(json.loads(request.body))})
        if path in ("auth/token/revoke-accessor", "sys/leases/revoke"):
            return reply(204)
        if path == "auth/token/lookup-accessor":
            return reply(400, {"errors": ["invalid accessor"]})
        if path == "sys/leases/lookup":
            return reply(400, {"errors": ["invalid lease"]})
        return engine(request)

    return play


def _token(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client_token": "hvs.child", "accessor": "acc", "policies": asked["policies"], "token_type": "service",
        "renewable": False, "num_uses": asked.get("num_uses", 0), "orphan": False,
        "lease_duration": int(asked["ttl"].removesuffix("s")),
    }  # fmt: skip


def both(server: Loopback) -> tuple[Vault, Vault]:
    """Issuer and revoker at `server`."""
    issuer, revoker = (Vault(Endpoint(server.address), FixedToken(Secret(who))) for who in ("issuer", "revoker"))
    return issuer, revoker


def order(grant: Grant) -> MintRequest:
    """An order for a minute."""
    return MintRequest("task_1", "lease_1", grant, 60, "somebody", Secret("hvs.parent"))


def issued(grant: Grant, source_lease: str, expires_at: int) -> Lease:
    """The lease of `order`, released."""
    return Lease("lease_1", "task_1", grant.name, grant.source, LeaseState.ISSUED, "acc", source_lease, 1, expires_at)
