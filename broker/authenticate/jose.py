"""Signed tokens, read strictly: the one place that touches a compact JWS (RFC 7515) before it is trusted.

joserfc does the cryptography. Everything around it is decided here: which algorithms exist (asymmetric only), that
both JSON parts are free of duplicate keys, that no critical or compressed header is accepted, and that no message
quotes the token.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Mapping

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import base64_to_int

from broker.errors import Unauthenticated
from secretguard import rawjson

ALGORITHMS = {"EdDSA": "OKP", "Ed25519": "OKP", "ES256": "EC", "RS256": "RSA"}
"""Algorithm → key type. `EdDSA` (RFC 8037) and its successor name `Ed25519` (RFC 9864) are both met in the field."""

MIN_RSA_BITS = 2048
MAX_KEY_PART = 2048
"""Longest member of a JWK, in characters: an RSA modulus of 8192 bits has 1366."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{1,16384}\.[A-Za-z0-9_-]{1,1024}")

Key = ECKey | OKPKey | RSAKey


class Rejected(Unauthenticated):
    """A token that proves nothing. The message says which check failed, never what the token holds."""

    def __init__(self, message: str, fix: str = "get a fresh token, or sign a fresh proof", rule: str = "") -> None:
        super().__init__(message, fix, rule=rule or "signed-token")


@dataclasses.dataclass(frozen=True, slots=True)
class Unverified:
    """A well-formed token of a known algorithm, its signature not yet checked. Trust nothing in it but for lookups."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    algorithm: str
    text: str = dataclasses.field(repr=False)


def parse(token: str, what: str) -> Unverified:
    """Take a compact JWS apart. `what` names the token in messages. Raises Rejected."""
    if not _COMPACT.fullmatch(token):
        raise Rejected(f"the {what} is not a compact JWS of acceptable size")
    header, claims, _ = token.split(".")
    head = _object(header, what)
    algorithm = head.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Rejected(f"the {what} is not signed with one of {', '.join(ALGORITHMS)}")
    for name in ("crit", "b64", "zip"):
        if name in head:
            raise Rejected(f"the {what} has a '{name}' header, which is not supported")
    return Unverified(head, _object(claims, what), algorithm, token)


def header(part: str, what: str) -> dict[str, object]:
    """The first part of a compact JWS, as `parse` reads it. Raises Rejected."""
    return _object(part, what)


def _object(part: str, what: str) -> dict[str, object]:
    try:
        value = rawjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise Rejected(f"the {what} holds a part that is not strict JSON") from None
    if not isinstance(value, dict):
        raise Rejected(f"the {what} holds a part that is not a JSON object")
    return value


def public_key(jwk: object, what: str) -> Key:
    """Import a public EC P-256, Ed25519 or RSA (2048 bits or more) key; members beyond the key itself are ignored.

    Raises Rejected, for a private key too: whoever shows one has lost it.
    """
    if not isinstance(jwk, dict):
        raise Rejected(f"the key of the {what} is not a JWK")
    if "d" in jwk:
        raise Rejected(f"the key of the {what} must be the public part alone")
    parts = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    if not all(isinstance(value, str) and len(value) <= MAX_KEY_PART for value in parts.values()):
        raise Rejected(f"the key of the {what} is malformed")
    try:
        return _import(parts, what)
    except (JoseError, ValueError, TypeError, KeyError):
        raise Rejected(f"the key of the {what} is malformed") from None


def _import(parts: dict[str, str | list[str]], what: str) -> Key:
    kind = (parts.get("kty"), parts.get("crv"))
    if kind == ("EC", "P-256"):
        return ECKey.import_key(parts)
    if kind == ("OKP", "Ed25519"):
        return OKPKey.import_key(parts)
    if kind[0] == "RSA":
        if base64_to_int(str(parts["n"])).bit_length() < MIN_RSA_BITS:
            raise Rejected(f"the key of the {what} is shorter than {MIN_RSA_BITS} bits")
        return RSAKey.import_key(parts)
    raise Rejected(f"the key of the {what} is none of EC P-256, OKP Ed25519, RSA")


def check_signature(token: Unverified, key: Key, what: str) -> None:
    """Raises Rejected unless `token` is signed by `key` with the algorithm of its own header and that key's type."""
    if ALGORITHMS[token.algorithm] != key.key_type:
        raise Rejected(f"the algorithm of the {what} does not fit its key")
    try:
        jws.deserialize_compact(token.text, key, registry=_PINNED)
    except (JoseError, ValueError, TypeError):
        raise Rejected(f"the signature of the {what} is wrong") from None


def sign(header: dict[str, object], claims: Mapping[str, object], key: Key) -> str:
    """The compact JWS of `claims`. `header` names an algorithm of ALGORITHMS that fits the private `key`."""
    return jws.serialize_compact(header, rawjson.dumps(dict(claims)), key, registry=_PINNED)


class _Pinned(jws.JWSRegistry):
    """joserfc's registry, narrowed to ALGORITHMS, without its warning that `EdDSA` has a newer name."""

    max_header_length = 4096

    def __init__(self) -> None:
        super().__init__(algorithms=list(ALGORITHMS), strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise Rejected("this algorithm is not accepted")
        return self.algorithms[name]


_PINNED = _Pinned()


def number(claims: Mapping[str, object], name: str, what: str) -> float:
    """The required NumericDate claim `name` (RFC 7519, section 2). Raises Rejected."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise Rejected(f"the {what} has no usable '{name}'")
    return value
