"""What the store may not hold in clear: a task's parent credential, as AES-256-GCM ciphertext bound to the task's id.

The key file never goes into a backup of the database; without it the ciphertext is noise and every task starts over.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.errors import SourceFailed
from secretguard.errors import ConfigError
from secretguard.keyed import hmac_sha256
from secretguard.places import private_dir
from secretguard.secret import Secret

NONCE_BYTES = 12


class Sealer:
    """Seals parents and derives session tokens, from one key with a purpose each (HMAC-SHA-256 as the derivation)."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(hmac_sha256(key, b"secretguard broker: parent credential"))
        self._sessions = hmac_sha256(key, b"secretguard broker: session token")

    def seal(self, task_id: str, value: Secret) -> bytes:
        """Nonce and ciphertext; opens only for the same task id."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, value.reveal().encode(), task_id.encode())

    def unseal(self, task_id: str, ciphertext: bytes) -> Secret:
        """What was sealed. Raises SourceFailed when key, task or ciphertext is another."""
        try:
            clear = self._aead.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], task_id.encode())
        except InvalidTag:
            fix = "restore the broker's key file, or end the task and start a new one"
            raise SourceFailed("the task's parent credential cannot be opened with this broker's key", fix) from None
        return Secret(clear.decode())

    def session_token(self, task_id: str, thumbprint: str, bootstrap_digest: str) -> Secret:
        """The task's session token, the same each time: an activation whose answer was lost can be repeated without
        the token being stored anywhere. It is worth nothing without the key that its thumbprint names."""
        message = "\0".join((task_id, thumbprint, bootstrap_digest)).encode()
        return Secret(base64.urlsafe_b64encode(hmac_sha256(self._sessions, message)).rstrip(b"=").decode())


def key_file(path: str) -> bytes:
    """The 32-byte key in `path`, made on first use (mode 0600; two first uses at once agree on one key).

    Raises ConfigError for a file that is damaged or that others may read.
    """
    if not os.path.exists(path):
        private_dir(os.path.dirname(path))
        _create(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        info, key = os.fstat(descriptor), file.read(33)
    if len(key) != 32 or info.st_mode & 0o077 or info.st_uid != os.geteuid():
        raise ConfigError(f"{path} is damaged or readable by others", "restore it from a backup (mode 0600)")
    return key


def _create(path: str) -> None:
    fresh = f"{path}.{os.getpid()}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(32))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first, and its key counts
    finally:
        os.unlink(fresh)
