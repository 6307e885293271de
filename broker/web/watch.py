"""The log's state for the badge: verified again and again in the background, never inside a request.

A *full* check reads every entry; the next one begins when twenty times as long as the last took has gone by, so that a
long log costs a twentieth of one core at most. Between two of them what was added is checked (`growth.py`). The badge
says how far it reaches and when it was made. What one full check saw is the pin of the next, so that a store which is
put back or cut off while this process runs shows. A finding is kept until the broker starts anew: a row that was
edited and then restored was still edited.
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
from broker.web.growth import Growth, grown

EVERY_SECONDS = 10.0
FULL_SECONDS = 15.0
SHARE = 20
FIRST_WAIT_SECONDS = 2.0
"""How long the first page after a start waits for the first check; a longer log shows as *cannot tell* until then."""


@dataclasses.dataclass(frozen=True, slots=True)
class Alarm:
    """What a check found: `tampered` or `incomplete`, in words, at a time (Unix seconds)."""

    outcome: str
    findings: tuple[str, ...]
    at: float


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """`full` is the newest full check, which took `seconds`; `size` entries were checked by `at`, those added since
    among them. All are empty before the first. `running`: a check is at work. `trouble`: why the newest one could not
    be made, or "". `alarm`: the worst finding since the start."""

    full: activity.Integrity | None = None
    seconds: float = 0.0
    size: int = 0
    at: float = 0.0
    running: bool = False
    trouble: str = ""
    alarm: Alarm | None = None

    @property
    def word(self) -> str:
        """The badge: what was found and stays found, else the newest full check's word."""
        if self.alarm is not None:
            return self.alarm.outcome
        return self.full.outcome if self.full is not None and not self.trouble else "cannot tell"


class Watch:
    """Verifies one log. Safe to share between threads."""

    def __init__(self, database: Database, key: Ed25519PublicKey, clock: Callable[[], float]) -> None:
        self._database, self._key, self._clock = database, key, clock
        self._lock = threading.Lock()
        self._state = State()
        self._grown: Growth | None = None
        self._due = self._full_due = 0.0
        self._check: threading.Thread | None = None

    def state(self) -> State:
        """What is known now. Begins a check when one is due; waits for none but the first, and for that not long."""
        with self._lock:
            if self._check is None and time.monotonic() >= self._due:
                self._state = dataclasses.replace(self._state, running=True)
                self._check = threading.Thread(target=self._run, name="log watch", daemon=True)
                self._check.start()
            at_work, known = self._check, self._state.full is not None or self._state.trouble
        if at_work is not None and not known:
            at_work.join(FIRST_WAIT_SECONDS)
        with self._lock:
            return self._state

    def close(self) -> None:
        """Begin no further check, and wait for a running one, so that the store is not closed under it."""
        with self._lock:
            at_work, self._due = self._check, float("inf")
        if at_work is not None:
            at_work.join(FIRST_WAIT_SECONDS)

    def _run(self) -> None:
        state = self._state
        try:
            if self._grown is None or time.monotonic() >= self._full_due:
                state = self._full(state)
            else:
                state = self._growth(state, self._grown)
        except RecordFailed as error:
            state = dataclasses.replace(state, trouble=error.message)
        except Exception as fault:  # a badge that stands still must not be the only sign of a defect
            state = dataclasses.replace(state, trouble=f"the check failed unforeseen ({type(fault).__name__})")
        with self._lock:
            self._state = dataclasses.replace(state, running=False)
            self._due = max(self._due, time.monotonic() + EVERY_SECONDS)
            self._check = None

    def _full(self, before: State) -> State:
        began = time.monotonic()
        pin = before.full.note if before.full is not None and before.full.note else None
        found = activity.integrity(self._database, self._key, self._clock(), pin)
        seconds = time.monotonic() - began
        if pin is not None:  # kept by this very process: it shows what changed since, and vouches for nothing before
            found = dataclasses.replace(found, anchor="signed checkpoints, that of the check before among them")
        self._full_due = time.monotonic() + max(FULL_SECONDS, SHARE * seconds)
        self._grown = Growth(int(found.note.split("\n")[1]), found.root) if found.outcome == "intact" else None
        late = found.outcome == "incomplete" and all(one.startswith("unsigned:") for one in found.findings)
        alarm = None if late else Alarm(found.outcome, found.findings, found.checked_at)  # a signer elsewhere may lag
        return State(found, seconds, found.size, found.checked_at, alarm=_worse(before.alarm, alarm))

    def _growth(self, before: State, since: Growth) -> State:
        now, found = self._clock(), grown(self._database, self._key, since)
        self._grown = found if not found.findings else None  # the next check is a full one
        alarm = Alarm("tampered", found.findings, now) if found.findings else None
        size = max(before.size, found.size)
        return dataclasses.replace(before, size=size, at=now, trouble="", alarm=_worse(before.alarm, alarm))


def _worse(known: Alarm | None, found: Alarm | None) -> Alarm | None:
    """The finding to keep: the first one, unless a later one is worse."""
    if found is None or found.outcome not in ("tampered", "incomplete"):
        return known
    return found if known is None or (known.outcome, found.outcome) == ("incomplete", "tampered") else known
