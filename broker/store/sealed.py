"""What the store may not hold in clear, as AES-256-GCM ciphertext bound to what it is of: a task's parent credential, a
lease's own token where revoking needs it, a value of the source `static`.

The key file never goes into a backup of the database; without it the ciphertext is noise, every task starts over and
static values are set again.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.errors import SourceFailed
from secretguard import keyed
from secretguard.errors import ConfigError, GuardError
from secretguard.keyed import hmac_sha256
from secretguard.secret import Secret

NONCE_BYTES = 12


class Sealer:
    """Seals parents and derives session tokens and `nonce_key` (`broker/authenticate/nonces.py`), from one key with a
    purpose each (HMAC-SHA-256 as the derivation)."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(hmac_sha256(key, b"secretguard broker: parent credential"))
        self._sessions = hmac_sha256(key, b"secretguard broker: session token")
        self.nonce_key = hmac_sha256(key, b"secretguard broker: DPoP nonce")
        self._fingerprints = hmac_sha256(key, b"secretguard broker: fingerprint")

    def seal(self, of: str, value: Secret) -> bytes:
        """Nonce and ciphertext; opens only as being `of` the same (a task's id, a lease's)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, value.reveal().encode(), of.encode())

    def unseal(self, of: str, ciphertext: bytes) -> Secret:
        """What was sealed. Raises SourceFailed when key, ciphertext or what it is `of` is another."""
        try:
            clear = self._aead.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], of.encode())
        except (InvalidTag, ValueError):
            fix = "restore the broker's key file; or end the task and start a new one, or set the static value again"
            raise SourceFailed(f"what is sealed of {of} cannot be opened with this broker's key", fix) from None
        return Secret(clear.decode())

    def session_token(self, task_id: str, thumbprint: str, bootstrap_digest: str) -> Secret:
        """The task's session token, the same each time: an activation whose answer was lost can be repeated without
        the token being stored anywhere. It is worth nothing without the key that its thumbprint names."""
        message = "\0".join((task_id, thumbprint, bootstrap_digest)).encode()
        return Secret(base64.urlsafe_b64encode(hmac_sha256(self._sessions, message)).rstrip(b"=").decode())

    def fingerprint(self, sha256: str) -> str:
        """The digest (hex) by which the store knows a value whose SHA-256 (hex) this is; no guess at a value can be
        tried against the store without the key."""
        return hmac_sha256(self._fingerprints, sha256.encode()).hex()


def key_file(path: str) -> bytes:
    """The 32-byte key in `path`, made on first use (mode 0600; two first uses at once agree on one key).

    Raises ConfigError for a file that is damaged or that others may read.
    """
    try:
        return keyed.key_file(path)
    except GuardError as error:
        raise ConfigError(error.message, "restore it from a backup (mode 0600)") from None
