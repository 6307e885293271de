"""What every request for a page passes first, and what every answer carries: the only gate to the pages.

    1 host      it names the one address of the pages                         else 421: DNS rebinding
    2 session   an operator's, from the cookie                                else the login page, 401
    3 answer    a page, or the failure as a page                              headers in either case

No page changes anything, so there is nothing to forge from another site; the login alone takes a POST, and only from
the login page.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from broker.errors import BadRequest, BrokerError
from broker.web.activity import Activity
from secretguard.errors import SecretguardError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded(activity: Activity, signed_in: bool) -> type[APIRoute]:
    """The class of the routes of these pages: for operators with a session, or (`signed_in` False) for anybody."""

    class Guarded(APIRoute):
        """A route behind the three steps above."""

        def get_route_handler(self) -> Handler:
            """The endpoint, between steps 1 and 3."""
            inner = super().get_route_handler()

            async def handler(request: Request) -> Response:
                response = await _answer(activity, inner, request, signed_in)
                for name, value in HEADERS.items():
                    response.headers[name] = value
                return response

            return handler

    return Guarded


async def _answer(activity: Activity, inner: Handler, request: Request, signed_in: bool) -> Response:
    if request.headers.get("host", "").lower() != activity.origin.host:
        return Response("These pages are at another address: open the link that the broker prints.\n", 421)
    if signed_in and activity.sessions.who(request.cookies.get(activity.origin.cookie, "")) is None:
        return _sign_in(activity)
    if "\0" in request.url.path or any("\0" in value for _, value in request.query_params.multi_items()):
        return problem(activity, BadRequest("a NUL character is in no record", "leave it out"))
    try:
        return await inner(request)
    except RequestValidationError as error:
        return problem(activity, BadRequest(f"{error.errors()[0]['loc'][-1]}: not a value that this page takes"))
    except SecretguardError as error:
        return problem(activity, error)


def _sign_in(activity: Activity) -> Response:
    """The login page. A page that was only to be refreshed in place is reloaded as a whole by `HX-Refresh`."""
    return HTMLResponse(sign_in_page(activity), 401, {"HX-Refresh": "true"})


def sign_in_page(activity: Activity, refused: bool = False) -> str:
    """The login page, which tells nothing of the broker: whoever asks is not known yet."""
    template = activity.templates.get_template("login.html")
    return template.render(base=f"{activity.origin.base}/activity", refused=refused)


def problem(activity: Activity, error: SecretguardError) -> Response:
    """A failure as a page, with the way on."""
    status = error.status if isinstance(error, BrokerError) else 500
    title = error.title if isinstance(error, BrokerError) else "Not available"
    template = activity.templates.get_template("problem.html")
    page = template.render(base=f"{activity.origin.base}/activity", title=title, message=error.message, fix=error.fix)
    return HTMLResponse(page, status)
