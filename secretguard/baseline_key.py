"""Keyed digests of a baseline: HMAC-SHA-256 under a secret that a team shares outside of the repository.

The SHA-1 of detect-secrets' format gives a weak password away to whoever reads the file and can guess it. A keyed
digest gives nothing away without the key. It is written as `hmac-sha256:KEY:DIGEST`; KEY, 8 hexadecimal digits, says
which key it was.
"""

from __future__ import annotations

import os
import re
import stat

from secretguard.errors import ConfigError
from secretguard.keyed import hmac_sha256

VARIABLE = "SECRETGUARD_BASELINE_KEY_FILE"
"""Names the file with the key, where no option does."""

SHORTEST, LONGEST = 32, 4096
"""Bytes of a key, blanks around it taken off."""

DIGEST = re.compile(r"hmac-sha256:([0-9a-f]{8}):[0-9a-f]{64}")


def key_name(key: bytes) -> str:
    """8 hexadecimal digits by which a digest says which key it was made with."""
    return hmac_sha256(key, b"secretguard baseline key").hex()[:8]


def keyed_digest(key: bytes, value: bytes) -> str:
    """The digest of a secret as a baseline writes it."""
    return f"hmac-sha256:{key_name(key)}:{hmac_sha256(key, b'secretguard baseline entry' + bytes(1) + value).hex()}"


def read_key(path: str | None) -> bytes | None:
    """The key in the file `path`, or that VARIABLE names; None where neither does. Raises ConfigError."""
    place = path or os.environ.get(VARIABLE, "")
    if not place:
        return None
    fix = f"a key is made by `openssl rand -hex 32 > {place}`; share it as you share passwords"
    try:
        fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not make us wait
        with os.fdopen(fd, "rb") as file:
            info = os.fstat(fd)
            key = file.read(LONGEST + 1).strip() if stat.S_ISREG(info.st_mode) else b""
    except OSError as error:
        raise ConfigError(f"{place}: {error.strerror}", fix) from None
    if info.st_mode & 0o007:
        raise ConfigError(f"{place}: everybody on this machine can read this key", f"chmod o= {place}")
    if not SHORTEST <= len(key) <= LONGEST:
        raise ConfigError(f"{place}: a key is a file of {SHORTEST} to {LONGEST} bytes", fix)
    return key
