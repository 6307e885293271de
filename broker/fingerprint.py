"""By what a released credential is known again when it leaks: keyed digests of its secret fields.

Whoever sees a value that must not be there need not send it on: its plain SHA-256 is enough to report it by, and tells
nothing, since credentials are long and random. The store has neither, but that SHA-256 under the broker's own key.
"""

from __future__ import annotations

import hashlib

from broker.lease import Minted
from broker.store.sealed import Sealer

SHORTEST = 16
"""Characters: below that a value may be found by chance, or guessed from its digest."""

PUBLIC = frozenset(
    {
        "access_key_id",
        "arn",
        "ca_chain",
        "certificate",
        "database",
        "expiration",
        "host",
        "issuing_ca",
        "key_id",
        "port",
        "principal",
        "private_key_type",
        "public_key",
        "region",
        "serial_number",
        "signed_key",
        "url",
        "user",
        "username",
    }
)
"""Fields that open nothing by themselves, and that many leases may share. Every other field is taken for a secret."""


def sha256_of(value: str) -> str:
    """What a value is reported by: SHA-256 (hex) of its UTF-8 bytes, without white space around it."""
    return hashlib.sha256(value.strip().encode("utf-8", "surrogatepass")).hexdigest()


def known_by(sealer: Sealer, minted: Minted) -> tuple[str, ...]:
    """The digests that the store keeps of one credential."""
    values = {value.reveal() for name, value in minted.fields.items() if name not in PUBLIC}
    return tuple(sorted(sealer.fingerprint(sha256_of(one)) for one in values if len(one.strip()) >= SHORTEST))
