"""The HTTP API of one broker: routes, problem documents, a cap on bodies, no page that loads anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from broker.api import (
    approvals,
    control,
    exposures,
    issuer,
    login,
    metrics,
    policies,
    problems,
    record,
    ssh_revoked,
    tasks,
    used,
)
from broker.api.caller import Callers
from broker.authenticate.bearer_jwt import BearerVerifier
from broker.authenticate.dpop import Verifier
from broker.errors import BadRequest, RecordFailed
from broker.issue.identity import IdentitySource
from broker.service import Broker
from broker.telemetry.requests import Observed
from broker.web.activity import Activity
from broker.web.mount import mount

MAX_BODY = 64 * 1024
MAX_BODIES = {"/v1/policies": policies.MAX_BODY}
"""Calls that carry whole files."""

SILENT: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
"""FastAPI (0.165) has telemetry of its own, which a variable of the environment can send anywhere: validation errors
with their values, and tracebacks. What is told of a request is what `broker/telemetry` tells."""

BODY_SECONDS = 20.0
"""How long a request may take to arrive, so that slow senders do not use up the connections there are."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def create_app(
    broker: Broker,
    bearer: BearerVerifier,
    proofs: Verifier,
    identity: IdentitySource,
    activity: Activity | None = None,
) -> FastAPI:
    """The ASGI application. It holds no state of its own but the sessions of the reviewer's pages (`activity`, None
    where no browser can get here): replicas may share one store."""
    app = FastAPI(title="secretguard broker", docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=SILENT)
    problems.install(app)
    callers = Callers(broker, bearer, proofs)
    for room in (tasks, control, approvals, policies, record, exposures, metrics, login, used, ssh_revoked):
        app.include_router(room.router(broker, callers))
    _health(app, broker)
    app.include_router(issuer.router(broker, callers, identity))
    mount(app, broker, callers, activity)
    app.add_middleware(Edge, nonce=proofs.nonces.current)
    app.add_middleware(Observed, observer=broker.observer)  # the last one added is the outermost
    return app


def _health(app: FastAPI, broker: Broker) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """The store takes a write transaction: credentials can be issued. `policy` is what to know of the policy;
        `checkpoint` and `witnesses` say why the log's newest checkpoint waits, which holds nothing up; `vault` which
        identity cannot log in there, and why: its sources issue until the token at hand ends."""
        try:
            with broker.database.write() as tx:
                tx.execute(sa.text("SELECT 1"))
            policy = broker.policies.notice()
        except RecordFailed as error:
            return problems.answer(error)
        waits = {one.witness.name: one.problem for one in broker.witnesses if one.problem}
        vault = broker.vaults.problems() if broker.vaults is not None else {}
        told = {"policy": policy, "checkpoint": broker.signer.problem, "witnesses": waits, "vault": vault}
        return JSONResponse({"status": "ready", **{name: what for name, what in told.items() if what}})


class Edge:
    """Refuses a body above its call's cap while it arrives, whatever its Content-Length claimed, and stops every
    unforeseen exception here: above this point its traceback, and the values quoted in it, would reach the server's
    log. What is answered about a task brings the nonce for the next proof along (RFC 9449, 8.2)."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], nonce: Callable[[], str]) -> None:
        self.app = app
        self.nonce = nonce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MAX_BODIES.get(scope["path"], MAX_BODY)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(receive, most)
        except TimeoutError:
            error = BadRequest(f"the request did not arrive within {BODY_SECONDS:.0f} s", rule="body-deadline")
            await _close(problems.answer(error, 408, "Request timeout"), scope, receive, send)
            return
        if body is None:
            return
        if len(body) > most:
            error = BadRequest(f"the body is larger than {most} bytes", rule="body-cap")
            await _close(problems.answer(error, 413, "Content too large"), scope, receive, send)
            return
        started = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start" and scope["path"].startswith("/v1/tasks"):
                message["headers"] = [*message.get("headers", ()), (b"dpop-nonce", self.nonce().encode())]
            await send(message)

        try:
            await self.app(scope, _once(body, receive), watched)
        except Exception as fault:
            problems.log.error("internal error: %s in %s %s", type(fault).__name__, scope["method"], scope["path"])
            if not started:
                await problems.BUG(scope, receive, send)


async def _close(response: JSONResponse, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer and end the connection: the rest of the request is not read."""
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


async def _body(receive: Receive, most: int) -> bytes | None:
    """The request's body, or as much of it as shows that it is too large; None when the caller went away."""
    body = b""
    more = True
    while more and len(body) <= most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _once(body: bytes, receive: Receive) -> Receive:
    """A receive that hands over the collected body, then waits for the connection's end as before."""
    given = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
