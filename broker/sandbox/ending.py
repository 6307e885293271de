"""How a run ends: the first reason counts, and taking everything back goes on until the broker has confirmed it."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Protocol

from broker.errors import BrokerError, Conflict, NotFound, Refused, Unauthenticated
from broker.receipt import Receipt, Revocation
from broker.task import TaskState

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TIMED_OUT = 124
"""Exit status of timeout(1), used here for the same thing."""

_OVER = (Conflict, NotFound, Refused, Unauthenticated)


class Bell:
    """Rung once, by a signal or by a thread, to stop the command. `fileno` becomes readable with it."""

    def __init__(self) -> None:
        self.why = ""
        self.status = 0
        self._lock = threading.Lock()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)

    def ring(self, why: str, status: int) -> None:
        """Stop for this reason, unless there is one already; `status` is the exit status it gives."""
        if self._lock.acquire(blocking=False):  # never released: the first one counts
            self.why, self.status = why, status
            os.write(self._writing, b"x")

    def fileno(self) -> int:
        return self._reading

    def on_signals(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP ring, from now on. To be called by the main thread."""
        for number in STOPS:
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self.ring(f"signal {signal.Signals(number).name}", 128 + number)


class Observed(Protocol):
    """The part of a session that the heartbeat needs."""

    def task(self) -> dict[str, object]: ...


class Heartbeat:
    """Asks for the task's state every `seconds`, and rings when the broker says that the task is over.

    A broker that does not answer is no reason to stop: what it has issued ends by itself, and it issues nothing.
    """

    def __init__(self, session: Observed, bell: Bell, seconds: float) -> None:
        self._session = session
        self._bell = bell
        self._seconds = seconds
        self._stopped = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    def _beat(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                over = self._session.task().get("state") in (TaskState.ENDED, TaskState.KILLED)
            except _OVER:
                over = True
            except BrokerError:
                over = False
            if over and not self._stopped.is_set():
                self._bell.ring("the task is over at the broker", 128 + signal.SIGKILL)


class Ender(Protocol):
    """What can end a task: the launcher's client."""

    def end(self, task_id: str) -> Receipt: ...


def end_task(broker: Ender, task_id: str, seconds: float) -> tuple[Receipt | None, str]:
    """End the task; again, with growing pauses, until all is confirmed or `seconds` are over.

    The last receipt (None where there never was one), and the last failure in words ("" where the last call worked).
    """
    ends_at = time.monotonic() + seconds
    receipt: Receipt | None = None
    pause = 0.2
    while True:
        failure = ""
        try:
            receipt = broker.end(task_id)
        except BrokerError as error:
            failure = error.message
        settled = receipt is not None and not failure and not unsettled(receipt)
        if settled or time.monotonic() + pause > ends_at:
            return receipt, failure
        time.sleep(pause)
        pause = min(pause * 2, 5.0)


def unsettled(receipt: Receipt) -> bool:
    """Is a revocation still under way? A credential that cannot be taken back before its end is settled."""
    return any(line.revocation is Revocation.QUEUED for line in receipt.lines)
