"""Linux: what every test runs on. Hot path."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

MANAGED_CLAUDE_SETTINGS = "/etc/claude-code/managed-settings.json"
"""Where Claude Code reads the settings that a user cannot change."""

_SOL_SOCKET, _SO_PEERCRED, _UCRED_BYTES = 1, 17, 12


def sync_data(fd: int) -> None:
    """Wait until the file's data are on the disk (fdatasync(2)). Raises OSError."""
    os.fdatasync(fd)


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0))


def mapped() -> int:
    """Bytes of address space that this process has by now (proc(5)); 0 where that cannot be told."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def peer(sock: socket.socket) -> tuple[int, int, int]:
    """Process, user and group id of the other end of a connected Unix socket, by the kernel (SO_PEERCRED, unix(7))."""
    credentials = sock.getsockopt(_SOL_SOCKET, _SO_PEERCRED, _UCRED_BYTES)
    pid, uid, gid = (int.from_bytes(credentials[at : at + 4], "little") for at in (0, 4, 8))
    return pid, uid, gid
