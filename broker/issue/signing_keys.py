"""The embedded issuer's Ed25519 keys on disk: one file each, numbered; the highest signs, all of them verify.

Rotation is a new file: `rotate` adds the next key and drops all but the two newest, so a token signed a moment ago
still verifies. A key's id is its RFC 7638 thumbprint, so no two keys can share one.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from secretguard.errors import ConfigError
from secretguard.places import private_dir

_NAME = re.compile(r"([0-9]{4})\.pem")
_MAX_BYTES = 4096
_KEPT = 2


class SigningKeys:
    """Keys in `directory` (made with mode 0700). Read once: a process learns of a rotation when it starts again."""

    def __init__(self, directory: str) -> None:
        """Read the keys; make the first one where there is none. Raises ConfigError or GuardError for a file that is
        damaged or readable by others, and OSError."""
        self._directory = Path(private_dir(directory))
        if not self._files():
            self._create(1)
        self._keys = [(_read(path)) for path in self._files()]

    @property
    def active(self) -> OKPKey:
        """The key that signs."""
        return self._keys[-1]

    def jwks(self) -> dict[str, object]:
        """The public keys as a JWK Set (RFC 7517), newest first."""
        return {"keys": [_published(key) for key in reversed(self._keys)]}

    def find(self, kid: object) -> OKPKey | None:
        """The key of that id, or None."""
        return next((key for key in self._keys if key.thumbprint() == kid), None)

    def rotate(self) -> None:
        """Sign with a fresh key from now on; keep the one before for verifying."""
        self._create(int(self._files()[-1].stem) + 1)
        for path in self._files()[:-_KEPT]:
            path.unlink(missing_ok=True)
        self._keys = [(_read(path)) for path in self._files()]

    def _files(self) -> list[Path]:
        return sorted(path for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    def _create(self, number: int) -> None:
        """Write key `number`, whole or not at all; where another process was first, its key counts."""
        fd, name = tempfile.mkstemp(".new", dir=self._directory)  # mode 0600, a name of its own
        with os.fdopen(fd, "wb") as file:
            file.write(_pem(Ed25519PrivateKey.generate()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, self._directory / f"{number:04}.pem")
        except FileExistsError:
            pass
        finally:
            os.unlink(name)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read(path: Path) -> OKPKey:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(fd, "rb") as file:
        info = os.fstat(fd)
        data = file.read(_MAX_BYTES)
    if info.st_mode & 0o077 or info.st_uid != os.geteuid():
        raise ConfigError(
            f"{path} is readable by others", "delete it: a new key is made, and old tokens end within 15 min"
        )
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{path} is not a private key", "restore it, or delete it to have a new one made") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} is not an Ed25519 key", "delete it to have a new one made")
    return OKPKey.import_key(key)


def _published(key: OKPKey) -> dict[str, object]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "EdDSA"}
