"""Proof of possession (RFC 9449): a session token is worth nothing without the key that it was bound to.

A proof is fresh when it carries a nonce of the broker's (section 8, `broker/authenticate/nonces.py`), so the client's
clock does not matter: `iat` must be there and is looked at no further, as section 11.1 allows.

One deviation, on purpose: `htu` is checked against fixed base URLs of the broker's own, not against the Host header,
which a Unix socket has no honest value for and a peer could choose.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa

from broker.authenticate import jose
from broker.authenticate.jose import Rejected
from broker.authenticate.nonces import Nonces
from broker.errors import Unauthenticated
from secretguard.secret import Secret

UNIX_BASE_URL = "http://broker"
"""What `htu` begins with when the broker is reached over a Unix socket."""

ALGORITHMS = ("ES256", "EdDSA", "Ed25519")
NONCE_RULE = "use_dpop_nonce"
"""The error code of RFC 9449, section 8, which is also the rule of the problem document."""

MAX_URL = 2048

_WHAT = "DPoP proof"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ENCODED = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class NonceWanted(Unauthenticated):
    """The proof has no nonce of the broker's, or one that has had its time. The answer brings a fresh one."""

    challenge = f'DPoP error="{NONCE_RULE}", algs="{" ".join(ALGORITHMS)}"'

    def __init__(self) -> None:
        fix = "sign a fresh proof with the nonce of the answer's DPoP-Nonce header (RFC 9449, section 8)"
        super().__init__("the DPoP proof needs a current nonce of this broker", fix, rule=NONCE_RULE)


class ReplayCache(Protocol):
    """Remembers proofs that were used. Shared by all replicas of a broker, so it belongs to the store."""

    def first_use(self, jti_digest: str, expires_at: int) -> bool:
        """Record the digest until `expires_at` (Unix seconds); False, atomically, when it is known already."""

    def first_use_within(self, tx: sa.Connection, jti_digest: str, expires_at: int) -> bool:
        """The same in a transaction of the caller's: recorded when that commits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof. `thumbprint` is the RFC 7638 SHA-256 thumbprint of its key, base64url without padding; `digest`
    stands for this very proof in the replay cache until `good_until` (Unix seconds)."""

    thumbprint: str
    jwk: Mapping[str, str]
    digest: str = ""
    good_until: int = 0


class Verifier:
    """Verifies proofs for the requests of one broker.

    `bases` are the URLs under which it is reached, without a final slash: UNIX_BASE_URL, and its public URL if any.
    """

    def __init__(self, bases: tuple[str, ...], replay: ReplayCache, nonces: Nonces) -> None:
        self._bases = tuple(normal_url(base).rstrip("/") for base in bases)
        self._replay = replay
        self.nonces = nonces

    def verify(self, proof: str, method: str, path: str, token: Secret | None) -> Proof:
        """Check a `DPoP` header for one request (RFC 9449, 4.3), its single use last. Raises Rejected, NonceWanted.

        Parameters are those of `check`.
        """
        checked = self.check(proof, method, path, token)
        self.use(checked)
        return checked

    def use(self, proof: Proof, tx: sa.Connection | None = None) -> None:
        """Record the use of a checked proof, by itself or in the transaction of what it is used for. Raises Rejected
        where it was used before."""
        told = proof.digest, proof.good_until
        if not (self._replay.first_use(*told) if tx is None else self._replay.first_use_within(tx, *told)):
            raise Rejected(f"the {_WHAT} was used before")

    def check(self, proof: str, method: str, path: str, token: Secret | None) -> Proof:
        """As `verify`, but for the single use: whoever calls this calls `use`, before any answer leaves.

        `path` is the raw request path without query. `token` is the session token that came along; None where the
        request has none (activation), and then a proof with `ath` is refused. Whether the thumbprint is the one that
        the session is bound to is the caller's check: `same_key`.
        """
        parsed = jose.parse(proof, _WHAT)
        if parsed.header.get("typ") != "dpop+jwt":
            raise Rejected(f"the type of the {_WHAT} is not dpop+jwt")
        if parsed.algorithm not in ALGORITHMS:
            raise Rejected(f"the {_WHAT} must be signed with ES256 or EdDSA")
        key, thumbprint, jwk = _shown(proof.partition(".")[0])
        jose.check_signature(parsed, key, _WHAT)
        self._check_request(parsed.claims, method, path, token)
        return Proof(thumbprint, jwk, *self._check_fresh(parsed.claims, thumbprint))

    def _check_request(self, claims: Mapping[str, object], method: str, path: str, token: Secret | None) -> None:
        if claims.get("htm") != method:
            raise Rejected(f"the {_WHAT} is for another method")
        if normal_url(claims.get("htu")) not in [base + path for base in self._bases]:
            fix = "sign for the address asked; server.public_url must be what clients call the broker"
            raise Rejected(f"the {_WHAT} is for another URL", fix)
        expected = None if token is None else token_digest(token)
        if claims.get("ath") != expected:
            raise Rejected(f"the {_WHAT} is for another token")

    def _check_fresh(self, claims: Mapping[str, object], thumbprint: str) -> tuple[str, int]:
        jose.number(claims, "iat", _WHAT)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 8 <= len(jti) <= 256:
            raise Rejected(f"the {_WHAT} has no 'jti' of 8 to 256 characters")
        good_until = self.nonces.good_until(claims.get("nonce"))
        if good_until is None:
            raise NonceWanted
        return hashlib.sha256(f"{thumbprint}\0{jti}".encode()).hexdigest(), good_until


@functools.lru_cache(maxsize=1024)
def _shown(head: str) -> tuple[jose.Key, str, Mapping[str, str]]:
    """The key that a proof's first part shows, its thumbprint, and the JWK: all proofs of a session have the same first
    part. Raises Rejected, which is not remembered."""
    key = jose.public_key(jose.header(head, _WHAT).get("jwk"), _WHAT)
    return key, key.thumbprint(), {name: str(value) for name, value in key.as_dict(private=False).items()}


def normal_url(url: object) -> str:
    """An http URL in its one normal form: no query and fragment (RFC 9449, 4.3), scheme and host in lower case, no
    default port, nothing encoded that need not be (RFC 3986, 6.2.2 and 6.2.3). What is no such URL gives ""."""
    if not isinstance(url, str) or len(url) > MAX_URL or not url.isascii() or not url.isprintable():
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}{_ENCODED.sub(_decoded, parts.path)}"


def _decoded(found: re.Match[str]) -> str:
    letter = chr(int(found[0][1:], 16))
    return letter if letter in _UNRESERVED else found[0].upper()


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


def make_proof(
    key: jose.Key, algorithm: str, method: str, url: str, token: Secret | None, now: float, nonce: str = ""
) -> str:
    """A fresh proof for one request to `url` (no query, no fragment), signed with the private `key`. `nonce` is the
    broker's newest, "" where it has not been heard of yet."""
    claims: dict[str, object] = {"jti": uuid.uuid4().hex, "htm": method, "htu": url, "iat": int(now)}
    if nonce:
        claims["nonce"] = nonce
    if token is not None:
        claims["ath"] = token_digest(token)
    return jose.sign({"typ": "dpop+jwt", "alg": algorithm, "jwk": key.as_dict(private=False)}, claims, key)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
