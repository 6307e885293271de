"""Who may read the pages: a one-time link for an operator, exchanged for a session that lives an hour.

Both are 256-bit random values of which only digests are kept, in memory: a restart of the broker ends all of them, and
nothing that a database copy holds opens a page. A link travels in a URL's fragment, which no server and no log sees.
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import threading
from collections.abc import Callable

from secretguard.secret import Secret

LINK_SECONDS = 300
SESSION_SECONDS = 3600
MAX_HELD = 1000
"""Most links, and most sessions, that are held at once; the oldest goes first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """Whose it is (a caller's stable id) and until when it works (seconds of the sessions' clock)."""

    who: str
    until: float


class Sessions:
    """The links and sessions of one broker process, by a clock in seconds. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[str, Held] = {}
        self._open: dict[str, Held] = {}

    def link(self, who: str) -> Secret:
        """A code that opens one session for `who`, once, within LINK_SECONDS."""
        return self._keep(self._links, Held(who, self._clock() + LINK_SECONDS))

    def exchange(self, code: str) -> tuple[Secret, str] | None:
        """The session's value and whose it is, for a code that is known and fresh; None for any other."""
        with self._lock:
            held = self._links.pop(_digest(code), None)
        if held is None or held.until <= self._clock():
            return None
        return self._keep(self._open, Held(held.who, self._clock() + SESSION_SECONDS)), held.who

    def who(self, session: str) -> str | None:
        """Whose session this is; None when there is none such, or no more."""
        with self._lock:
            held = self._open.get(_digest(session))
        return held.who if held is not None and self._clock() < held.until else None

    def _keep(self, where: dict[str, Held], held: Held) -> Secret:
        value = secrets.token_urlsafe(32)
        with self._lock:
            while len(where) >= MAX_HELD:
                del where[next(iter(where))]
            where[_digest(value)] = held
        return Secret(value)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
