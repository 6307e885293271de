"""A started sandbox, and how to be sure that nothing of it is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import Protocol, TypedDict

from broker.sandbox.plan import Plan

GRACE = 5.0
"""Seconds for the kernel to take a sandbox apart before this says that it could not."""


class Running:
    """`process` ends with the command's own status, 128+N for a signal. `lifeline`, where the tier has one, is the
    descriptor whose closing tells the tier's helper to kill everything."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: int | None = None) -> None:
        self.process = process
        self._lifeline = lifeline

    def stop(self) -> None:
        """Kill everything in the sandbox; done when it returns.

        What the tier's process started goes first: when bwrap then reports the end of its first process, the kernel
        has ended every other process of that namespace. The helper of the other tier kills by itself when its
        lifeline goes; only where it does not answer is it killed.
        """
        if self._lifeline is None:
            kill_all(descendants(self.process.pid))
        self.release()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            kill_all([*descendants(self.process.pid), self.process.pid])
            self.process.wait(GRACE)

    def release(self) -> None:
        """Let go of the lifeline."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


class Streams(TypedDict, total=False):
    """Standard streams for Popen; none given means the caller's."""

    stdin: int
    stdout: int
    stderr: int


def streams(capture: bool) -> Streams:
    """The caller's own streams, or no input and all output in one pipe."""
    if not capture:
        return {}
    return {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


class Tier(Protocol):
    """One way of confining a command."""

    name: str

    def describe(self) -> str:
        """Name, version and promise in one line."""

    def start(self, plan: Plan, *, capture: bool = False) -> Running:
        """Start the plan's command with the caller's standard streams, or, where `capture`, with no input and its
        output in `process.stdout`. The death of the caller kills it. Raises SandboxError."""


def descendants(pid: int) -> list[int]:
    """Every living process below `pid`, parents first. Read once from /proc; a process may end meanwhile."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            parent = _parent(int(entry))
            if parent is not None:
                children.setdefault(parent, []).append(int(entry))
    found, queue = [], [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def is_below(pid: int, ancestor: int) -> bool:
    """Is `pid` a living process that `ancestor` has started, at whatever remove?"""
    parent = _parent(pid)
    while parent and parent != ancestor:
        parent = _parent(parent)
    return bool(parent)


def kill_all(pids: list[int]) -> None:
    """SIGKILL each, through a descriptor, so that a number that was given to another process meanwhile is safe."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            handle = os.pidfd_open(pid)
            try:
                if _parent(pid) is not None:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                os.close(handle)


def clear_descendants(pid: int, seconds: float, spare: frozenset[int] = frozenset()) -> bool:
    """Kill whatever lives below `pid`, again and again as it forks, but not `spare`; True once two looks find none."""
    ends_at = time.monotonic() + seconds
    quiet = 0
    while quiet < 2:
        alive = [found for found in descendants(pid) if found not in spare]
        quiet = 0 if alive else quiet + 1
        kill_all(alive)
        if alive and time.monotonic() > ends_at:
            return False
        if alive:
            time.sleep(0.01)
    return True


def _parent(pid: int) -> int | None:
    """The parent of a process that is alive, None for a zombie or no process (proc(5), stat: name in parentheses)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else int(parent)
