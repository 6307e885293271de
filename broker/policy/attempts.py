"""How often one caller may have something compiled. Kept in this process: a refused proposal is in no store."""

from __future__ import annotations

import threading

from broker.errors import TooMany

EACH, SECONDS = 20, 3600
"""Attempts of one caller in so many seconds."""

MAX_CALLERS = 1000
"""Callers that are remembered; the one that was silent for longest is forgotten first."""


class Attempts:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, list[float]] = {}

    def count(self, caller: str, now: float) -> None:
        """One more attempt at `now` (Unix seconds). Raises TooMany beyond EACH in SECONDS."""
        with self._lock:
            made = [at for at in self._made.pop(caller, []) if now - SECONDS < at <= now]
            if len(made) < EACH:
                made.append(now)
                refused = False
            else:
                refused = True
            self._made[caller] = made
            while len(self._made) > MAX_CALLERS:
                del self._made[next(iter(self._made))]
        if refused:
            raise TooMany(f"{EACH} policies proposed within an hour", "try again later", rule="policy-flood")
