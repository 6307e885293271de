"""Tokens made by hand, so that a test can break exactly one thing about them."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey

from broker.authenticate import jose
from broker.authenticate.dpop import UNIX_BASE_URL, Verifier
from broker.authenticate.nonces import Nonces
from broker.service import Broker
from broker.task_journal import StoredReplays

EC = ECKey.generate_key("P-256")
ED = OKPKey.generate_key("Ed25519")
RSA = RSAKey.generate_key(2048)
OTHER_EC = ECKey.generate_key("P-256")
KEYS: dict[str, jose.Key] = {"ES256": EC, "EdDSA": ED, "Ed25519": ED, "RS256": RSA}


def b64(data: bytes | str) -> str:
    """Base64url without padding."""
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], key: jose.Key | None = None) -> str:
    """A token signed for real with the algorithm of its header."""
    return jose.sign(header, claims, key or KEYS[header["alg"]])


def raw(header: str, claims: str, key: ECKey = EC) -> str:
    """A token with both parts as the exact texts given and a good ES256 signature over them."""
    whole = f"{b64(header)}.{b64(claims)}"
    model = jose.jws.JWSRegistry.algorithms["ES256"]
    return f"{whole}.{b64(model.sign(whole.encode(), key))}"  # type: ignore[attr-defined]


def hs256(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token signed with a shared secret: what an attacker makes out of a public key."""
    whole = f"{b64(json.dumps(header))}.{b64(json.dumps(claims))}"
    return f"{whole}.{b64(hmac.digest(secret, whole.encode(), 'sha256'))}"


def public(key: jose.Key) -> dict[str, Any]:
    """The public JWK."""
    return dict(key.as_dict(private=False))


def verifier_of(broker: Broker) -> Verifier:
    """What checks proofs for `broker` on its Unix socket, as `broker/assemble.py` would make it."""
    return Verifier((UNIX_BASE_URL,), StoredReplays(broker.database), Nonces(broker.sealer.nonce_key, broker.clock))
