"""Every failure as one RFC 9457 problem document: `type, title, status, detail, fix, rule`. The one place for it."""

from __future__ import annotations

import logging
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from broker.errors import BadRequest, BrokerError, NotFound, Unauthenticated
from broker.telemetry.requests import RULE
from secretguard.errors import SecretguardError

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger("broker.api")


class Problem(JSONResponse):
    """A problem document that leaves its rule in the request's scope, for `broker/telemetry/requests.py`."""

    rule = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        scope[RULE] = self.rule
        await super().__call__(scope, receive, send)


def install(app: FastAPI) -> None:
    """Answer every foreseen exception of `app` with a problem document."""
    app.add_exception_handler(BrokerError, _known)
    app.add_exception_handler(SecretguardError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def answer(error: BrokerError, status: int | None = None, title: str | None = None) -> JSONResponse:
    """`error` as a response, under another status and title where HTTP has a narrower word for it."""
    document = {
        "type": "about:blank",
        "title": title or error.title,
        "status": status or error.status,
        "detail": error.message,
        **({"fix": error.fix} if error.fix else {}),
        **({"rule": error.rule} if error.rule else {}),
    }
    challenge = {"WWW-Authenticate": error.challenge} if isinstance(error, Unauthenticated) else {}
    headers = {"Cache-Control": "no-store", **challenge}
    response = Problem(document, document["status"], headers, MEDIA_TYPE)  # type: ignore[arg-type]
    response.rule = error.rule
    return response


def _known(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, BrokerError):
        return answer(error)
    return answer(BrokerError(str(error)))


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Which field is wrong and why, without the value: it may be a bootstrap or a token."""
    first = cast(RequestValidationError, error).errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    reason = "not JSON" if first["type"] == "json_invalid" else first["msg"]
    return answer(BadRequest(f"{where}: {reason}", "see /openapi.json for the shape", rule="request-shape"))


def _http(_request: Request, error: Exception) -> JSONResponse:
    known = cast(HTTPException, error)
    if known.status_code == 404:
        return answer(NotFound("no such call", "see /openapi.json for the calls there are"))
    return answer(BadRequest(known.detail), known.status_code, known.detail)


BUG = answer(BrokerError("the broker failed in an unforeseen way", "see its log", rule="internal"))
"""All that an unforeseen exception tells; `broker/api/app.py` stops it and sends this."""
