"""Linux: what every test runs on. Hot path."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

MANAGED_CLAUDE_SETTINGS = "/etc/claude-code/managed-settings.json"
"""Where Claude Code reads the settings that a user cannot change."""

_MOST_ABOVE, _LONGEST_ENVIRONMENT = 100, 4 * 1024 * 1024
_SOL_SOCKET, _SO_PEERCRED, _UCRED_BYTES = 1, 17, 12


def sync_data(fd: int) -> None:
    """Wait until the file's data are on the disk (fdatasync(2)). Raises OSError."""
    os.fdatasync(fd)


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0))


def widen(pipe: int) -> None:
    """Let a pipe hold a MiB, where the user's share of memory for pipes allows it (fcntl(2), F_SETPIPE_SZ; pipe(7)):
    who writes and who reads take turns less often."""
    import contextlib
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def mapped() -> int:
    """Bytes of address space that this process has by now (proc(5)); 0 where that cannot be told."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def since_start() -> tuple[float, str]:
    """Seconds since the machine was started, time asleep among them, which no setting of the clock moves
    (clock_gettime(2), CLOCK_BOOTTIME), and a name of that start (random(4)), "" where there is none."""
    import time

    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            name = file.read(64).decode("ascii", "replace").strip()
    except OSError:
        name = ""
    return time.clock_gettime(time.CLOCK_BOOTTIME), name


def environments_above(pid: int) -> Iterator[bytes]:
    """The environment that each process above `pid` was started with, nearest first (proc(5)), as far as it may be
    read."""
    for _ in range(_MOST_ABOVE):
        pid = _parent(pid)
        if pid <= 1:
            return
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                yield file.read(_LONGEST_ENVIRONMENT)
        except OSError:
            continue


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def peer(sock: socket.socket) -> tuple[int, int, int]:
    """Process, user and group id of the other end of a connected Unix socket, by the kernel (SO_PEERCRED, unix(7))."""
    credentials = sock.getsockopt(_SOL_SOCKET, _SO_PEERCRED, _UCRED_BYTES)
    pid, uid, gid = (int.from_bytes(credentials[at : at + 4], "little") for at in (0, 4, 8))
    return pid, uid, gid
