"""Signing in: a one-time link for an operator of the API, and the form that exchanges its code for a session."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from broker.api.caller import Callers
from broker.errors import NotFound, Refused
from broker.service import Broker
from broker.store.log import append
from broker.web.activity import Activity
from broker.web.guarded import guarded, sign_in_page
from broker.web.session import LINK_SECONDS, SESSION_SECONDS


def links(callers: Callers, activity: Activity | None) -> APIRouter:
    """`POST /v1/activity/links`: the call behind `broker activity`."""
    api = APIRouter(prefix="/v1/activity")

    @api.post("/links", status_code=201)
    def link(request: Request) -> dict[str, object]:
        caller = callers.operator(request)
        if activity is None:
            fix = "set server.listen (`broker dev --listen 127.0.0.1:8420`), which a browser can reach"
            raise NotFound("this broker listens on no address for browsers", fix, rule="no-pages")
        return {"url": activity.link(caller.id).reveal(), "expires_in": LINK_SECONDS}

    return api


def router(broker: Broker, activity: Activity) -> APIRouter:
    """The login page, which is all that somebody without a session sees."""
    api = APIRouter(prefix="/activity", include_in_schema=False, route_class=guarded(activity, signed_in=False))

    @api.get("/login")
    def form() -> HTMLResponse:
        return HTMLResponse(sign_in_page(activity))

    @api.post("/login")
    async def enter(request: Request) -> Response:
        _from_the_login_page(request, activity)
        return await run_in_threadpool(_enter, broker, activity, await request.body())

    return api


def _enter(broker: Broker, activity: Activity, body: bytes) -> Response:
    """A session for a good code, and a record of whose it is: without that record nobody reads."""
    opened = activity.sessions.exchange(_code(body))
    if opened is None:
        return HTMLResponse(sign_in_page(activity, refused=True), 403)
    session, who = opened
    with broker.database.write() as tx:
        append(tx, "broker:activity:opened", "", broker.clock(), {"by": who})
    answer = RedirectResponse(f"{activity.origin.base}/activity", 303)
    answer.set_cookie(
        activity.origin.cookie,
        session.reveal(),
        max_age=SESSION_SECONDS,
        path="/",
        secure=activity.origin.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def _code(body: bytes) -> str:
    """The form's one field; "" in anything else than such a form."""
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=4).get("code", [""])[0].strip()
    except ValueError:
        return ""


def _from_the_login_page(request: Request, activity: Activity) -> None:
    """Another site must not sign a reviewer in as somebody else. Raises Refused.

    A browser that is told to send no referrer states its origin as `null`; `Sec-Fetch-Site` then says where it was.
    """
    origin, site = request.headers.get("origin", "null"), request.headers.get("sec-fetch-site", "same-origin")
    if origin not in ("null", activity.origin.text) or site not in ("same-origin", "none"):
        raise Refused("the login takes a code from its own page alone", "open the link that the broker printed")
