"""The outermost layer of the API: one number, one log line, one span a request.

Told are the template of the path, never the path; the status; the rule of a refusal; milliseconds; and an id that the
answer carries as `X-Request-Id`. No header and no body of a request is read here, so none can be told, and a caller
chooses neither the id nor where its span belongs.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from broker.telemetry.observer import Observer

RULE = "broker.rule"
"""Where a refusal leaves its rule in a request's scope; see `broker/api/problems.py`."""
UNMATCHED = "unmatched"

log = logging.getLogger("broker.request")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Observed:
    """ASGI middleware over everything else that answers."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], observer: Observer) -> None:
        self.app = app
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, request_id = time.perf_counter(), 0, secrets.token_hex(8)

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        spans = self.observer.spans
        span = spans.span("request", {}, server=True) if spans else contextlib.nullcontext({})
        with span as attributes:
            try:
                await self.app(scope, receive, watched)
            finally:
                told = _told(scope, status, request_id)
                attributes.update(told)
                seconds = time.perf_counter() - begun
                self.observer.metrics.answered(told["route"], told["method"], status, seconds, told["rule"])
                log.info(
                    "%s %s %s", told["method"], told["route"], status, extra={**told, "ms": round(seconds * 1e3, 1)}
                )


def _told(scope: Scope, status: int, request_id: str) -> dict[str, Any]:
    """Status 0: the caller went away before the answer."""
    route = getattr(scope.get("route"), "path", UNMATCHED)
    rule = scope.get(RULE, "")
    return {"request": request_id, "method": scope["method"], "route": route, "status": status, "rule": rule}
