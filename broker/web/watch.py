"""The log's state for the badge: verified again and again in the background, never inside a request.

One pass verifies every entry. The next one begins when twenty times as long as the last took has gone by, and not
before MIN_SECONDS: a long log costs a twentieth of one core at most, and a badge says when it was made and how far it
reaches. What one pass saw is the pin of the next, so that a store which is put back or cut off while this process runs
shows. A finding is kept: a row that was edited and then restored was still edited.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker import activity
from broker.errors import RecordFailed
from broker.store.database import Database

MIN_SECONDS = 15.0
SHARE = 20
FIRST_WAIT_SECONDS = 2.0
"""How long the first page after a start waits for the first pass; a longer log shows as *cannot tell* until then."""


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """`last` is the newest finished pass and `seconds` what it took, None before the first; `running` whether another
    is at work; `trouble` why the newest one could not be finished, or ""; `worst` the first pass since the start that
    found something, or None."""

    last: activity.Integrity | None = None
    seconds: float = 0.0
    running: bool = False
    trouble: str = ""
    worst: activity.Integrity | None = None

    @property
    def word(self) -> str:
        """The badge: the last pass's word, unless an earlier one was worse or nothing is known."""
        if self.worst is not None:
            return self.worst.outcome
        return self.last.outcome if self.last is not None and not self.trouble else "cannot tell"


class Watch:
    """Verifies one log. Safe to share between threads."""

    def __init__(self, database: Database, key: Ed25519PublicKey, clock: Callable[[], float]) -> None:
        self._database, self._key, self._clock = database, key, clock
        self._lock = threading.Lock()
        self._state = State()
        self._due = 0.0
        self._pass: threading.Thread | None = None

    def state(self) -> State:
        """What is known now. Begins a pass when one is due; waits for none but the first, and for that not long."""
        with self._lock:
            if self._pass is None and time.monotonic() >= self._due:
                self._state = dataclasses.replace(self._state, running=True)
                self._pass = threading.Thread(target=self._verify, name="log watch", daemon=True)
                self._pass.start()
            at_work, known = self._pass, self._state.last is not None or self._state.trouble
        if at_work is not None and not known:
            at_work.join(FIRST_WAIT_SECONDS)
        with self._lock:
            return self._state

    def close(self) -> None:
        """Wait for a running pass, so that the store is not closed under it."""
        with self._lock:
            at_work, self._due = self._pass, float("inf")
        if at_work is not None:
            at_work.join(FIRST_WAIT_SECONDS)

    def _verify(self) -> None:
        began, before = time.monotonic(), self._state.last
        trouble, found = "", None
        try:
            pin = before.note if before is not None and before.note else None
            found = activity.integrity(self._database, self._key, self._clock(), pin)
        except RecordFailed as error:
            trouble = error.message
        except Exception as fault:  # a badge that stops moving must not be the only sign of a defect
            trouble = f"the check failed in an unforeseen way ({type(fault).__name__})"
        seconds = time.monotonic() - began
        with self._lock:
            self._state = _after(self._state, found, seconds, trouble)
            if self._due != float("inf"):
                self._due = time.monotonic() + max(MIN_SECONDS, SHARE * seconds)
            self._pass = None


def _after(state: State, found: activity.Integrity | None, seconds: float, trouble: str) -> State:
    if found is None:
        return dataclasses.replace(state, running=False, trouble=trouble)
    bad = found.outcome in ("tampered", "incomplete")
    worse = state.worst is None or (state.worst.outcome == "incomplete" and found.outcome == "tampered")
    return State(found, seconds, False, "", found if bad and worse else state.worst)
