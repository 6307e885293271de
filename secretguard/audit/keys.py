"""A new key for the digests in records. The old ones are kept, so that old records can be searched."""

from __future__ import annotations

import fcntl
import os

from secretguard.audit.digest import key_id
from secretguard.audit.journal import Journal
from secretguard.errors import GuardError
from secretguard.keyed import KEY_BYTES, MAX_KEYS, user_keys
from secretguard.whole_file import replace


def rotate(state: str, journal: Journal) -> str:
    """Make a new key the one that records use from now on; its id. The keys lie in `state`, the user's state folder.

    It is recorded first: no record, no key. Of two at once, one is refused. Placeholders and
    fingerprints of a scan stay what they were, under the first key. Raises GuardError; the old key then goes on.
    """
    path = os.path.join(state, "digest.keys")
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise GuardError("another process is rotating the key", "let it finish, then try again") from None
            keys = user_keys()
            if len(keys) == MAX_KEYS:
                raise GuardError(f"{path} has {MAX_KEYS} keys, and no room for more")
            fresh = os.urandom(KEY_BYTES)
            journal.append("journal:key:rotated", {"key": key_id(fresh), "before": key_id(keys[-1])})
            _keep(path, b"".join([*keys, fresh]))
        finally:
            os.close(lock)
    except OSError as error:
        raise GuardError(f"{path} cannot be written: {error.strerror}", "free space on that disk") from None
    return key_id(fresh)


def _keep(path: str, data: bytes) -> None:
    """Put `data` in the place of what is there; on the disk when this returns, its name too."""
    replace(path, data, durable=True, fresh=f"{path}.new")  # one name is enough: the lock is held
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
