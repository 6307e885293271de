"""Files that hold the broker's own long-lived secrets: only their owner may read them, and that is looked at each time.

They are read when they are needed, so that a rotated one is picked up without a restart.
"""

from __future__ import annotations

import os
import stat

from secretguard.errors import ConfigError


def private_bytes(path: str, cap: int) -> bytes:
    """The content of the regular file at `path`, at most `cap` bytes. A link is followed (Kubernetes mounts secrets as
    links), and what it leads to is what is judged.

    Raises ConfigError, naming the file and what to change, for one that others may read, that belongs to another user
    but root, or that is longer.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror})", "make it readable for the broker alone"
        ) from None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_mode & 0o077:
            raise ConfigError(f"{path}: others may read it, or it is no regular file", f"chmod 600 {path}")
        if info.st_uid not in (0, os.geteuid()):
            raise ConfigError(f"{path}: belongs to another user", f"chown it to uid {os.geteuid()}")
        raw = _read(handle, cap + 1)
    finally:
        os.close(handle)
    if len(raw) > cap:
        raise ConfigError(f"{path}: larger than {cap} bytes", "is it the right file?")
    return raw


def _read(handle: int, most: int) -> bytes:
    found = b""
    while len(found) < most and (piece := os.read(handle, most - len(found))):
        found += piece
    return found
