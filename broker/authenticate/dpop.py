"""Proof of possession (RFC 9449): a session token is worth nothing without the key that it was bound to.

One deviation, on purpose: `htu` is checked against fixed base URLs of the broker's own, not against the Host header,
which a Unix socket has no honest value for and a peer could choose.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol

from broker.authenticate import jose
from broker.authenticate.jose import Rejected
from secretguard.secret import Secret

UNIX_BASE_URL = "http://broker"
"""What `htu` begins with when the broker is reached over a Unix socket."""

ALGORITHMS = ("ES256", "EdDSA", "Ed25519")
MAX_AGE = 60
"""How far `iat` may lie from the broker's clock, in seconds, either way."""

_WHAT = "DPoP proof"


class ReplayCache(Protocol):
    """Remembers proofs that were used. Shared by all replicas of a broker, so it belongs to the store."""

    def first_use(self, jti_digest: str, expires_at: int) -> bool:
        """Record the digest until `expires_at` (Unix seconds); False, atomically, when it is known already."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof. `thumbprint` is the RFC 7638 SHA-256 thumbprint of its key, base64url without padding."""

    thumbprint: str
    jwk: Mapping[str, str]


class Verifier:
    """Verifies proofs for the requests of one broker.

    `bases` are the URLs under which it is reached, without a final slash: UNIX_BASE_URL, and its public URL if any.
    """

    def __init__(self, bases: tuple[str, ...], replay: ReplayCache, clock: Callable[[], float] = time.time) -> None:
        self._bases = tuple(base.rstrip("/") for base in bases)
        self._replay = replay
        self._clock = clock

    def verify(self, proof: str, method: str, path: str, token: Secret | None) -> Proof:
        """Check a `DPoP` header for one request (RFC 9449, 4.3), its single use last. Raises Rejected.

        `path` is the raw request path without query. `token` is the session token that came along; None where the
        request has none (activation), and then a proof with `ath` is refused. Whether the thumbprint is the one that
        the session is bound to is the caller's check: `same_key`.
        """
        parsed = jose.parse(proof, _WHAT)
        if parsed.header.get("typ") != "dpop+jwt":
            raise Rejected(f"the type of the {_WHAT} is not dpop+jwt")
        if parsed.algorithm not in ALGORITHMS:
            raise Rejected(f"the {_WHAT} must be signed with ES256 or EdDSA")
        key = jose.public_key(parsed.header.get("jwk"), _WHAT)
        jose.check_signature(parsed, key, _WHAT)
        self._check_request(parsed.claims, method, path, token)
        thumbprint = key.thumbprint()
        self._check_fresh(parsed.claims, thumbprint)
        return Proof(thumbprint, {name: str(value) for name, value in key.as_dict(private=False).items()})

    def _check_request(self, claims: Mapping[str, object], method: str, path: str, token: Secret | None) -> None:
        if claims.get("htm") != method:
            raise Rejected(f"the {_WHAT} is for another method")
        if claims.get("htu") not in [base + path for base in self._bases]:
            raise Rejected(f"the {_WHAT} is for another URL")
        expected = None if token is None else token_digest(token)
        if claims.get("ath") != expected:
            raise Rejected(f"the {_WHAT} is for another token")

    def _check_fresh(self, claims: Mapping[str, object], thumbprint: str) -> None:
        issued = jose.number(claims, "iat", _WHAT)
        if abs(self._clock() - issued) > MAX_AGE:
            raise Rejected(f"the {_WHAT} is more than {MAX_AGE} s off the broker's clock")
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 8 <= len(jti) <= 256:
            raise Rejected(f"the {_WHAT} has no 'jti' of 8 to 256 characters")
        digest = hashlib.sha256(f"{thumbprint}\0{jti}".encode()).hexdigest()
        if not self._replay.first_use(digest, int(issued) + MAX_AGE + 1):
            raise Rejected(f"the {_WHAT} was used before")


def token_digest(token: Secret) -> str:
    """The `ath` of a token (RFC 9449, 4.2): its SHA-256, base64url. Also a fit form to keep it at rest."""
    return _base64url(hashlib.sha256(token.reveal().encode()).digest())


def jwk_thumbprint(jwk: object) -> str:
    """The RFC 7638 thumbprint of a public EC P-256 or Ed25519 key as it came in a body. Raises Rejected."""
    key = jose.public_key(jwk, "session key")
    if key.key_type == "RSA":
        raise Rejected("a session key must be EC P-256 or OKP Ed25519")
    return key.thumbprint()


def same_key(proof: Proof, thumbprint: str) -> bool:
    """Was the proof made with the key of that thumbprint? In constant time."""
    return hmac.compare_digest(proof.thumbprint, thumbprint)


def make_proof(key: jose.Key, algorithm: str, method: str, url: str, token: Secret | None, now: float) -> str:
    """A fresh proof for one request to `url` (no query, no fragment), signed with the private `key`."""
    claims: dict[str, object] = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(now)}
    if token is not None:
        claims["ath"] = token_digest(token)
    return jose.sign({"typ": "dpop+jwt", "alg": algorithm, "jwk": key.as_dict(private=False)}, claims, key)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
