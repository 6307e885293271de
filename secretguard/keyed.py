"""Keyed digests: HMAC-SHA-256 (RFC 2104) on CPython's own SHA-256, and the user's keys behind them.

    digest.key     the first key: of placeholders and of a scan's fingerprints always, of records until it is rotated
    digest.keys    made by `secretguard audit rotate-key`: every key that records were ever made with, the first first

`hmac` and `hashlib` cost a hook 3 ms of imports; the C module alone costs 0.6 ms. Tested against RFC 4231 and `hmac`.
"""

from __future__ import annotations

import os
import sys

try:  # others import it from here; not by trial: looking for a module that is not there costs a hook 0.5 ms
    if sys.version_info >= (3, 12):
        from _sha2 import sha256 as sha256
    else:
        from _sha256 import sha256 as sha256
except ImportError:  # pragma: no cover - other interpreters
    from hashlib import sha256 as sha256

from secretguard.errors import GuardError
from secretguard.places import private_dir, state_dir

_BLOCK = 64
_INNER = bytes(x ^ 0x36 for x in range(256))
_OUTER = bytes(x ^ 0x5C for x in range(256))
KEY_BYTES = 32
MAX_KEYS = 256
"""Keys that one user can have had."""


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 of `message`: 32 bytes."""
    if len(key) > _BLOCK:
        key = sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    inner = sha256(key.translate(_INNER) + message).digest()
    return bytes(sha256(key.translate(_OUTER) + inner).digest())


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return str(sha256(data).hexdigest())


def first_key() -> bytes:
    """This user's first 32-byte key, which is never rotated: for what must stay the same for ever, as placeholders.

    Raises GuardError as `key_file` does: the caller fails closed.
    """
    return key_file(os.path.join(state_dir(), "digest.key"))


def user_key() -> bytes:
    """The 32-byte key of digests in records: the newest one. Raises GuardError: the caller fails closed."""
    return user_keys()[-1]


def user_keys() -> list[bytes]:
    """Every key that digests in this user's records were made with, oldest first. Raises GuardError."""
    path = os.path.join(state_dir(), "digest.keys")
    try:
        data = _read_private(path, MAX_KEYS * KEY_BYTES)
    except FileNotFoundError:
        return [first_key()]
    except OSError as error:
        raise _unusable(path, error) from None
    if not data or len(data) % KEY_BYTES:
        raise GuardError(f"{path} is damaged or readable by others", "restore it from a backup")
    return [data[at : at + KEY_BYTES] for at in range(0, len(data), KEY_BYTES)]


def key_file(path: str) -> bytes:
    """The 32-byte key in `path`, made on first use (0600, atomically; two first uses at once agree on one key).

    Raises GuardError when the file is damaged or readable by others: digests under a known key are guessable. Also
    when it cannot be read or made at all.
    """
    try:
        try:
            return _read_key(path)
        except FileNotFoundError:
            private_dir(os.path.dirname(path))
            _create_key(path)
            return _read_key(path)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: str, error: OSError) -> GuardError:
    fix = "it must be a file of this user on a disk with space"
    return GuardError(f"{path} cannot be used: {error.strerror}", fix)


def _read_key(path: str) -> bytes:
    key = _read_private(path, KEY_BYTES)
    if len(key) != KEY_BYTES:
        raise GuardError(
            f"{path} is damaged or readable by others", "restore it from a backup, or delete it to start a new key"
        )
    return key


def _read_private(path: str, most: int) -> bytes:
    """What a file of this user's alone holds; nothing when it is larger or not private. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)  # a FIFO must not make us wait
    try:
        info = os.fstat(fd)
        data = os.read(fd, most + 1)
    finally:
        os.close(fd)
    private = not info.st_mode & 0o077 and info.st_uid == os.geteuid()
    return data if private and len(data) <= most else b""


def _create_key(path: str) -> None:
    fresh = f"{path}.{os.urandom(8).hex()}.new"  # threads and reused process ids must not share a name
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            os.write(fd, os.urandom(KEY_BYTES))
            os.fsync(fd)
        finally:
            os.close(fd)
        os.link(fresh, path)  # fails where another process was first, whose key then counts
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)
