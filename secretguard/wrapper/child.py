"""The program inside the wrapper: started, sent on what is meant for it, and its end made ours. Hot path."""

from __future__ import annotations

import os
from time import monotonic

from secretguard.wrapper import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_GRACE = 0.05
"""Seconds in which a program ends by itself if it, too, was sent the signal that we were sent: then it is not sent
again, because many programs take a second one for "at once"."""


class Child:
    """A running program. `status` is that of wait(2), None while it runs."""

    def __init__(self, words: list[str], out: int, err: int) -> None:
        """Start `words`, found by PATH, with `out` and `err` as its output, all else ours. Raises OSError."""
        self._keys = os.isatty(0)
        self._due: list[tuple[float, int]] = []
        self.status: int | None = None
        self.pid = os.posix_spawnp(
            words[0], words, os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2)],
            setsigmask=(), setsigdef=signals.restored(),
        )  # fmt: skip

    def heard(self, numbers: bytes) -> None:
        """We were sent these signals: they are meant for the program, unless a terminal has sent them to it as well."""
        for number in numbers:
            if number != signals.CHILD and not (self._keys and number in signals.FROM_KEYS):
                self._due.append((monotonic() + _GRACE, number))

    def tend(self) -> float | None:
        """Pass on what is due and see whether the program ended; the seconds until there is more to pass on."""
        if self.status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.status = status
        if self.status is not None:
            self._due.clear()
        now = monotonic()
        for _, number in (due for due in self._due if due[0] <= now):
            os.kill(self.pid, number)  # ours until we have waited for it: the number cannot be another's
        self._due = [due for due in self._due if due[0] > now]
        return self._due[0][0] - now if self._due else None


def end_as(status: int) -> NoReturn:
    """End this process as a program with this status of wait(2) did. Does not return."""
    if os.WIFSIGNALED(status):
        signals.end_by(os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))
