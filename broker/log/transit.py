"""A checkpoint key that Vault keeps (transit, Ed25519): the broker asks for signatures and never holds the key.

The public key is pinned in `log.vkey`, written by `broker vault setup` from what Vault says; whatever Vault signs is
verified against it before it counts, so that a key that was rotated or replaced there shows at once. The issuer's
identity may call `sign` of this one key and nothing else of the engine.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.errors import BrokerError, SourceFailed
from broker.vault import Vault, segments
from secretguard.audit.checkpoint import parse_verifier_key
from secretguard.errors import ConfigError

SIGNATURE = re.compile(r"vault:v([1-9][0-9]{0,9}):([A-Za-z0-9+/]{86}==)")


class TransitKey:
    """The key `name` of the transit engine at `mount`, as `secretguard.audit.checkpoint` wants a signing key."""

    def __init__(self, vault: Vault, mount: str, name: str, public_key: Ed25519PublicKey) -> None:
        self._vault, self._path = vault, (*segments(mount), "sign", name)
        self._public_key = public_key

    def public_key(self) -> Ed25519PublicKey:
        """The pinned one."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Vault's signature of `data`, 64 bytes, verified. Raises SourceFailed."""
        body = {"input": base64.b64encode(data).decode()}
        answer = self._vault.ask("post", *self._path, body=body).or_failed("signing the log's checkpoint")
        signature = signature_of(answer.data.get("signature"))
        try:
            self._public_key.verify(signature, data)
        except InvalidSignature:
            fix = (
                "was it rotated? A log has one key: name a new one and a new origin in [log], and keep the old log.vkey"
            )
            raise SourceFailed("Vault signed the checkpoint with another key than log.vkey states", fix) from None
        return signature


class TransitSigner:
    """Signs the checkpoints of the log `origin`; remembers why it last could not."""

    remote = True

    def __init__(self, origin: str, key: TransitKey) -> None:
        self.origin, self.problem = origin, ""
        self._key = key

    @property
    def key(self) -> TransitSigner:
        """Itself: it signs, and notes what came of it."""
        return self

    def public_key(self) -> Ed25519PublicKey:
        """By which others verify."""
        return self._key.public_key()

    def sign(self, data: bytes) -> bytes:
        """As TransitKey's. Raises SourceFailed."""
        try:
            signature = self._key.sign(data)
        except BrokerError as error:
            self.problem = error.message
            raise
        self.problem = ""
        return signature


def pinned_key(path: str, origin: str) -> Ed25519PublicKey:
    """The public key in `log.vkey`. Raises ConfigError when it is not there, unreadable, or of another log."""
    try:
        with open(path, encoding="utf-8") as file:
            name, key = parse_verifier_key(file.read(1000))
    except OSError:
        raise ConfigError(f"{path}: cannot be read", "`broker vault setup` writes it") from None
    if name != origin:
        raise ConfigError(f"{path} is the key of {name}, and [log] origin is {origin}", "a log keeps its name")
    return key


def signature_of(text: object) -> bytes:
    """The 64 bytes in transit's `vault:v1:base64`. Raises SourceFailed."""
    match = SIGNATURE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise SourceFailed("Vault's answer has no Ed25519 signature", "is the transit key of type ed25519?")
    return base64.b64decode(match[2])


def public_key_of(admin: Vault, mount: str, name: str) -> Ed25519PublicKey:
    """The public half of the transit key as Vault states it, by whoever may read it. Raises SourceFailed."""
    answer = admin.ask("get", *segments(mount), "keys", name).or_failed(f"reading transit key {name}")
    if answer.data.get("type") != "ed25519":
        raise SourceFailed(f"transit key {name} is not of type ed25519", "name another key in [log]")
    keys = answer.data.get("keys")
    versions = keys if isinstance(keys, dict) else {}
    if set(versions) != {"1"}:
        raise SourceFailed(f"transit key {name} was rotated", "a log has one key for its life: name a new one in [log]")
    try:
        raw = base64.b64decode(str(versions["1"].get("public_key")), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except (AttributeError, binascii.Error, ValueError):
        raise SourceFailed(f"Vault states no public key of {name}", "check the transit engine") from None
