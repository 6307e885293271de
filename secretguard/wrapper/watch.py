"""The watcher: a process that does nothing until the wrapper dies, and then ends what the wrapper had started.

A wrapper that is killed (SIGKILL) can clean up nothing by itself, and a program whose output nobody takes any more may
run on for ever unseen. Hot path.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half: `signal` itself imports enum
import os

from secretguard.wrapper import signals

_DONE = b"."
_LONGEST = 64


class Watcher:
    """The watcher of this process; made before anything is started."""

    def __init__(self) -> None:
        read, self._line = os.pipe()
        ours = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(self._line)
                _watch(read, ours)
            finally:
                os._exit(0)
        os.close(read)

    def over(self, pid: int) -> None:
        """Watch over the program `pid`."""
        os.write(self._line, str(pid).encode())

    def dismiss(self) -> None:
        """There is nothing to watch over any more; waits until the watcher is gone."""
        os.write(self._line, _DONE)
        os.close(self._line)
        os.waitpid(self._pid, 0)


def _watch(line: int, wrapper: int) -> None:
    signals.ignore()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # whoever reads our output waits until nobody holds it any more
        os.dup2(null, descriptor)
    said = b""
    while piece := os.read(line, _LONGEST):
        said += piece
    if not said or said.endswith(_DONE):
        return
    for pid in below(int(said)):
        try:
            os.kill(pid, _signal.SIGKILL)
        except ProcessLookupError:
            continue
    if os.getpgrp() == wrapper and os.getsid(0) == wrapper:  # all of the session was the wrapper's: ours ends with it
        os.killpg(wrapper, _signal.SIGKILL)


def below(pid: int) -> list[int]:
    """`pid` and the processes that descend from it, where the system has a /proc to read; else `pid` alone."""
    children: dict[int, list[int]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        names = []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])  # proc(5): state, ppid
        except (OSError, ValueError, IndexError):
            continue  # it ended meanwhile
        children.setdefault(parent, []).append(int(name))
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found
