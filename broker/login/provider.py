"""The issuer that a person logs in at, seen from the command line: a public client (RFC 8252) without secret."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from urllib.parse import urlencode

from broker.authenticate.discovery import Origin, endpoint
from broker.authenticate.login import Login
from broker.errors import Unreachable
from broker.exchange import Exchange, NoAnswerError, NotSentError
from secretguard import rawjson

MAX_ANSWER = 256 * 1024
SECONDS = 20.0


@dataclasses.dataclass(frozen=True, slots=True)
class Provider:
    """An issuer's endpoints, and what the broker said of logging in there. An endpoint it does not have is empty;
    `names_itself` is whether its answers carry `iss` (RFC 9207)."""

    login: Login
    authorization: str
    token: str
    device: str
    revocation: str
    names_itself: bool


def find(login: Login) -> Provider:
    """The issuer's own word on where its endpoints are. Raises Unreachable."""
    try:
        document = Origin().metadata(login.issuer)
        urls = {name: _url(document, name) for name in ("device_authorization_endpoint", "revocation_endpoint")}
        return Provider(
            login,
            endpoint(document, "authorization_endpoint"),
            endpoint(document, "token_endpoint"),
            urls["device_authorization_endpoint"],
            urls["revocation_endpoint"],
            document.get("authorization_response_iss_parameter_supported") is True,
        )
    except (OSError, ValueError, NotSentError, NoAnswerError):
        fix = "check the network, and that the issuer is written exactly as it writes itself"
        raise Unreachable(f"{login.issuer} cannot be asked how one logs in there", fix) from None


def _url(document: Mapping[str, object], name: str) -> str:
    return endpoint(document, name) if name in document else ""


def post(url: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, object]]:
    """Send a form; status and JSON object, empty where it was none. Raises Unreachable, which quotes no content."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        with contextlib.closing(Exchange(https=url.startswith("https:"), max_answer=MAX_ANSWER)) as exchange:
            answer = exchange("POST", url, headers=headers, body=urlencode(form).encode(), seconds=SECONDS)
        value = rawjson.loads(answer.body) if answer.body else {}
    except (NotSentError, NoAnswerError, ValueError):
        raise Unreachable("the issuer did not answer, or not in JSON", "try again") from None
    return answer.status, value if isinstance(value, dict) else {}
