"""Starting a real server on a spare loopback port and stopping it for sure."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

STOP_SECONDS = 8.0


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
