"""What all keys and signatures of C2SP `signed-note` share: key ids, verifier keys, base64 (https://c2sp.org/signed-note).

A key is its algorithm's byte and its raw bytes; the key id is the start of a digest over the name and that.
"""

from __future__ import annotations

import base64
import binascii

from secretguard.keyed import sha256


def key_id(name: str, key: bytes) -> bytes:
    """The four bytes before each signature by `key` (algorithm byte first) under `name`."""
    return bytes(sha256(name.encode("utf-8", "surrogatepass") + b"\n" + key).digest()[:4])


def key_text(name: str, key: bytes) -> str:
    """The key as a verifier is given it: `name+key id+base64`, as Go's `sumdb/note` writes it."""
    return f"{name}+{key_id(name, key).hex()}+{base64.b64encode(key).decode('ascii')}"


def parse_key(text: str) -> tuple[str, bytes, bool]:
    """(name, algorithm byte and raw key, whether the key id belongs to them) of such a text; parts of anything else."""
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    key = strict_base64(encoded)
    return name, key, stated == key_id(name, key).hex()


def strict_base64(text: str) -> bytes:
    """Canonical base64 only, so that one signature has one spelling. Anything else is empty."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return value if base64.b64encode(value).decode("ascii") == text else b""
