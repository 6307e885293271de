"""Processes that are waited for with a deadline, and that all end when this one is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from secretguard.errors import GuardError

_lock = threading.Lock()
_running: set[int] = set()
_stopped = threading.Event()


def finished(start: Callable[[], subprocess.Popen[Any]], deadline: float, what: str, said: bytes = b"") -> int:
    """Start a process that leads a group of its own, tell it `said`, wait for its end, and return its status.

    Raises GuardError when it takes longer than `deadline` seconds, or was stopped: then nothing of its group runs on.
    """
    with _lock:
        if _stopped.is_set():
            raise GuardError("interrupted")
        process = start()
        _running.add(process.pid)
    try:
        process.communicate(said or None, timeout=max(0.1, deadline))
        if _stopped.is_set():
            raise GuardError("interrupted")
        return process.returncode
    except subprocess.TimeoutExpired:
        raise GuardError(f"{what} took longer than {deadline:.0f} s") from None
    finally:
        _end(process.pid)
        process.wait()
        with _lock:
            _running.discard(process.pid)


def stop() -> None:
    """End all that run, and let none begin until `go`."""
    with _lock:
        _stopped.set()
        for pid in _running:
            _end(pid)


def go() -> None:
    """Let processes begin (again)."""
    _stopped.clear()


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return  # all of it has ended
