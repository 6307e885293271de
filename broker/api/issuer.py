"""The embedded issuer's public side: how to verify its tokens, and whether one is good right now."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from broker.api.caller import Callers
from broker.errors import BadRequest, NotFound
from broker.issue.identity import IdentitySource
from broker.lease import LeaseState
from broker.service import Broker
from broker.store.rows import find_lease, find_task
from secretguard.secret import Secret


def router(broker: Broker, callers: Callers, identity: IdentitySource) -> APIRouter:
    """The routes, over one broker and its issuer."""
    api = APIRouter()

    @api.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, object]:
        """How to verify the embedded issuer's tokens."""
        return identity.discovery()

    @api.get("/.well-known/jwks.json")
    def jwks() -> dict[str, object]:
        """The embedded issuer's public keys."""
        return identity.jwks()

    @api.post("/v1/introspect")
    async def introspect(request: Request) -> dict[str, object]:
        """RFC 7662: a form with one `token`; `{"active": false}` as soon as its lease or task is over."""
        return await run_in_threadpool(looked_at, request, await request.body())

    def looked_at(request: Request, body: bytes) -> dict[str, object]:
        """In a thread: finding out who asks may take seconds, for which everybody else would wait."""
        callers.identity(request)
        return dict(identity.introspect(_token(body), lambda jti: _revoked(broker, jti)))

    return api


def _token(body: bytes) -> Secret:
    try:
        given = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=4).get("token", [])
    except ValueError:
        given = []
    if len(given) != 1:
        fix = "send application/x-www-form-urlencoded token=..."
        raise BadRequest("the body is not a form with one token", fix, rule="request-shape")
    return Secret(given[0])


def _revoked(broker: Broker, lease_id: str) -> bool:
    with broker.database.read() as tx:
        try:
            lease = find_lease(tx, lease_id)
            return lease.state is not LeaseState.ISSUED or find_task(tx, lease.task_id).state.over
        except NotFound:
            return True
