"""A small process beside the supervisor, for the one end that the supervisor cannot handle: its own `kill -9`.

It holds the reading end of a pipe. When the pipe closes without the word that all is done, the supervisor is gone,
and the watcher does what it would have done. It is forked before the supervisor holds any key or starts a thread.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable


class Watcher:
    """The supervisor's side: `pid`, and what the watcher has to know."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self._pipe = pipe
        self._settled = False

    def task(self, task_id: str) -> None:
        """This task is to be ended if the supervisor dies."""
        self._write(f"task {task_id}\n")

    def scratch(self, path: str) -> None:
        """This directory is to be removed if the supervisor dies."""
        self._write(f"scratch {path}\n")

    def done(self) -> None:
        """The supervisor has taken everything back itself."""
        self._write("done\n")
        self._settled = True

    def close(self) -> None:
        """Let the watcher go. Unless all is done it now does the rest, and may outlive this process."""
        os.close(self._pipe)
        if self._settled:
            os.waitpid(self.pid, 0)

    def _write(self, line: str) -> None:
        os.write(self._pipe, line.encode())


def watch(finish: Callable[[str], None]) -> Watcher:
    """Fork the watcher. `finish(task_id)` runs in it if this process dies, or lets it go, with a task open.

    To be called while the process has one thread and holds no secret.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reading)
        return Watcher(pid, writing)
    try:
        os.close(writing)
        _attend(reading, finish)
    finally:
        os._exit(0)


def _attend(reading: int, finish: Callable[[str], None]) -> None:
    os.setsid()  # out of the terminal's reach: Ctrl-C and a hang-up are the supervisor's to handle
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)  # standard error stays: what had to be done is said there
    notes: dict[str, str] = {}
    with os.fdopen(reading) as pipe:
        for line in pipe:
            word, _, value = line.rstrip("\n").partition(" ")
            notes[word] = value
    if "done" in notes:
        return
    try:
        if "task" in notes:
            finish(notes["task"])
    finally:
        if "scratch" in notes:
            shutil.rmtree(notes["scratch"], ignore_errors=True)
