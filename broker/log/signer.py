"""Who signs the log's checkpoints: a key in a private file of the broker's, or one that Vault keeps (`transit.py`)."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from secretguard.audit.checkpoint import SigningKey


class LogSigner(Protocol):
    """`origin` names the log (as in the C2SP note). A `remote` one is asked over a network: never inside a
    transaction, and it may fail (SourceFailed) while records go on."""

    @property
    def origin(self) -> str: ...

    @property
    def key(self) -> SigningKey: ...

    @property
    def remote(self) -> bool: ...

    @property
    def problem(self) -> str:
        """Why the newest checkpoint waits; "" while all is well."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Signer:
    """A key of the broker's own."""

    origin: str
    key: SigningKey
    remote: bool = False
    problem: str = ""

    @property
    def public_key(self) -> Ed25519PublicKey:
        """By which others verify."""
        return self.key.public_key()
