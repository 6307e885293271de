"""What an issuer's token endpoint gave, verified before it is kept: signature, issuer, audience, nonce, subject."""

from __future__ import annotations

import dataclasses
import hmac
import time
from collections.abc import Callable, Mapping

from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.errors import Unauthenticated
from broker.login.provider import Provider
from secretguard.secret import Secret

MAX_TOKEN = 32 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Tokens:
    """`token` is what the broker is shown, until `expires_at` (Unix seconds); `refresh` gets the next one, None where
    the issuer offers none; `subject` is whose they are, in the issuer's words."""

    token: Secret
    expires_at: int
    refresh: Secret | None
    subject: str


class Refusal(Unauthenticated):
    """The issuer, or what it sent, does not make a login."""

    def __init__(self, message: str, fix: str = "run `broker login` again") -> None:
        super().__init__(message, fix, rule="login")


def accept(
    provider: Provider,
    answer: Mapping[str, object],
    *,
    nonce: str | None = None,
    before: Tokens | None = None,
    clock: Callable[[], float] = time.time,
) -> Tokens:
    """The tokens of an answer. `nonce` must come back in the ID token where one was sent (OpenID Connect Core 1.0,
    3.1.3.7); after a refresh the subject must be that of `before` (12.2), and its refresh token is kept where no new
    one came. Raises Unauthenticated."""
    login = provider.login
    shown, refresh = _text(answer, "id_token"), _text(answer, "refresh_token")
    if shown is None and before and login.token == "access_token":  # noqa: S105  # Core 1.0, 12.2: may be left out
        renewed, ends = _access(answer, clock())
        return Tokens(renewed, int(ends), refresh or before.refresh, before.subject)
    if shown is None:
        raise Refusal("the issuer gave no ID token", f"has the client {login.client_id} the scope openid?")
    trusted = TrustedIssuer(login.issuer, login.client_id)
    claims = BearerVerifier((trusted,), clock).claims(shown)
    subject, expires = claims.get("sub"), claims.get("exp")
    if not isinstance(subject, str) or not subject:
        raise Refusal("the ID token names nobody")
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise Refusal("the ID token is the answer to another login")
    if before and before.subject != subject:
        raise Refusal("the issuer renewed the login of another person")
    token = shown
    if login.token == "access_token":  # noqa: S105  # the name of a kind
        token, expires = _access(answer, clock())
    kept = refresh or (before.refresh if before else None)
    return Tokens(token, int(expires) if isinstance(expires, int | float) else 0, kept, subject)


def _access(answer: Mapping[str, object], now: float) -> tuple[Secret, float]:
    token, seconds = _text(answer, "access_token"), answer.get("expires_in")
    if token is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refusal("the issuer gave no access token that says how long it is good")
    return token, now + seconds


def _text(answer: Mapping[str, object], name: str) -> Secret | None:
    value = answer.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN or not value.isascii() or not value.isprintable():
        raise Refusal("the issuer's answer cannot be used")
    return Secret(value)


def reason(answer: Mapping[str, object]) -> str:
    """The error code of an OAuth answer (RFC 6749, 5.2), fit for a terminal."""
    value = answer.get("error")
    return "".join(c for c in value[:60] if c.isalnum() or c in "_-. ") if isinstance(value, str) else "no reason given"
