"""Starting a real server on a spare loopback port, not as root, and stopping it for sure."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STOP_SECONDS = 8.0


def unprivileged() -> str | None:
    """Whom to run servers as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def as_user(user: str | None) -> dict[str, Any]:
    """The arguments of Popen that start a process as `user`; none for None."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def give(folder: Path, user: str | None) -> None:
    """Make `folder` the property of `user`."""
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)


def within_reach(program: Path, folder: Path) -> Path:
    """`program` under a path that any user can follow: root's cache is closed to others, `folder` is theirs."""
    reachable = folder / program.name
    try:
        os.link(program, reachable)
    except OSError:  # another file system
        shutil.copy2(program, reachable)
    return reachable


def spare_port() -> int:
    """A loopback port that was free a moment ago; start again with another when the server finds it taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float, name: str) -> None:
    """Poll `ready` until it holds. Raises RuntimeError when the process ends or `seconds` have passed."""
    until = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with status {process.returncode} before it was ready")
        if time.monotonic() > until:
            raise RuntimeError(f"{name} was not ready after {seconds} s")
        time.sleep(0.03)


def stop(process: subprocess.Popen[bytes], signal: int) -> None:
    """Ask with `signal`, then kill; the process is gone when this returns."""
    if process.poll() is None:
        process.send_signal(signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(STOP_SECONDS)
