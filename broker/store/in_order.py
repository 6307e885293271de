"""A lock for threads that goes to whoever waits longest.

`threading.Lock` and SQLite's own both let a thread that writes without a pause take them again and again: another one,
which asked long before, gives up after its seconds. In one process SQLite's writers therefore queue here first.
"""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Iterator


class InOrder:
    """Held by one thread at a time, in the order of asking. A thread that holds it must not ask again."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: collections.deque[threading.Event] = collections.deque()

    @contextlib.contextmanager
    def turn(self, seconds: float) -> Iterator[bool]:
        """Hold it for the block; False where `seconds` were not enough: then the block runs without it."""
        held = self._take(seconds)
        try:
            yield held
        finally:
            if held:
                self._pass_on()

    def _take(self, seconds: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            mine.wait(seconds)
        except BaseException:  # Ctrl-C while it waits
            if self._left(mine):
                self._pass_on()
            raise
        return self._left(mine)

    def _left(self, mine: threading.Event) -> bool:
        """Out of the queue; whether it was given its turn meanwhile."""
        with self._guard:
            if not mine.is_set():
                self._waiting.remove(mine)
            return mine.is_set()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False
