"""Where the resident process listens, and the lock that makes it one: the files of `serve` in the state folder."""

from __future__ import annotations

import fcntl
import os
import tempfile

from secretguard.keyed import sha256_hex
from secretguard.places import private_dir, state_dir

LONGEST = 96
"""Bytes of a socket's path: the client takes about 100, the system 104 (macOS) or 108 (Linux)."""


def socket_path() -> str:
    """The socket's path in a folder of this user alone, which is made. Raises GuardError where there is no such folder.

    A state folder of a long name does not fit into a socket's address: then it is in the runtime or temporary folder.
    """
    path = os.path.join(_folder(), "socket")
    if len(os.fsencode(path)) <= LONGEST:
        return path
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    short = os.path.join(runtime, f"secretguard-{os.geteuid()}")
    return os.path.join(private_dir(short), sha256_hex(os.fsencode(state_dir()))[:16])


def lock() -> int | None:
    """The lock that the one resident process holds while it lives, as a descriptor; None where another holds it.

    The kernel lets go of it when its holder is killed. Raises GuardError, OSError.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(os.path.join(_folder(), "lock"), flags, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def _folder() -> str:
    private_dir(state_dir())
    return private_dir(os.path.join(state_dir(), "serve"))
