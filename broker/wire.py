"""How the client and the broker talk: endpoint, JSON both ways, problem documents back into exceptions, retries."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from joserfc.jwk import ECKey

from broker import errors
from broker.authenticate.dpop import NONCE_RULE, UNIX_BASE_URL, make_proof
from broker.errors import BrokerError, Unreachable
from broker.exchange import Answer, Exchange, NoAnswerError, NotSentError, is_loopback
from secretguard import rawjson
from secretguard.secret import Secret

MAX_ANSWER = 1024 * 1024
ATTEMPTS = 3
PAUSE = 0.1
"""Seconds before the second attempt; doubled after each."""

_MAX_DETAIL = 2000
VERSIONS = "are client and broker of one version?"
_BY_STATUS: dict[int, type[BrokerError]] = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Refused,
        errors.NotFound,
        errors.Conflict,
        errors.TooMany,
        errors.SourceFailed,
        errors.MaybeIssued,
    )
}
_BY_TITLE = {kind.title: kind for kind in (errors.RecordFailed, errors.MaybeIssued)}


class Wire:
    """One broker, reached at `endpoint`; each `call` ends within `timeout` seconds unless it asks for more. `nonce` is
    the newest that the broker sent for proofs of possession (RFC 9449, section 8)."""

    def __init__(self, endpoint: str, timeout: float, tls: ssl.SSLContext | None = None) -> None:
        path, self.base = _address(endpoint)
        self.nonce = ""
        self._timeout = timeout
        secure = self.base.startswith("https:")
        self._exchange = Exchange(unix_socket=path, https=secure, max_answer=MAX_ANSWER, tls=tls if secure else None)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        *,
        repeat: bool,
        bearer: Secret | None = None,
        prove: Callable[[str, str], dict[str, str]] | None = None,
        at_least: float = 0,
    ) -> tuple[int, dict[str, object]]:
        """Status and JSON object of a good answer (2xx). `prove` makes the headers of one attempt from method and path;
        `at_least` is a longer deadline in seconds, for a call that may need it.

        A request that was not sent is tried again; one whose answer was lost only where `repeat` says that asking
        twice does no harm; one that was refused for the nonce of its proof, once. Raises BrokerError.
        """
        content = None if body is None else rawjson.dumps(dict(body)).encode()
        headers = {"Accept": "application/json, application/problem+json", "Content-Type": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer.reveal()}"
        ends_at = time.monotonic() + max(self._timeout, at_least)
        for attempt in range(ATTEMPTS):
            try:
                answer = self._ask(method, path, headers, content, prove, ends_at)
                if prove and _asks_for_nonce(answer):
                    answer = self._ask(method, path, headers, content, prove, ends_at)
                return answer.status, _value(answer)
            except NotSentError:
                failure = Unreachable("the broker could not be reached; nothing was sent", "is it running?")
            except NoAnswerError:
                failure = Unreachable("the broker's answer was lost or not understood", "ask for the task's state")
                if not repeat:
                    raise failure from None
            pause = PAUSE * 2**attempt
            if attempt == ATTEMPTS - 1 or time.monotonic() + pause >= ends_at:
                raise failure
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | None,
        prove: Callable[[str, str], dict[str, str]] | None,
        ends_at: float,
    ) -> Answer:
        """One exchange, with a proof of its own."""
        sent = headers | (prove(method, path) if prove else {})
        left = max(ends_at - time.monotonic(), 0.001)
        answer = self._exchange(method, self.base + path, headers=sent, body=content, seconds=left)
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer

    def close(self) -> None:
        self._exchange.close()


class Prover:
    """Makes the headers that show possession of the key, anew for every attempt: a proof works once."""

    def __init__(self, key: ECKey, wire: Wire, token: Secret | None) -> None:
        self._key = key
        self._wire = wire
        self._token = token

    def __call__(self, method: str, path: str) -> dict[str, str]:
        url, nonce = self._wire.base + path, self._wire.nonce
        proof = make_proof(self._key, "ES256", method, url, self._token, time.time(), nonce)
        return {"DPoP": proof, **({"Authorization": f"DPoP {self._token.reveal()}"} if self._token else {})}


def _address(endpoint: str) -> tuple[str | None, str]:
    """Socket path (None for TCP) and base URL. Raises BadRequest for an endpoint that would send tokens in clear."""
    if endpoint.startswith("unix:/"):
        return endpoint.removeprefix("unix:"), UNIX_BASE_URL
    try:
        url = urlsplit(endpoint)
        host, extra = url.hostname or "", url.username or url.query or url.fragment or url.path.strip("/")
        url.port  # noqa: B018  # raises ValueError when it is no port
    except ValueError:
        host, extra = "", "unreadable"
    if not host or extra or url.scheme not in ("http", "https"):
        raise errors.BadRequest(
            "the broker's endpoint is not an address", "write unix:/path/launch.sock or https://host:port"
        )
    if url.scheme == "http" and not is_loopback(host):
        raise errors.BadRequest("plain http to another machine would show credentials to the network", "use https://")
    return None, endpoint.rstrip("/")


def _asks_for_nonce(answer: Answer) -> bool:
    """Was the request refused, before anything was done, only because its proof had no current nonce?"""
    return answer.status == 401 and NONCE_RULE in answer.headers.get("www-authenticate", "")


def _value(answer: Answer) -> dict[str, object]:
    try:
        value = rawjson.loads(answer.body) if answer.body else {}
    except rawjson.JsonError:
        value = None
    if answer.status // 100 == 2 and isinstance(value, dict):
        return value
    if answer.status // 100 in (4, 5):
        raise problem(answer.status, value if isinstance(value, dict) else {})
    raise Unreachable(f"the broker answered with status {answer.status} and no JSON object", VERSIONS)


def problem(status: int, document: Mapping[str, object]) -> BrokerError:
    """The exception that an RFC 9457 problem document stands for; BrokerError itself for a status of no class."""
    kind = _BY_TITLE.get(_line(document, "title")) or _BY_STATUS.get(status) or BrokerError
    message = _line(document, "detail") or _line(document, "title") or f"the broker answered with status {status}"
    return kind(message, _line(document, "fix"), rule=_line(document, "rule"))


def _line(document: Mapping[str, object], name: str) -> str:
    """One member as a printable line: it goes to a terminal."""
    value = document.get(name)
    return "".join(c for c in value[:_MAX_DETAIL] if c.isprintable()) if isinstance(value, str) else ""


def text(answer: Mapping[str, object], name: str) -> str:
    """A required string of an answer. Raises Unreachable."""
    value = answer.get(name)
    if not isinstance(value, str):
        raise Unreachable(f"the broker's answer has no '{name}'", VERSIONS)
    return value


def integer(answer: Mapping[str, object], name: str) -> int:
    """A required whole number of an answer. Raises Unreachable."""
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unreachable(f"the broker's answer has no '{name}'", VERSIONS)
    return value


def texts(answer: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A required list of strings of an answer. Raises Unreachable."""
    value = answer.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Unreachable(f"the broker's answer has no '{name}'", VERSIONS)
    return tuple(value)
