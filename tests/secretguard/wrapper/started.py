"""The wrapper as a process of its own, the way the client starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from secretguard.wrapper import main as entry

TOKEN = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
DEADLINE = 20.0
BEGUN: list[subprocess.Popen[bytes]] = []
"""What `begun` started in this test; nothing of it outlives the test (`conftest.py`)."""


def words(line: str, shell: str = "bash") -> list[str]:
    """The command that runs `line` in the wrapper."""
    libraries = sysconfig.get_path("platlib")
    return [sys.executable, "-I", "-S", str(entry.__file__), libraries, shell, line]


def ran(line: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    """What came of `line` in the wrapper; standard output and error apart."""
    options: dict[str, object] = {"capture_output": True, "timeout": DEADLINE, "stdin": subprocess.DEVNULL}
    return subprocess.run(words(line), check=False, **{**options, **more})  # type: ignore[call-overload,no-any-return]


def begun(line: str, **more: object) -> subprocess.Popen[bytes]:
    """`line` in the wrapper, in a session of its own as the client makes one, still running."""
    options: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    process = subprocess.Popen(words(line), start_new_session=True, preexec_fn=_heeded, **{**options, **more})  # type: ignore[call-overload]
    BEGUN.append(process)
    return process  # type: ignore[no-any-return]


def _heeded() -> None:
    """A run that was started with `nohup` or `&` ignores signals, and so would what it starts."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def until(true: Callable[[], bool]) -> bool:
    """Wait for something to become true; whether it did."""
    end = time.monotonic() + DEADLINE
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def running(pid: int) -> bool:
    """Whether a process runs: there, and not only waiting for its parent to hear of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of a session behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
