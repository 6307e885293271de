"""Answers of the last minute, so that a request whose answer was lost on the way can be asked again by its key.

Secrets are not stored. They stay in this process's memory for REPLAY_SECONDS and at most MAX_KEPT of them; after that
the same idempotency key is answered with Conflict, which says how to go on: revoke that lease, ask with a new key.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from broker.errors import Conflict
from broker.lease import Lease, LeaseState, Minted

REPLAY_SECONDS = 60
MAX_KEPT = 1000


class Replies:
    """Minted credentials by lease id. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Minted]] = OrderedDict()

    def keep(self, lease_id: str, minted: Minted) -> None:
        """Remember the answer for REPLAY_SECONDS."""
        with self._lock:
            self._purge()
            self._kept[lease_id] = (time.monotonic() + REPLAY_SECONDS, minted)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)

    def drop(self, lease_id: str) -> None:
        """Forget it: the lease was taken back."""
        with self._lock:
            self._kept.pop(lease_id, None)

    def again(self, lease: Lease) -> Minted:
        """The credential of a lease that the same request got before. Raises Conflict when it cannot be given again."""
        with self._lock:
            self._purge()
            kept = self._kept.get(lease.id)
        if lease.state is LeaseState.ISSUED and kept is not None:
            return kept[1]
        if lease.state in (LeaseState.INTENDED, LeaseState.MINTED):
            raise Conflict("this request is being answered right now", "ask again in a second", rule="idempotency")
        if lease.state is LeaseState.ISSUED:
            fix = f"revoke {lease.id} and ask with a new idempotency key; the broker keeps no secrets"
            raise Conflict(f"this request was answered already, as {lease.id}", fix, rule="idempotency")
        fix = "ask with a new idempotency key"
        raise Conflict(f"this request ended as {lease.id}, {lease.state.value}", fix, rule="idempotency")

    def _purge(self) -> None:
        now = time.monotonic()
        while self._kept and next(iter(self._kept.values()))[0] <= now:
            self._kept.popitem(last=False)
