"""macOS, from its manual pages: UNTESTED, no test has ever run there. The sandbox of `broker run` is Linux only."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

MANAGED_CLAUDE_SETTINGS = "/Library/Application Support/ClaudeCode/managed-settings.json"
"""Where Claude Code reads the settings that a user cannot change."""

_F_FULLFSYNC = 51  # <sys/fcntl.h>
_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_PEERPID, _XUCRED_BYTES = 0, 1, 2, 76  # <sys/un.h>, <sys/ucred.h>


def sync_data(fd: int) -> None:
    """Wait until the file's data are on the disk: fsync(2) alone leaves them in the drive's cache there."""
    import fcntl

    fcntl.fcntl(fd, _F_FULLFSYNC)


def usable_cpus() -> int:
    """How many CPUs there are: a process cannot be held to some of them."""
    import os

    return os.cpu_count() or 1


def widen(pipe: int) -> None:
    """Nothing: a pipe there grows by itself."""


def mapped() -> int:
    """Bytes of address space that this process has by now: the kernel does not bound it there, so nobody asks."""
    return 0


def since_start() -> tuple[float, str]:
    """Seconds since the machine was started, time asleep among them (clock_gettime(3): CLOCK_MONOTONIC there); no name
    of that start can be had without running a program."""
    import time

    return time.clock_gettime(time.CLOCK_MONOTONIC), ""


def environments_above(pid: int) -> Iterator[bytes]:  # noqa: ARG001 - as on Linux
    """Nothing: other processes' environments are not to be had there."""
    return iter(())


def peer(sock: socket.socket) -> tuple[int, int, int]:
    """Process, user and group id of the other end of a connected Unix socket, by the kernel (unix(4))."""
    credentials = sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
    pid = int.from_bytes(sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID, 4), "little")
    uid, gid = int.from_bytes(credentials[4:8], "little"), int.from_bytes(credentials[12:16], "little")
    return pid, uid, gid
