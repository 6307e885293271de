"""Files that hold the broker's own long-lived secrets: only their owner may read them, and that is looked at each time.

They are read when they are needed, so that a rotated one is picked up without a restart.
"""

from __future__ import annotations

import os
import stat

from secretguard.errors import ConfigError

OWNER_READS = 0o077
"""What others may not do with a file that holds a secret: anything."""

OWNER_WRITES = 0o022
"""What others may not do with a file that a platform shows to the whole container: change it."""


def private_bytes(path: str, cap: int) -> bytes:
    """The content of a file that its owner alone may read, at most `cap` bytes. Raises ConfigError, naming the file and
    what to change, as `begin` does, and for a longer one."""
    raw = begin(path, cap + 1, OWNER_READS, "make it readable for the broker alone")
    if len(raw) > cap:
        raise ConfigError(f"{path}: larger than {cap} bytes", "is it the right file?")
    return raw


def begin(path: str, most: int, others: int, missing: str) -> bytes:
    """The first `most` bytes of the regular file at `path`. A link is followed (Kubernetes mounts secrets as links),
    and what it leads to is what is judged.

    Raises ConfigError for a file that cannot be read (`missing` is the fix), with which others may do one of the things
    in the mode bits `others`, or that belongs to another user but root.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", missing) from None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_mode & others:
            verb, mend = ("read", "chmod 600") if others == OWNER_READS else ("write", "chmod go-w")
            raise ConfigError(f"{path}: others may {verb} it, or it is no regular file", f"{mend} {path}")
        if info.st_uid not in (0, os.geteuid()):
            raise ConfigError(f"{path}: belongs to another user", f"chown it to uid {os.geteuid()}")
        return _read(handle, most)
    finally:
        os.close(handle)


def _read(handle: int, most: int) -> bytes:
    found = b""
    while len(found) < most and (piece := os.read(handle, most - len(found))):
        found += piece
    return found
