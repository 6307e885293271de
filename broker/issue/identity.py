"""The embedded identity issuer: task identity tokens that any JWT library verifies by the published keys.

A token says *this is task T, working for S*: `sub` is the task and `on_behalf_of` the person. There is no `act`
(RFC 8693, 4.1), whose `sub` would be the person: a party that reads `sub` alone must never take the agent for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from broker.authenticate import jose
from broker.authenticate.jose import Rejected
from broker.errors import SourceFailed
from broker.issue.scope import TEXT, Scope
from broker.issue.signing_keys import SigningKeys
from broker.issue.source import MintRequest
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Line, Revocation
from secretguard.errors import ConfigError
from secretguard.secret import Secret

MAX_TTL = 900
"""Longest life of a token in seconds. It cannot be called back, so this is what a theft costs at most."""

CLAIMS = ("iss", "sub", "aud", "iat", "nbf", "exp", "jti", "on_behalf_of", "task_policy", "grant")
_WHAT = "identity token"
_NEVER_RELEASED = (LeaseState.INTENDED, LeaseState.MINTED, LeaseState.FAILED)


class IdentitySource:
    """A Source (`broker/issue/source.py`) that signs with a local key. The grant's scope has one field, `audience`."""

    needs_parent = False
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope({"audience": TEXT})

    def __init__(self, issuer: str, keys: SigningKeys, clock: Callable[[], float] = time.time) -> None:
        """`issuer` is the URL under which the two documents below are served. Raises ConfigError for another form."""
        url = urlsplit(issuer)
        if url.scheme not in ("https", "http") or not url.hostname or url.query or url.fragment or issuer[-1] == "/":
            raise ConfigError(f"issuer {issuer!r} is not a URL without query, fragment and final slash")
        self._issuer = issuer
        self._keys = keys
        self._clock = clock

    def mint(self, request: MintRequest) -> Minted:
        """Sign one token. Raises SourceFailed when the grant names no audience."""
        audience = request.grant.scope.get("audience", "")
        if not audience:
            raise SourceFailed(f"grant {request.grant.name} has no audience", "set scope.audience in the task policy")
        now = int(self._clock())
        expires = now + min(request.ttl, MAX_TTL)
        claims: dict[str, object] = {
            "iss": self._issuer,
            "sub": request.task_id,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": expires,
            "jti": request.lease_id,
            "on_behalf_of": request.subject,
            "task_policy": request.task_policy,
            "grant": request.grant.name,
        }
        key = self._keys.active
        token = jose.sign({"typ": "JWT", "alg": "EdDSA", "kid": key.thumbprint()}, claims, key)
        return Minted({"token": Secret(token)}, accessor=request.lease_id, source_lease="", expires_at=expires)

    def revoke(self, lease: Lease) -> Line:
        """A signed token cannot be called back: EXPIRES, or CONFIRMED once its time is over."""
        if self._clock() >= lease.expires_at > 0:
            return _line(lease, Revocation.CONFIRMED, "the token has expired")
        return _line(lease, Revocation.EXPIRES, "whoever verifies the signature alone accepts it until then")

    def recover(self, lease: Lease) -> Line:
        """A token leaves this process only after its release is on record, so a lease that never got that far has
        none; any other is as in `revoke`."""
        if lease.state in _NEVER_RELEASED:
            return _line(lease, Revocation.NOTHING, "signed here and never handed out")
        return self.revoke(lease)

    def jwks(self) -> dict[str, object]:
        """The document at `jwks_uri`."""
        return self._keys.jwks()

    def discovery(self) -> dict[str, object]:
        """The document at `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, section 3), cut down to
        what verifying a token needs; nobody logs in here."""
        return {
            "issuer": self._issuer,
            "jwks_uri": f"{self._issuer}/.well-known/jwks.json",
            "introspection_endpoint": f"{self._issuer}/v1/introspect",
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "claims_supported": list(CLAIMS),
        }

    def introspect(self, token: Secret, revoked: Callable[[str], bool]) -> Mapping[str, object]:
        """Is this token good *now* (RFC 7662, 2.2)? For parties that ask instead of trusting the signature until it
        expires. `revoked` answers from the store for a lease id. Every doubt is `{"active": False}`."""
        try:
            parsed = jose.parse(token.reveal(), _WHAT)
            key = self._keys.find(parsed.header.get("kid"))
            if key is None or parsed.claims.get("iss") != self._issuer:
                return {"active": False}
            jose.check_signature(parsed, key, _WHAT)
            live = self._clock() < jose.number(parsed.claims, "exp", _WHAT)
        except Rejected:
            return {"active": False}
        if not live or revoked(str(parsed.claims.get("jti"))):
            return {"active": False}
        return {"active": True, **parsed.claims}


def _line(lease: Lease, outcome: Revocation, detail: str) -> Line:
    expires_at = lease.expires_at or lease.created_at + MAX_TTL
    return Line(lease.id, lease.grant, lease.source, outcome, expires_at, detail)
